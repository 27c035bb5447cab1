/**
 * A picture from another one and words: the other with noise on it, as much as the strength says.
 *
 * Invariant: starts from the picture at the noise level of the first evaluation that the strength keeps. A consistency model is
 * cut by its scheduler's own `scheduleStrength` instead, and given a strength of 1 here. What changed is inferred from the
 * latents, and an asymmetric decoder is shown the rest of the picture.
 */
import type { Planes } from '../reflection-padding.ts'
import { conditions, type Words } from './conditions.ts'
import { denoise, type Made, type Run } from './denoise.ts'
import { inferredMask } from './inferred-mask.ts'
import { latentCount } from './latents.ts'

export interface ImageToImage extends Words {
  /** In -1..1; sides are multiples of 8. */
  readonly picture: Planes
  /** Above 0, to 1. */
  readonly strength: number
}

export async function imageToImage(run: Run, request: ImageToImage): Promise<Made> {
  const { networks, scheduler, draws } = run
  const { picture, strength } = request
  const count = latentCount(picture)
  const from = scheduler.startIndex(strength)
  const told = await conditions(networks, request, picture)
  const known = await networks.encode(picture, draws.next('picture', count))
  const start = scheduler.addNoise(known, draws.next('start', count), from)
  const latents = await denoise(run, start, { size: picture, conditions: told, from })
  const mask = inferredMask(known, latents, picture)
  return { latents, picture: await networks.decode(latents, picture, { picture, hole: mask }), mask }
}
