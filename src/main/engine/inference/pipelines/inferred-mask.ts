/**
 * Where an edit without a drawn mask changed the picture, from its latents before and after.
 *
 * Invariant: a cell has changed where it differs by much more than most cells do: denoising moves all of them a little. Where
 * the whole picture was made anew there is no "most", so a large difference counts whatever the others are. The mask consists
 * of whole cells and is grown by one, because a decoder lets a changed cell reach into its neighbours.
 */
import type { Size } from '../../../../shared/geometry.ts'
import { cellPixels, grownCells } from '../latent-mask.ts'
import { cellsOf, FACTOR } from './latents.ts'

/** Of latents scaled to a deviation of about 1: less is never a change, more always is. */
const [LEAST, MOST] = [0.1, 0.5]
/** In deviations of normals, estimated from the median distance to the median. */
const OUTLIER = 3
const DEVIATIONS_PER_MEDIAN = 1.4826
const GROWTH = 1

/**
 * @param before scaled latents of the picture @param after what was made of them @param size of the picture
 * @returns a byte a pixel, 255 where it changed; nothing but zeros where nothing did
 */
export function inferredMask(before: Float32Array, after: Float32Array, size: Size): Uint8Array {
  const cells = cellsOf(size)
  const change = smoothed(changes(before, after, cells), cells)
  const middle = median(change)
  const spread = DEVIATIONS_PER_MEDIAN * median(change.map((value) => Math.abs(value - middle)))
  const limit = Math.min(MOST, Math.max(LEAST, middle + OUTLIER * spread))
  const changed = change.map((value) => (value > limit ? 1 : 0))
  return cellPixels(grownCells(changed, cells, GROWTH), size, FACTOR)
}

/** The root of the mean square of each cell's channels. */
function changes(before: Float32Array, after: Float32Array, { width, height }: Size): Float32Array {
  const squares = new Float32Array(width * height)
  for (const [i, value] of after.entries()) squares[i % squares.length]! += (value - before[i]!) ** 2
  const channels = after.length / squares.length
  return squares.map((sum) => Math.sqrt(sum / channels))
}

/** The mean of each cell and its neighbours, so that one cell alone is no edit. */
function smoothed(values: Float32Array, { width, height }: Size): Float32Array {
  return values.map((_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    let [sum, count] = [0, 0]
    for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
      for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
        sum += values[v * width + u]!
        count++
      }
    return sum / count
  })
}

function median(values: Float32Array): number {
  return values.toSorted()[Math.floor(values.length / 2)]!
}
