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
import type { Prompt } from './text.ts'

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
  const isGuided = guidance > 1 && networks.guidanceWidth === null
  const positive = { text: prompt, clipSkip }
  const prompts = isGuided ? [{ text: negative }, positive] : [positive]
  return {
    rows: prompts.length,
    inputs: await promptInputs(networks, prompts, words, size),
    combine([first, second]) {
      if (!second) return first!
      return rescaled(classifierFree(first!, second, guidance), second, guidanceRescale)
    },
  }
}

/** What a denoiser is told for several prompts, one row for each. */
export async function promptInputs(
  networks: Networks,
  prompts: readonly Prompt[],
  words: Pick<Words, 'guidance' | 'origin'>,
  size: Size,
): Promise<Record<string, Tensor>> {
  const encoded = await networks.encodePrompts(prompts)
  const inputs: Record<string, Tensor> = {
    encoder_hidden_states: batched(encoded.map(({ context }) => context)),
  }
  if (networks.takesSizes) {
    inputs['text_embeds'] = batched(encoded.map(({ pooled }) => pooled!))
    inputs['time_ids'] = batched(encoded.map(() => timeIds(words, size)))
  }
  const width = networks.guidanceWidth
  if (width !== null)
    inputs['timestep_cond'] = batched(encoded.map(() => guidanceEmbedding(words.guidance, width)))
  return inputs
}

/** Heights before widths. */
function timeIds({ origin }: Pick<Words, 'origin'>, size: Size): Tensor {
  const { size: original, left, top } = origin ?? { size, left: 0, top: 0 }
  const data = Float32Array.of(original.height, original.width, top, left, size.height, size.width)
  return { data, shape: [1, 6] }
}
