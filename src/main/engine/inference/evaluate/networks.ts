/**
 * The sessions of an evaluation.
 *
 * Invariant: after somebody cancelled no network is started any more; one that runs is waited for, because it cannot be
 * stopped. Every session is given back by `release`.
 */
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import { latentDenoiserConfig } from '../../models/architectures/built-in-config.ts'
import type { DenoiserConfig } from '../../models/architectures/latent-denoiser.ts'
import type { BuiltInModel } from '../../models/checkpoint/built-in.ts'
import { type Component, componentGraph, type Part } from '../../models/index.ts'
import type { Network } from '../asymmetric-decode.ts'
import { Session } from '../session.ts'

export type DecoderChoice = 'plain' | 'asymmetric'

export interface EvaluatedNetworks {
  readonly encoder: Network
  readonly plain: Network | null
  readonly asymmetric: Network | null
  readonly denoiser: { readonly network: Network; readonly config: DenoiserConfig } | null
  release(): Promise<void>
}

/** Decoders take `cells`. @throws InlayError `model.incomplete` for a decoder that the model has not */
export async function openNetworks(
  model: BuiltInModel,
  decoder: DecoderChoice | undefined,
  signal: AbortSignal | undefined,
): Promise<EvaluatedNetworks> {
  const { autoencoder, asymmetricDecoder } = model
  if (decoder === 'asymmetric' && !asymmetricDecoder)
    throw new InlayError(
      'model.incomplete',
      'This model has no asymmetric decoder yet; evaluate --decoder plain.',
    )
  const sessions: Session[] = []
  const open = async (component: Component, part: Part) => {
    const graph = componentGraph(component, part, { region: true })
    const session = await Session.open(graph)
    sessions.push(session)
    return cancellable(session, signal)
  }
  const release = async () => {
    for (const session of sessions.splice(0)) await session.release()
  }
  try {
    const encoder = await open(autoencoder, 'encoder')
    const plain = decoder === 'asymmetric' ? null : await open(autoencoder, 'decoder')
    const asymmetric =
      asymmetricDecoder && decoder !== 'plain' ? await open(asymmetricDecoder, 'conditioned-decoder') : null
    const denoiser = model.denoiser && {
      network: await open(model.denoiser, 'denoiser'),
      config: latentDenoiserConfig(model.denoiser.config, model.denoiser.source),
    }
    return { encoder, plain, asymmetric, denoiser, release }
  } catch (error) {
    await release()
    throw error
  }
}

/** A network that is not started once somebody cancelled. */
export function cancellable(network: Network, signal: AbortSignal | undefined): Network {
  return {
    async run(inputs) {
      throwIfCancelled(signal)
      const outputs = await network.run(inputs)
      throwIfCancelled(signal)
      return outputs
    },
  }
}
