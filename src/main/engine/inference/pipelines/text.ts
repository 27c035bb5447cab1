/**
 * Prompts through a checkpoint's text encoders.
 *
 * Invariant: prompts that are encoded together have equally many windows. Stable Diffusion 1 and 2 read the last layer after
 * the final norm; SDXL joins both encoders' last layer but one, and takes the second's pooled vector of the first window.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { pooledPlaces } from '../../models/index.ts'
import type { Network } from '../asymmetric-decode.ts'
import {
  applyWeights,
  type PromptTokenizer,
  type PromptWindow,
  promptWindows,
  withWindows,
} from '../prompt-windows.ts'
import type { Tensor } from '../tensors.ts'
import { floats, joined } from './latents.ts'

export interface Prompt {
  /** null stands for no words at all: zeros. */
  readonly text: string | null
  /** How many layers earlier than usual the encoder is read; 0 unless told. */
  readonly clipSkip?: number
}

export interface TextEncoder {
  /** The published one, or null. */
  readonly config: unknown
  /** What errors name. */
  readonly source: string
  /** @param skip how many of the last layers `hidden_state` leaves out */
  readonly open: (skip: number) => Promise<Network>
  readonly tokenizer: PromptTokenizer
}

export interface EncodedPrompt {
  /** (1, tokens, width) */
  readonly context: Tensor
  /** (1, width), of SDXL's second encoder. */
  readonly pooled: Tensor | null
}

/**
 * @param layer `last` (SD 1, SD 2) or `penultimate` (SDXL): what is read without clip skip
 * @throws InlayError `usage` for a prompt that is too long, or a clip skip beyond the encoder's layers
 */
export async function encodePrompts(
  encoders: readonly TextEncoder[],
  prompts: readonly Prompt[],
  layer: 'last' | 'penultimate',
): Promise<EncodedPrompt[]> {
  const parts: EncodedPrompt[][] = []
  for (const encoder of encoders) {
    const each = prompts.map(({ text }) => promptWindows(encoder.tokenizer, text ?? ''))
    const count = Math.max(...each.map((windows) => windows.length))
    const encoded: EncodedPrompt[] = []
    for (const [i, windows] of each.entries()) {
      const skip = (prompts[i]!.clipSkip ?? 0) + (layer === 'last' ? 0 : 1)
      const filled = withWindows(encoder.tokenizer, windows, count)
      encoded.push(await encodeWindows(encoder, filled, skip, layer === 'last'))
    }
    parts.push(encoded)
  }
  return prompts.map(({ text }, i) => {
    const own = parts.map((encoded) => encoded[i]!)
    const all = { context: sideBySide(own.map(({ context }) => context)), pooled: own.at(-1)!.pooled }
    return text === null ? { context: zeros(all.context), pooled: all.pooled && zeros(all.pooled) } : all
  })
}

async function encodeWindows(
  { config, source, open }: TextEncoder,
  windows: readonly PromptWindow[],
  skip: number,
  isNormed: boolean,
): Promise<EncodedPrompt> {
  const { eos_token_id: end = 2 } = (config ?? {}) as { eos_token_id?: number }
  const pieces: Float32Array[] = []
  let pooled: Tensor | null = null
  let width = 0
  let tokens = 0
  const network = await open(skip)
  for (const { ids, weights } of windows) {
    const outputs = await network.run({
      input_ids: { data: BigInt64Array.from(ids, BigInt), shape: [1, ids.length] },
      pooled_place: { data: BigInt64Array.from(pooledPlaces([[...ids]], end), BigInt), shape: [1, 1] },
    })
    const hidden = outputs[isNormed ? 'normed_hidden_state' : 'hidden_state']
    if (!hidden)
      throw new InlayError(
        'model.unsupported',
        `${source} does not give the layer that the prompt is to be read from; leave clip skip at 0, or choose the model's safetensors form.`,
      )
    pieces.push(applyWeights(floats(hidden), weights))
    pooled ??= outputs['text_embeds'] ?? null
    width = hidden.shape[2]!
    tokens += ids.length
  }
  return { context: { data: joined(pieces), shape: [1, tokens, width] }, pooled }
}

/** Joined along the width, token by token. */
function sideBySide(contexts: readonly Tensor[]): Tensor {
  if (contexts.length === 1) return contexts[0]!
  const tokens = contexts[0]!.shape[1]!
  const width = contexts.reduce((sum, { shape }) => sum + shape[2]!, 0)
  const rows = Array.from({ length: tokens }, (_, token) =>
    contexts.map((context) => {
      const own = context.shape[2]!
      return floats(context).subarray(token * own, (token + 1) * own)
    }),
  )
  return { data: joined(rows.flat()), shape: [1, tokens, width] }
}

function zeros({ data, shape }: Tensor): Tensor {
  return { data: new Float32Array(data.length), shape }
}
