/**
 * The part of a seam that the eye follows: what is wrong about the step across the rim after texture has averaged out.
 *
 * Invariant: pictures as in `imaging/metrics.ts`. The rim is cut by squares of 16 x 16 pixels; in each the signed errors
 * (y_q - y_p) - (x_q - x_p), p kept and q in the hole, are averaged for each channel, and the absolute values of these means are
 * averaged, each as often as it has pairs. It is never above the seam error; errors without a common sign leave nothing of it.
 */
import type { Size } from '../../../../shared/geometry.ts'

const SQUARE = 16

/** null without a rim */
export function seamOffset(
  x: Float32Array,
  y: Float32Array,
  hole: Uint8Array,
  { width, height }: Size,
): number | null {
  const columns = Math.ceil(width / SQUARE)
  const sums = new Float64Array(3 * columns * Math.ceil(height / SQUARE))
  let pairs = 0
  const see = (i: number, j: number, column: number, row: number) => {
    if (hole[i]! > 0 === hole[j]! > 0) return
    const [p, q] = hole[i]! > 0 ? [3 * j, 3 * i] : [3 * i, 3 * j]
    const at = 3 * (Math.floor(row / SQUARE) * columns + Math.floor(column / SQUARE))
    for (let c = 0; c < 3; c++) sums[at + c]! += y[q + c]! - y[p + c]! - (x[q + c]! - x[p + c]!)
    pairs++
  }
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const i = row * width + column
      if (column + 1 < width) see(i, i + 1, column, row)
      if (row + 1 < height) see(i, i + width, column, row)
    }
  // A square's mean, as often as it has pairs, is its sum.
  return pairs === 0 ? null : sums.reduce((total, sum) => total + Math.abs(sum), 0) / (3 * pairs)
}
