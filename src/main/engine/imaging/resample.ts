/**
 * Pictures and masks at another size.
 *
 * Invariant: the corners of both pictures coincide, so what is made smaller and larger again lies where it was, to a
 * hundredth of a pixel; beyond its edge a picture is taken to go on as it ends. The same input gives the same bytes. At its own
 * size a picture comes back as it is, the same array.
 *
 * Down it is a Lanczos filter of three lobes, up a cubic one (Keys, "Cubic Convolution Interpolation for Digital Image
 * Processing", 1981, a = -1/2): both sharp, with a little overshoot at edges. Masks get a triangle, whose weights are never
 * negative, so that a mask's values stay between those around them. Numbers are resampled as they are, not as light: so were
 * the pictures made that the models learnt from.
 *
 * Not by sharp: libvips 8.18 displaces what it enlarges by up to 0.4 pixels towards the corner, and an edit that comes back
 * displaced shows at its rim.
 */
import type { Size } from '../../../shared/geometry.ts'
import { createPace, eachRow, type Pace } from './pace.ts'

interface Kernel {
  /** Half its width, in samples of the coarser of both pictures. */
  readonly radius: number
  weight(distance: number): number
}

const LANCZOS: Kernel = {
  radius: 3,
  weight: (x) =>
    x === 0 ? 1 : (3 * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / 3)) / (Math.PI * x) ** 2,
}
const CUBIC: Kernel = {
  radius: 2,
  weight: (x) => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : ((-0.5 * x + 2.5) * x - 4) * x + 2),
}
const TRIANGLE: Kernel = { radius: 1, weight: (x) => 1 - x }

/** @param rgb width * height * 3 bytes */
export function resampleRgb(rgb: Uint8Array, from: Size, to: Size, pace?: Pace): Promise<Uint8Array> {
  return resample(rgb, 3, from, to, (scale) => (scale > 1 ? LANCZOS : CUBIC), pace)
}

/** @param mask width * height bytes */
export function resampleMask(mask: Uint8Array, from: Size, to: Size, pace?: Pace): Promise<Uint8Array> {
  return resample(mask, 1, from, to, () => TRIANGLE, pace)
}

async function resample(
  samples: Uint8Array,
  channels: 1 | 3,
  from: Size,
  to: Size,
  kernelFor: (scale: number) => Kernel,
  pace: Pace = createPace(),
): Promise<Uint8Array> {
  if (samples.length !== from.width * from.height * channels)
    throw new RangeError(`There are ${samples.length} samples, not those of ${from.width} x ${from.height}.`)
  if (from.width === to.width && from.height === to.height) return samples
  const across = tapsOf(from.width, to.width, kernelFor)
  const down = tapsOf(from.height, to.height, kernelFor)
  const row = to.width * channels
  const narrow = new Float32Array(from.height * row)
  await eachRow(from.height, pace, (y) => {
    const source = samples.subarray(y * from.width * channels, (y + 1) * from.width * channels)
    for (let x = 0, at = y * row; x < to.width; x++)
      for (let c = 0; c < channels; c++, at++) {
        let sum = 0
        for (let t = across.start[x]!; t < across.start[x + 1]!; t++)
          sum += across.weights[t]! * source[across.places[t]! * channels + c]!
        narrow[at] = sum
      }
  })
  const out = new Uint8ClampedArray(to.height * row)
  const sums = new Float64Array(row)
  await eachRow(to.height, pace, (y) => {
    sums.fill(0)
    for (let t = down.start[y]!; t < down.start[y + 1]!; t++) {
      const from = down.places[t]! * row
      const weight = down.weights[t]!
      for (let i = 0; i < row; i++) sums[i]! += weight * narrow[from + i]!
    }
    out.set(sums, y * row)
  })
  return new Uint8Array(out.buffer)
}

/** What each sample of the result is made of: taps `start[i]` to `start[i + 1]`. */
interface Taps {
  readonly start: Int32Array
  readonly places: Int32Array
  readonly weights: Float64Array
}

function tapsOf(from: number, to: number, kernelFor: (scale: number) => Kernel): Taps {
  const scale = from / to
  const { radius, weight } = kernelFor(scale)
  const stretch = Math.max(1, scale)
  const start = new Int32Array(to + 1)
  const places: number[] = []
  const weights: number[] = []
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale - 0.5
    const first = Math.ceil(centre - radius * stretch)
    const last = Math.floor(centre + radius * stretch)
    let total = 0
    for (let j = first; j <= last; j++) {
      const w = weight(Math.abs(j - centre) / stretch)
      places.push(Math.min(from - 1, Math.max(0, j)))
      weights.push(w)
      total += w
    }
    for (let t = start[i]!; t < weights.length; t++) weights[t]! /= total
    start[i + 1] = weights.length
  }
  return { start, places: Int32Array.from(places), weights: Float64Array.from(weights) }
}
