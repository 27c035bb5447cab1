/**
 * A hole in a picture filled from words: by a denoiser that sees mask and surroundings (nine channels), or by any other (four),
 * whose latents outside the hole are set back to the picture's after each step (Lugmayr et al., "RePaint", 2022, equation 8).
 *
 * Invariant: full strength starts from noise alone, less from the picture with noise on it. The mask is hard; a cell has its
 * top left pixel's value, as in training. An asymmetric decoder is shown the picture and the mask in full resolution.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { latentMask } from '../latent-mask.ts'
import type { Planes } from '../reflection-padding.ts'
import { conditions, type Words } from './conditions.ts'
import { denoise, type Made, type Run } from './denoise.ts'
import { blended, FACTOR, joined, latentCount } from './latents.ts'

export interface Inpaint extends Words {
  /** In -1..1; sides are multiples of 8. */
  readonly picture: Planes
  /** A byte a pixel; 128 and more is made anew. */
  readonly hole: Uint8Array
  /** Above 0, to 1. */
  readonly strength: number
}

/** @throws InlayError as `denoise` does, `usage`, and `mask.size` */
export async function inpaint(run: Run, request: Inpaint): Promise<Made> {
  const { networks, scheduler, draws } = run
  const { picture, hole, strength } = request
  const count = latentCount(picture)
  requireHole(request)
  const from = scheduler.startIndex(strength)
  const told = await conditions(networks, request, picture)
  const mask = latentMask(hole, picture, FACTOR)

  const seesHole = networks.channels > 0
  const isFromNoise = strength === 1
  const known = seesHole && isFromNoise ? null : await networks.encode(picture, draws.next('picture', count))
  const noise = draws.next('start', count)
  const start =
    isFromNoise || known === null
      ? noise.map((value) => value * scheduler.initialNoiseSigma)
      : scheduler.addNoise(known, noise, from)

  const denoising = { size: picture, conditions: told, from }
  const latents =
    known === null || seesHole
      ? await denoise(run, start, {
          ...denoising,
          channels: await surroundings(run, request, mask, told.rows),
        })
      : await denoise(run, start, {
          ...denoising,
          keep: (changed, index) => blended(scheduler.addNoise(known, noise, index), changed, mask),
        })
  return { latents, picture: await networks.decode(latents, picture, { picture, hole }) }
}

/** The mask's cells, then the latents of the picture with mid grey in the hole. */
async function surroundings(
  { networks, draws }: Run,
  { picture, hole }: Inpaint,
  mask: Float32Array,
  rows: number,
): Promise<Float32Array[]> {
  const data = picture.data.map((value, i) => (hole[i % hole.length]! >= 128 ? 0 : value))
  const noise = draws.next('masked-picture', latentCount(picture))
  const channels = joined([mask, await networks.encode({ ...picture, data }, noise)])
  return Array<Float32Array>(rows).fill(channels)
}

function requireHole({ picture: { width, height }, hole }: Inpaint): void {
  if (hole.length !== width * height)
    throw new InlayError('mask.size', `The mask has not the ${width} x ${height} pixels of the picture.`)
}
