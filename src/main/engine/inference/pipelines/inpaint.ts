/**
 * A hole in a picture filled from words: by a denoiser that sees mask and surroundings (nine channels), or by any other (four),
 * whose latents outside the hole are set back to the picture's after each step (Lugmayr et al., "RePaint", 2022, equation 8).
 * With a soft mask each cell is set back until its own step (Levin and Fried, "Differential Diffusion", 2023, algorithm 1), by
 * either kind of denoiser.
 *
 * Invariant: full strength starts from noise alone, less from the picture with noise on it. A cell changes or is kept as a
 * whole: by default it changes when the hole has any pixel of it, and an asymmetric decoder is shown the picture in the cells
 * that are kept, for no pixel of the others can be trusted to fit the latents.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { cellPixels, grownToCells, latentMask, releasedCells } from '../latent-mask.ts'
import type { Planes } from '../reflection-padding.ts'
import { conditions, type Words } from './conditions.ts'
import { denoise, type Made, type Run } from './denoise.ts'
import { blended, cellsOf, FACTOR, joined, latentCount } from './latents.ts'

export interface Inpaint extends Words {
  /** In -1..1; sides are multiples of 8. */
  readonly picture: Planes
  /** A byte a pixel; 128 and more is made anew. */
  readonly hole: Uint8Array
  /** Above 0, to 1. */
  readonly strength: number
  /**
   * A number of 0..1 for each latent cell, instead of a hard mask: the share of the steps, counted from the last, in which it
   * changes; what is less than one step is kept. A nine-channel denoiser sees neither the hole nor any cell of a share in between.
   */
  readonly soft?: Float32Array
  /**
   * Which cells a hard mask changes: those that the hole touches, the default; or, as in training and in the reference, those
   * whose top left pixel it has, and then a decoder is shown the hole to the pixel.
   */
  readonly cells?: 'touched' | 'top-left'
}

/** @throws InlayError as `denoise` does, `usage`, `mask.size` and `mask.empty` */
export async function inpaint(run: Run, request: Inpaint): Promise<Made> {
  const { networks, scheduler, draws } = run
  const { picture, strength } = request
  const count = latentCount(picture)
  requireMasks(request)
  const from = scheduler.startIndex(strength)
  const steps = scheduler.timesteps.length - from
  const { shares, hidden, mask } = changesOf(request, steps)
  const told = await conditions(networks, request, picture)

  const seesHole = networks.channels > 0
  const isFromNoise = strength === 1
  const setsBack = !seesHole || shares.some((share) => share > 0 && share < 1)
  const known = setsBack || !isFromNoise ? await networks.encode(picture, draws.next('picture', count)) : null
  const noise = draws.next('start', count)
  const start =
    isFromNoise || known === null
      ? noise.map((value) => value * scheduler.initialNoiseSigma)
      : scheduler.addNoise(known, noise, from)

  const keep = (changed: Float32Array, index: number) =>
    setsBack && known
      ? blended(
          scheduler.addNoise(known, noise, index),
          changed,
          releasedCells(shares, index - 1 - from, steps),
        )
      : changed
  const channels = seesHole ? await surroundings(run, picture, hidden, shares, told.rows) : []
  const latents = await denoise(run, start, { size: picture, conditions: told, from, channels, keep })
  return { latents, picture: await networks.decode(latents, picture, { picture, hole: mask }), mask }
}

interface Changes {
  /** Of the steps, for each cell. */
  readonly shares: Float32Array
  /** The pixels that a nine-channel denoiser is not shown. */
  readonly hidden: Uint8Array
  /** The pixels of all that changes. */
  readonly mask: Uint8Array
}

function changesOf({ picture, hole, soft, cells = 'touched' }: Inpaint, steps: number): Changes {
  if (soft) {
    const last = releasedCells(soft, steps - 1, steps)
    const shares = soft.map((share, i) => share * last[i]!)
    const between = shares.map((share) => (share < 1 ? share : 0))
    const late = cellPixels(between, picture, FACTOR)
    const hidden = hole.map((value, i) => Math.max(value, late[i]!))
    return { shares, hidden, mask: cellPixels(shares, picture, FACTOR) }
  }
  const mask = cells === 'touched' ? grownToCells(hole, picture, FACTOR) : hole
  return { shares: latentMask(mask, picture, FACTOR), hidden: hole, mask }
}

/** The changing cells, then the latents of the picture with mid grey in what is hidden. */
async function surroundings(
  { networks, draws }: Run,
  picture: Planes,
  hidden: Uint8Array,
  shares: Float32Array,
  rows: number,
): Promise<Float32Array[]> {
  const data = picture.data.map((value, i) => (hidden[i % hidden.length]! >= 128 ? 0 : value))
  const noise = draws.next('masked-picture', latentCount(picture))
  const cells = shares.map((share) => (share > 0 ? 1 : 0))
  const channels = joined([cells, await networks.encode({ ...picture, data }, noise)])
  return Array<Float32Array>(rows).fill(channels)
}

function requireMasks({ picture, hole, soft }: Inpaint): void {
  const { width, height } = picture
  if (hole.length !== width * height)
    throw new InlayError('mask.size', `The mask has not the ${width} x ${height} pixels of the picture.`)
  const cells = cellsOf(picture)
  if (soft && soft.length !== cells.width * cells.height)
    throw new InlayError(
      'mask.size',
      `The soft mask has not the ${cells.width} x ${cells.height} latent cells.`,
    )
  if (soft?.some((share) => !(share >= 0 && share <= 1)))
    throw new InlayError('usage', 'A soft mask has numbers from 0 to 1.')
  if (!(soft?.some((share) => share > 0) ?? hole.some((value) => value >= 128)))
    throw new InlayError('mask.empty', 'The mask is empty; select what is to be made anew.')
}
