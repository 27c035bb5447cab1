/**
 * The outputs of one component for one golden case, by the names the fixtures give them.
 *
 * Invariant: graphs are the ones the application runs; nothing here computes what a graph should.
 */
import {
  type Architecture,
  type Component,
  componentGraph,
  type LoraAtWeight,
  type Part,
  pooledPlaces,
} from '../../models/index.ts'
import { posteriorSample } from '../posterior.ts'
import type { GraphRunner, Tensor } from '../run-graph.ts'

type Tensors = Readonly<Record<string, Tensor>>

/** What the fixtures call an architecture. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  unet: 'unet',
  clip_text: 'clip-text',
  clip_text_projection: 'clip-text',
  autoencoder_kl: 'autoencoder',
  asymmetric_autoencoder_kl: 'asymmetric-autoencoder',
  autoencoder_tiny: 'tiny-autoencoder',
}

const ROLES = { unet: 'unet', 'clip-text': 'text_encoder' } as const

/** A component of the golden folder. `role` is told where a family may play several. */
export function goldenComponent(
  family: string,
  given: Pick<Component, 'config' | 'tensors' | 'source'> & { readonly role?: Component['role'] },
): Component {
  const architecture = ARCHITECTURES[family]
  if (!architecture) throw new Error(`no architecture is called ${family}`)
  const role = architecture in ROLES ? ROLES[architecture as keyof typeof ROLES] : 'vae'
  return { role, architecture, ...given }
}

/** @param wanted the names of the outputs that the case lists; more may come */
export async function goldenOutputs(
  component: Component,
  inputs: Tensors,
  wanted: readonly string[],
  runner: GraphRunner,
  loras: readonly LoraAtWeight[] = [],
): Promise<Tensors> {
  const features = wanted.some((name) => name.startsWith('condition_feature_'))
  const softMask = inputs['mask']?.data.some((value) => value > 0 && value < 1) ?? false
  const run = (part: Part, given = inputs) =>
    runner.run(componentGraph(component, part, { loras, features, softMask }), given)
  switch (component.architecture) {
    case 'unet': {
      const { noise } = await run('denoiser')
      return { sample: noise! }
    }
    case 'clip-text':
      return clipText(component.config, inputs, wanted, run)
    case 'latent-denoiser':
      return run('denoiser')
    case 'small-asymmetric-decoder':
      return run(inputs['mask'] ? 'conditioned-decoder' : 'decoder')
    case 'tiny-autoencoder':
      return { ...(await run('encoder')), ...(await run('decoder')) }
    case 'autoencoder':
    case 'asymmetric-autoencoder': {
      const decoded = await run(inputs['mask'] ? 'conditioned-decoder' : 'decoder')
      if (!inputs['noise'] || !wanted.some((name) => POSTERIOR.includes(name))) return decoded
      const { moments } = await run('encoder')
      return { ...decoded, moments: moments!, ...posteriorSample(moments!, inputs['noise']) }
    }
  }
}

const POSTERIOR = ['moments', 'mode', 'posterior_sample']

async function clipText(
  config: unknown,
  inputs: Tensors,
  wanted: readonly string[],
  run: (part: Part, inputs: Tensors) => Promise<Tensors>,
): Promise<Tensors> {
  const { eos_token_id: configured = CLIP_END } = config as { eos_token_id?: number }
  const ids = inputs['input_ids']!
  const [batch, length] = ids.shape as [number, number]
  const rows = Array.from({ length: batch }, (_, i) =>
    Array.from(ids.data.slice(i * length, (i + 1) * length), Number),
  )
  const pooledAt = (end: number) => {
    const data = BigInt64Array.from(pooledPlaces(rows, end), BigInt)
    return run('text', { ...inputs, pooled_place: { data, shape: [batch, 1] } })
  }
  const { hidden_state, normed_hidden_state, ...outputs } = await pooledAt(configured)
  const named = {
    ...outputs,
    penultimate_hidden_state: hidden_state!,
    penultimate_after_final_layer_norm: normed_hidden_state!,
  }
  if (!wanted.includes('pooler_output_at_first_eos')) return named
  const { pooler_output } = await pooledAt(endToken(rows, configured))
  return { ...named, pooler_output_at_first_eos: pooler_output! }
}

/** What a configuration means that states no end token. */
const CLIP_END = 49407

/**
 * The tokenizer's own end token: the configuration's, where every row has it; else, as where that is the 2 of all published
 * ones, the lowest id above the start token's that every row has: words lie below both, added tokens above.
 */
function endToken(rows: readonly (readonly number[])[], configured: number): number {
  const [first = [], ...others] = rows
  const start = first[0] ?? 0
  const common = first.filter((id) => id !== start && others.every((row) => row.includes(id)))
  if (configured !== 2 && common.includes(configured)) return configured
  const above = common.filter((id) => id > start)
  return above.length > 0 ? Math.min(...above) : Math.max(...common)
}
