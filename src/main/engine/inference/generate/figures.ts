/**
 * What a decode did to that which it was to keep.
 *
 * Invariant: measured on values of 0..1 as they were decoded, before they are rounded or composited.
 */
import type { PreservationFigures } from '../../../../shared/generation.ts'
import { meanSquare, rimSteps } from '../../imaging/metrics.ts'
import type { Decoded } from '../asymmetric-decode.ts'
import { cropPlanes, type Planes } from '../reflection-padding.ts'
import { interleaved } from './pictures.ts'

/**
 * @param hole a byte a pixel of the whole picture, above 0 where it was made anew
 * @returns null where nothing was to be kept
 */
export function preservation(
  original: Planes,
  { planes, at }: Decoded,
  hole: Uint8Array,
): PreservationFigures | null {
  const x = interleaved(cropPlanes(original, at))
  const y = interleaved(planes)
  const part = Uint8Array.from({ length: at.width * at.height }, (_, i) => {
    const [column, row] = [i % at.width, Math.floor(i / at.width)]
    return hole[(at.y + row) * original.width + at.x + column]!
  })
  const square = meanSquare(x, y, part, 'kept')
  if (square === null) return null
  return { absolute: meanAbsolute(x, y, part), square, seam: seamOf(x, y, part, at) }
}

function meanAbsolute(x: Float32Array, y: Float32Array, hole: Uint8Array): number {
  let [sum, count] = [0, 0]
  for (let i = 0; i < y.length; i++) {
    if (hole[Math.floor(i / 3)]! > 0) continue
    sum += Math.abs(y[i]! - x[i]!)
    count++
  }
  return sum / count
}

/** The step from kept pixels to made ones once they are put together, less the steps that the picture has there anyway. */
function seamOf(
  x: Float32Array,
  y: Float32Array,
  hole: Uint8Array,
  size: { readonly width: number; readonly height: number },
): number | null {
  const together = y.map((value, i) => (hole[Math.floor(i / 3)]! > 0 ? value : x[i]!))
  const steps = rimSteps(together, hole, size)
  return steps && Math.max(0, steps.across - steps.beside)
}
