/**
 * A picture from words alone.
 *
 * Invariant: starts from normals at the scheduler's own level. The picture is in -1..1, not clamped.
 */
import type { Size } from '../../../../shared/geometry.ts'
import { conditions, type Words } from './conditions.ts'
import { denoise, type Made, type Run } from './denoise.ts'
import { latentCount } from './latents.ts'

export interface TextToImage extends Words {
  /** Sides are multiples of 8. */
  readonly size: Size
}

export async function textToImage(run: Run, request: TextToImage): Promise<Made> {
  const { networks, scheduler, draws } = run
  const { size } = request
  const count = latentCount(size)
  const told = await conditions(networks, request, size)
  const start = draws.next('start', count).map((value) => value * scheduler.initialNoiseSigma)
  const latents = await denoise(run, start, { size, conditions: told, from: 0 })
  return { latents, picture: await networks.decode(latents, size), mask: null }
}
