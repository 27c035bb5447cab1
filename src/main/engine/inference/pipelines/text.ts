/**
 * Prompts through a checkpoint's text encoders.
 *
 * Invariant: prompts that are encoded together have equally many windows. Stable Diffusion 1 and 2 read the last layer after
 * the final norm; SDXL joins both encoders' last layer but one, and takes the second's pooled vector of the first window.
 */
import { type Component, pooledPlaces } from '../../models/index.ts'
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

export interface TextEncoder {
  readonly component: Component
  readonly network: Network
  readonly tokenizer: PromptTokenizer
}

export interface EncodedPrompt {
  /** (1, tokens, width) */
  readonly context: Tensor
  /** (1, width), of SDXL's second encoder. */
  readonly pooled: Tensor | null
}

/**
 * @param prompts null stands for no words at all: zeros
 * @param layer `last` (SD 1, SD 2) or `penultimate` (SDXL)
 * @throws InlayError `usage` for a prompt that is too long
 */
export async function encodePrompts(
  encoders: readonly TextEncoder[],
  prompts: readonly (string | null)[],
  layer: 'last' | 'penultimate',
): Promise<EncodedPrompt[]> {
  const parts: EncodedPrompt[][] = []
  for (const encoder of encoders) {
    const each = prompts.map((prompt) => promptWindows(encoder.tokenizer, prompt ?? ''))
    const count = Math.max(...each.map((windows) => windows.length))
    const encoded: EncodedPrompt[] = []
    for (const windows of each)
      encoded.push(await encodeWindows(encoder, withWindows(encoder.tokenizer, windows, count), layer))
    parts.push(encoded)
  }
  return prompts.map((prompt, i) => {
    const own = parts.map((encoded) => encoded[i]!)
    const all = { context: sideBySide(own.map(({ context }) => context)), pooled: own.at(-1)!.pooled }
    return prompt === null ? { context: zeros(all.context), pooled: all.pooled && zeros(all.pooled) } : all
  })
}

async function encodeWindows(
  { component, network }: TextEncoder,
  windows: readonly PromptWindow[],
  layer: 'last' | 'penultimate',
): Promise<EncodedPrompt> {
  const { eos_token_id: end = 2 } = component.config as { eos_token_id?: number }
  const pieces: Float32Array[] = []
  let pooled: Tensor | null = null
  let width = 0
  let tokens = 0
  for (const { ids, weights } of windows) {
    const outputs = await network.run({
      input_ids: { data: BigInt64Array.from(ids, BigInt), shape: [1, ids.length] },
      pooled_place: { data: BigInt64Array.from(pooledPlaces([[...ids]], end), BigInt), shape: [1, 1] },
    })
    const hidden = outputs[layer === 'last' ? 'last_hidden_state' : 'hidden_state']!
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
