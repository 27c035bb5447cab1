/**
 * Decoding only around the hole, held against decoding everything.
 *
 * Invariant: both decodes have the same session, latents and hole; time is the processor's, which other programs do not
 * lengthen. Differences are those inside the hole, in steps of 8 bits, before rounding.
 */
import type { Rect } from '../../../../../shared/geometry.ts'
import { type Decoded, decodeAsymmetric, decodeRegion, type Network } from '../../asymmetric-decode.ts'
import type { Padded } from '../../reflection-padding.ts'
import type { Tensor } from '../../tensors.ts'
import type { EvaluationCase } from '../folder.ts'
import { hardCover, pasted, placed, unit } from '../pictures.ts'
import type { Arm } from './arm.ts'

/** What a decode is given. */
export interface Given {
  readonly frame: Padded
  readonly latents: Tensor
  readonly hole: Uint8Array
}

export interface Timed extends Decoded {
  /** Seconds of processor time. */
  readonly seconds: number
}

export interface RegionFigures {
  /** Mean and largest |part - whole| inside the hole, in 1/255. */
  readonly mean: number
  readonly largest: number
  /** Seconds of processor time. */
  readonly part: number
  readonly whole: number
}

export async function timedDecode(
  decoder: Network,
  { frame, latents, hole }: Given,
  cells?: Rect,
): Promise<Timed> {
  const before = process.cpuUsage()
  const decoded = await decodeAsymmetric(decoder, frame, latents, hole, cells)
  const { user, system } = process.cpuUsage(before)
  return { ...decoded, seconds: (user + system) / 1e6 }
}

/** @param margin cells of surroundings on every side of the hole's */
export async function aroundHole(
  { rgb, size, hole }: EvaluationCase,
  given: Given,
  decoder: Network,
  whole: Timed,
  margin: number,
): Promise<Arm> {
  const part = await timedDecode(decoder, given, decodeRegion(hole, given.frame, margin))
  const truth = unit(rgb)
  const hard = hardCover(hole)
  const made = pasted(truth, placed(truth, part, size), hard)
  const difference = insideHole(made, pasted(truth, placed(truth, whole, size), hard), hole)
  return {
    arm: 'asymmetric around the hole + hard paste, exact',
    made,
    region: { ...difference, part: part.seconds, whole: whole.seconds },
  }
}

/** Mean and largest difference over the hole's pixels and channels, in 1/255. */
export function insideHole(
  a: Float32Array,
  b: Float32Array,
  hole: Uint8Array,
): { readonly mean: number; readonly largest: number } {
  let [sum, largest, count] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    if (hole[Math.floor(i / 3)] === 0) continue
    const off = 255 * Math.abs(a[i]! - b[i]!)
    sum += off
    largest = Math.max(largest, off)
    count++
  }
  return { mean: count === 0 ? 0 : sum / count, largest }
}
