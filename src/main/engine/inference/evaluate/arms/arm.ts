/** One way of decoding or filling, and what it made of one case. */
import type { RegionFigures } from './region.ts'

export interface Arm {
  readonly arm: string
  /** width * height * 3 numbers of 0..1. */
  readonly made: Float32Array
  /** Of a decode of a part: how it compares with the whole one. */
  readonly region?: RegionFigures
}
