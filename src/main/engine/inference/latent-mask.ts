/**
 * Masks of pixels and masks of latent cells, each cell `factor` pixels wide and high.
 *
 * Invariant: pixel masks have a byte a pixel, 255 for what changes; 128 and more counts as changing, as in the reference
 * pipelines. Cell masks have a number of 0..1 a cell. A picture's sides are multiples of the factor. Nothing handed in is
 * changed.
 */
import type { Size } from '../../../shared/geometry.ts'

const HALF = 128

/** A hard cell mask as the networks were trained on: each cell has its top left pixel's value. */
export function latentMask(pixels: Uint8Array, size: Size, factor: number): Float32Array {
  const cells = cellsOf(size, factor)
  return Float32Array.from({ length: cells.width * cells.height }, (_, i) => {
    const [x, y] = [i % cells.width, Math.floor(i / cells.width)]
    return pixels[y * factor * size.width + x * factor]! >= HALF ? 1 : 0
  })
}

/**
 * The mask grown to whole cells: every pixel of a cell in which any changes. Its cell mask leaves no changing pixel to a kept
 * cell, which the top left pixel alone would.
 */
export function grownToCells(pixels: Uint8Array, size: Size, factor: number): Uint8Array {
  const cells = cellsOf(size, factor)
  const changing = new Uint8Array(cells.width * cells.height)
  const cellAt = (i: number) =>
    Math.floor(Math.floor(i / size.width) / factor) * cells.width + Math.floor((i % size.width) / factor)
  for (let i = 0; i < pixels.length; i++) if (pixels[i]! >= HALF) changing[cellAt(i)] = 255
  return pixels.map((_, i) => changing[cellAt(i)]!)
}

/** The pixels of all cells above 0: 255 there, 0 elsewhere. */
export function cellPixels(mask: Float32Array, size: Size, factor: number): Uint8Array {
  const cells = cellsOf(size, factor)
  return Uint8Array.from({ length: size.width * size.height }, (_, i) => {
    const [x, y] = [i % size.width, Math.floor(i / size.width)]
    return mask[Math.floor(y / factor) * cells.width + Math.floor(x / factor)]! > 0 ? 255 : 0
  })
}

/** A soft cell mask: each cell has its pixels' mean. */
export function softLatentMask(pixels: Uint8Array, size: Size, factor: number): Float32Array {
  const cells = cellsOf(size, factor)
  const sums = new Float32Array(cells.width * cells.height)
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++)
      sums[Math.floor(y / factor) * cells.width + Math.floor(x / factor)]! += pixels[y * size.width + x]!
  return sums.map((sum) => sum / (255 * factor * factor))
}

/** Cells that cover a growth given in pixels: a part of a cell is a cell. */
export function cellsFor(pixels: number, factor: number): number {
  return Math.ceil(pixels / factor)
}

/** Each cell's largest neighbour within `by` cells along both axes: a square growth, in one pass along each. */
export function grownCells(mask: Float32Array, cells: Size, by: number): Float32Array {
  const along = (from: Float32Array, step: number, length: number, place: (i: number) => number) =>
    from.map((_, i) => {
      const at = place(i)
      let largest = 0
      for (let k = Math.max(-by, -at); k <= Math.min(by, length - 1 - at); k++)
        largest = Math.max(largest, from[i + k * step]!)
      return largest
    })
  const wide = along(mask, 1, cells.width, (i) => i % cells.width)
  return along(wide, cells.width, cells.height, (i) => Math.floor(i / cells.width))
}

/**
 * Which cells of a soft mask change at an evaluation: 1 from the first, 1/2 from the middle, 0 never (Levin and Fried,
 * "Differential Diffusion", 2023, algorithm 1).
 * @param index of the evaluation, from 0, in a run of `count`
 */
export function releasedCells(soft: Float32Array, index: number, count: number): Float32Array {
  // Thirds and tenths are a little off in float32.
  return soft.map((share) => (share > 0 && share * count >= count - index - 1e-4 ? 1 : 0))
}

function cellsOf({ width, height }: Size, factor: number): Size {
  if (width % factor !== 0 || height % factor !== 0)
    throw new RangeError(`${width} x ${height} pixels are no whole cells of ${factor}`)
  return { width: width / factor, height: height / factor }
}
