/**
 * A picture changed as an instruction says (Brooks et al., "InstructPix2Pix", 2023).
 *
 * Invariant: starts from noise alone; the denoiser sees the picture's likeliest latents, unscaled, beside its own. Every step
 * has three evaluations: with instruction and picture, with the picture alone, and with neither. With a mask the cells outside it
 * are set back to the picture's after each step; without one, what changed is inferred from the latents. An asymmetric decoder is
 * shown the rest of the picture.
 */
import { grownToCells, latentMask } from '../latent-mask.ts'
import type { Planes } from '../reflection-padding.ts'
import type { Words } from './conditions.ts'
import { denoise, type Made, type Run } from './denoise.ts'
import { instructed } from './guidance.ts'
import { inferredMask } from './inferred-mask.ts'
import { batched, blended, FACTOR, latentCount } from './latents.ts'

export interface Instruct extends Pick<Words, 'prompt' | 'negative' | 'guidance' | 'clipSkip'> {
  /** In -1..1; sides are multiples of 8. */
  readonly picture: Planes
  /** How much the result keeps to the picture: 1 and more. */
  readonly pictureGuidance: number
  /** Where alone it may change: a byte a pixel, 128 and more; without it the recipe finds out. */
  readonly hole?: Uint8Array
}

export async function instruct(run: Run, request: Instruct): Promise<Made> {
  const { networks, scheduler, draws } = run
  const { picture, prompt, negative, guidance, pictureGuidance, clipSkip = 0, hole } = request
  const count = latentCount(picture)
  const [positive, empty] = await networks.encodePrompts([{ text: prompt, clipSkip }, { text: negative }])
  const contexts = [positive!, empty!, empty!].map(({ context }) => context)
  const seen = await networks.encodeMode(picture)
  const known = networks.scaled(seen)
  const noise = draws.next('start', count)
  const start = noise.map((value) => value * scheduler.initialNoiseSigma)
  const drawn = hole && grownToCells(hole, picture, FACTOR)
  const cells = drawn && latentMask(drawn, picture, FACTOR)
  const latents = await denoise(run, start, {
    size: picture,
    from: 0,
    channels: [seen, seen, new Float32Array(count)],
    keep: (changed, index) =>
      cells ? blended(scheduler.addNoise(known, noise, index), changed, cells) : changed,
    conditions: {
      rows: 3,
      inputs: { encoder_hidden_states: batched(contexts) },
      combine: ([both, alone, neither]) => instructed(both!, alone!, neither!, guidance, pictureGuidance),
    },
  })
  const mask = drawn ?? inferredMask(known, latents, picture)
  return { latents, picture: await networks.decode(latents, picture, { picture, hole: mask }), mask }
}
