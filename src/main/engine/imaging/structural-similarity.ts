/**
 * Structural similarity (Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment", 2004): luma, Gaussian windows of
 * 11 x 11 with a sigma of 1.5, K1 = 0.01, K2 = 0.03.
 *
 * Invariant: only windows that lie in the picture count; each belongs to the pixel in its middle.
 */
import type { Size } from '../../../shared/geometry.ts'
import { isIn, type Region, type Samples } from './metrics.ts'

const REACH = 5
const SIGMA = 1.5
const [K1, K2] = [0.01, 0.03]
const WINDOW = gaussian()

/** Means over the pixels of each region; null where no window lies there. */
export function structuralSimilarity(
  x: Samples,
  y: Samples,
  hole: Uint8Array,
  size: Size,
  peak: number,
): Readonly<Record<Region, number | null>> {
  const [a, b] = [luma(x), luma(y)]
  const product = (p: Float64Array, q: Float64Array) =>
    blurred(
      p.map((value, i) => value * q[i]!),
      size,
    )
  const [ma, mb, aa, bb, ab] = [
    blurred(a, size),
    blurred(b, size),
    product(a, a),
    product(b, b),
    product(a, b),
  ]
  const [c1, c2] = [(K1 * peak) ** 2, (K2 * peak) ** 2]
  const regions: readonly Region[] = ['whole', 'hole', 'kept']
  const sums = { whole: 0, hole: 0, kept: 0 }
  const counts = { whole: 0, hole: 0, kept: 0 }
  for (let row = REACH; row < size.height - REACH; row++)
    for (let i = row * size.width + REACH; i < (row + 1) * size.width - REACH; i++) {
      const [m, n] = [ma[i]!, mb[i]!]
      const luminance = (2 * m * n + c1) / (m * m + n * n + c1)
      const contrast = (2 * (ab[i]! - m * n) + c2) / (aa[i]! - m * m + bb[i]! - n * n + c2)
      for (const region of regions)
        if (isIn(hole, i, region)) {
          sums[region] += luminance * contrast
          counts[region]++
        }
    }
  const mean = (region: Region) => (counts[region] === 0 ? null : sums[region] / counts[region])
  return { whole: mean('whole'), hole: mean('hole'), kept: mean('kept') }
}

/** Rec. 601 luma. */
function luma(rgb: Samples): Float64Array {
  return Float64Array.from(
    { length: rgb.length / 3 },
    (_, i) => 0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!,
  )
}

function gaussian(): Float64Array {
  const weights = Float64Array.from({ length: 2 * REACH + 1 }, (_, i) =>
    Math.exp(-((i - REACH) ** 2) / (2 * SIGMA ** 2)),
  )
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => weight / sum)
}

/** Along rows, then along columns; right where the whole window lies in the picture, and only there. */
function blurred(values: Float64Array, { width, height }: Size): Float64Array {
  const along = (from: Float64Array, step: number) => {
    const out = new Float64Array(from.length)
    const margin = REACH * step
    for (let i = margin; i < from.length - margin; i++) {
      let sum = 0
      for (let k = -REACH; k <= REACH; k++) sum += WINDOW[k + REACH]! * from[i + k * step]!
      out[i] = sum
    }
    return out
  }
  return height > 2 * REACH ? along(along(values, 1), width) : values
}
