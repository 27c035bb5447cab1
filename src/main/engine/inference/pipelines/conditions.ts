/**
 * What a denoiser is told besides latents and time, and how its answers become one.
 *
 * Invariant: there is one row of everything for each evaluation that a step needs; guidance 1, or a denoiser that takes the
 * guidance itself, needs one.
 */
import type { Size } from '../../../../shared/geometry.ts'
import type { Tensor } from '../tensors.ts'
import { classifierFree, guidanceEmbedding, rescaled } from './guidance.ts'
import { batched } from './latents.ts'
import type { Networks } from './networks.ts'

export interface Words {
  readonly prompt: string
  /** null for none at all, which SDXL tells from an empty one. */
  readonly negative: string | null
  /** How many layers earlier than usual the prompt, not the negative one, is read; 0 unless told. */
  readonly clipSkip?: number
  /** 1 leaves the negative prompt out; more goes further away from it. */
  readonly guidance: number
  /** 0, the default, to 1. */
  readonly guidanceRescale?: number
  /** What SDXL is told of the picture's origin; by default all of a picture of the size that is made. */
  readonly origin?: { readonly size: Size; readonly left: number; readonly top: number }
}

export interface Conditions {
  readonly rows: number
  /** Inputs of the denoiser by their names. */
  readonly inputs: Readonly<Record<string, Tensor>>
  combine(outputs: readonly Float32Array[]): Float32Array
}

export async function conditions(networks: Networks, words: Words, size: Size): Promise<Conditions> {
  const { prompt, negative, guidance, guidanceRescale = 0, clipSkip = 0 } = words
  const width = networks.guidanceWidth
  const isGuided = guidance > 1 && width === null
  const positive = { text: prompt, clipSkip }
  const encoded = await networks.encodePrompts(isGuided ? [{ text: negative }, positive] : [positive])
  const rows = encoded.length
  const inputs: Record<string, Tensor> = {
    encoder_hidden_states: batched(encoded.map(({ context }) => context)),
  }
  if (networks.takesSizes) {
    inputs['text_embeds'] = batched(encoded.map(({ pooled }) => pooled!))
    inputs['time_ids'] = batched(Array<Tensor>(rows).fill(timeIds(words, size)))
  }
  if (width !== null) inputs['timestep_cond'] = guidanceEmbedding(guidance, width)
  return {
    rows,
    inputs,
    combine([first, second]) {
      if (!second) return first!
      return rescaled(classifierFree(first!, second, guidance), second, guidanceRescale)
    },
  }
}

/** Heights before widths. */
function timeIds({ origin }: Words, size: Size): Tensor {
  const { size: original, left, top } = origin ?? { size, left: 0, top: 0 }
  const data = Float32Array.of(original.height, original.width, top, left, size.height, size.width)
  return { data, shape: [1, 6] }
}
