/**
 * Figures of a picture against the original: how far off it is, where, and how visible its rim is.
 *
 * Invariant: pictures are width * height * 3 numbers, interleaved, on any one scale; `peak` is its largest value. A hole is a
 * byte a pixel, above 0 where the picture was made anew. A figure over no pixels is null, never a number.
 */
import type { Size } from '../../../shared/geometry.ts'

export type Samples = Uint8Array | Float32Array
/** Where a figure is taken. */
export type Region = 'whole' | 'hole' | 'kept'

/**
 * Mean of (y - x)^2 over the pixels and channels of a region. Over what is kept, with values of 0..1, it is the preservation
 * error: sum of (1 - m)(y - x)^2 / (3 sum of (1 - m)), as Zhu et al. 2023 measure it but for their unstated divisor.
 */
export function meanSquare(x: Samples, y: Samples, hole: Uint8Array, region: Region): number | null {
  let [sum, count] = [0, 0]
  for (let i = 0; i < hole.length; i++) {
    if (!isIn(hole, i, region)) continue
    for (let k = 3 * i; k < 3 * i + 3; k++) sum += (y[k]! - x[k]!) ** 2
    count += 3
  }
  return count === 0 ? null : sum / count
}

/** Peak signal-to-noise ratio in decibels; null where the pictures are the same. */
export function psnr(square: number, peak: number): number | null {
  return square === 0 ? null : 10 * Math.log10(peak ** 2 / square)
}

/** Values of 0..1 in steps of 1/255, as an 8-bit file holds them. */
export function roundedToBytes(y: Float32Array): Float32Array {
  return y.map((value) => Math.floor(Math.min(1, Math.max(0, value)) * 255 + 0.5) / 255)
}

/**
 * Mean |(y_q - y_p) - (x_q - x_p)| over neighbours p kept and q in the hole, along both axes and over the channels: what is
 * wrong about the step across the rim.
 */
export function seamError(x: Samples, y: Samples, hole: Uint8Array, size: Size): number | null {
  let [sum, count] = [0, 0]
  eachPair(hole, size, (p, q, crosses) => {
    if (!crosses) return
    for (let c = 0; c < 3; c++) sum += Math.abs(y[q + c]! - y[p + c]! - (x[q + c]! - x[p + c]!))
    count += 3
  })
  return count === 0 ? null : sum / count
}

/** Pixels on either side of the rim whose own steps the step across it is measured by. */
const NEAR = 8

/**
 * Without an original: mean |y_q - y_p| across the rim over the same mean of neighbours on one side within 8 pixels of it.
 * 1 is a rim that cannot be told from its surroundings.
 */
export function rimContrast(y: Samples, hole: Uint8Array, size: Size): number | null {
  const steps = rimSteps(y, hole, size)
  return steps === null || steps.beside === 0 ? null : steps.across / steps.beside
}

/** Mean |y_q - y_p| of neighbours across the rim, and of neighbours on one side within 8 pixels of it; null without a rim. */
export function rimSteps(
  y: Samples,
  hole: Uint8Array,
  size: Size,
): { readonly across: number; readonly beside: number } | null {
  const near = nearRim(hole, size)
  let [across, crossings, beside, pairs] = [0, 0, 0, 0]
  eachPair(hole, size, (p, q, crosses) => {
    if (!crosses && !(near[p / 3]! && near[q / 3]!)) return
    let step = 0
    for (let c = 0; c < 3; c++) step += Math.abs(y[q + c]! - y[p + c]!)
    if (crosses) [across, crossings] = [across + step, crossings + 1]
    else [beside, pairs] = [beside + step, pairs + 1]
  })
  if (crossings === 0 || pairs === 0) return null
  return { across: across / (3 * crossings), beside: beside / (3 * pairs) }
}

export function isIn(hole: Uint8Array, pixel: number, region: Region): boolean {
  return region === 'whole' || hole[pixel]! > 0 === (region === 'hole')
}

/** Every two neighbours, by the places of their first channels. */
function eachPair(
  hole: Uint8Array,
  { width, height }: Size,
  see: (p: number, q: number, crosses: boolean) => void,
): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = y * width + x
      const pair = (j: number) => see(3 * i, 3 * j, hole[i]! > 0 !== hole[j]! > 0)
      if (x + 1 < width) pair(i + 1)
      if (y + 1 < height) pair(i + width)
    }
}

/** Pixels with one of the other kind within `NEAR` along both axes, found by sums over rectangles. */
function nearRim(hole: Uint8Array, { width, height }: Size): Uint8Array {
  const sums = new Float64Array((width + 1) * (height + 1))
  const at = (x: number, y: number) => sums[y * (width + 1) + x]!
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      sums[(y + 1) * (width + 1) + x + 1] =
        (hole[y * width + x]! > 0 ? 1 : 0) + at(x, y + 1) + at(x + 1, y) - at(x, y)
  return Uint8Array.from(hole, (_, i) => {
    const [x, y] = [i % width, Math.floor(i / width)]
    const [left, top] = [Math.max(0, x - NEAR), Math.max(0, y - NEAR)]
    const [right, bottom] = [Math.min(width, x + NEAR + 1), Math.min(height, y + NEAR + 1)]
    const holes = at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top)
    return holes > 0 && holes < (right - left) * (bottom - top) ? 1 : 0
  })
}
