/**
 * Making a picture's sides whole multiples of a network's factor, with a rim around it that takes what zero padding spoils.
 *
 * Invariant: the picture is mirrored at its outer pixels without repeating them, as the training was; cropping by the place
 * that comes back gives the picture again, bit for bit.
 */
import type { Rect } from '../../../shared/geometry.ts'
import type { Tensor } from './tensors.ts'

/** Channels one after the other, each row by row. */
export interface Planes {
  readonly channels: number
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

export interface Padded {
  readonly planes: Planes
  /** Where the picture lies in it. */
  readonly at: Rect
}

/** @param border pixels at least on every side, a multiple of `factor` so that cells lie on the picture's own grid */
export function padToMultiple(picture: Planes, factor: number, border: number): Padded {
  const { channels, width, height, data } = picture
  const wide = Math.ceil(width / factor) * factor + 2 * border
  const high = Math.ceil(height / factor) * factor + 2 * border
  const columns = Int32Array.from({ length: wide }, (_, x) => reflectedIndex(x - border, width))
  const out = new Float32Array(channels * wide * high)
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < high; y++) {
      const from = (c * height + reflectedIndex(y - border, height)) * width
      const to = (c * high + y) * wide
      for (let x = 0; x < wide; x++) out[to + x] = data[from + columns[x]!]!
    }
  return {
    planes: { channels, width: wide, height: high, data: out },
    at: { x: border, y: border, width, height },
  }
}

export function cropPlanes({ channels, width, height, data }: Planes, at: Rect): Planes {
  const out = new Float32Array(channels * at.width * at.height)
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < at.height; y++) {
      const from = (c * height + at.y + y) * width + at.x
      out.set(data.subarray(from, from + at.width), (c * at.height + y) * at.width)
    }
  return { channels, width: at.width, height: at.height, data: out }
}

/** As a batch of one. */
export function planesTensor({ channels, width, height, data }: Planes): Tensor {
  return { data, shape: [1, channels, height, width] }
}

/** @throws Error for anything but a batch of one */
export function tensorPlanes({ data, shape }: Tensor): Planes {
  const [batch, channels = 0, height = 0, width = 0] = shape
  if (batch !== 1 || !(data instanceof Float32Array)) throw new Error('one picture was expected')
  return { channels, width, height, data }
}

/** 2 1 | 0 1 2 | 1 0 …: the outer pixel once, as often back and forth as needed. */
function reflectedIndex(index: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const within = ((index % period) + period) % period
  return within < length ? within : period - within
}
