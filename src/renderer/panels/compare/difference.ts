/**
 * How two pictures of one size differ: as a map of colours and as a number. Pure.
 *
 * Invariant: pictures are straight rgba8; alpha is not compared. A difference is that of the channel that differs most, 0..255.
 */

export interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray
}

/** Differences from this on have the last colour: what is invisible at first sight fills the scale. */
export const MOST_SHOWN = 32

/** Colours of differences 0 to `MOST_SHOWN`, evenly spaced: dark to light, so that they can be told without telling hues. */
export const HEAT = [
  [8, 8, 12],
  [48, 18, 98],
  [140, 34, 112],
  [222, 78, 60],
  [252, 168, 40],
  [255, 246, 190],
] as const

const TABLE = heatTable()

/** The map of differences, opaque. */
export function heatMap(before: Pixels, after: Pixels): Uint8ClampedArray<ArrayBuffer> {
  const made = new Uint8ClampedArray(before.data.length)
  for (let at = 0; at < made.length; at += 4) {
    const difference = Math.min(MOST_SHOWN, differenceAt(before.data, after.data, at))
    made.set(TABLE.subarray(difference * 4, difference * 4 + 4), at)
  }
  return made
}

/**
 * The mean absolute difference of the channels where `outside` is not 0, values 0..1; null where it is 0 everywhere.
 * @param outside a byte a pixel
 */
export function meanDifference(before: Pixels, after: Pixels, outside: Uint8Array): number | null {
  let sum = 0
  let count = 0
  for (let i = 0; i < outside.length; i++) {
    if (outside[i] === 0) continue
    for (let channel = 0; channel < 3; channel++)
      sum += Math.abs(before.data[i * 4 + channel]! - after.data[i * 4 + channel]!)
    count += 3
  }
  return count === 0 ? null : sum / count / 255
}

/** Grows what is 0 by a square of `reach` pixels on every side, so that only what is surely outside counts. */
export function farOutside(outside: Uint8Array, width: number, height: number, reach: number): Uint8Array {
  const along = new Uint8Array(outside.length)
  for (let y = 0; y < height; y++) least(outside, along, y * width, 1, width, reach)
  const both = new Uint8Array(outside.length)
  for (let x = 0; x < width; x++) least(along, both, x, width, height, reach)
  return both
}

/** 1 where none of the line's values within reach is 0. */
function least(
  from: Uint8Array,
  to: Uint8Array,
  start: number,
  stride: number,
  length: number,
  reach: number,
): void {
  let since = reach + 1
  for (let i = 0; i < length; i++) {
    since = from[start + i * stride] === 0 ? 0 : since + 1
    if (since > reach) to[start + i * stride] = 1
  }
  since = reach + 1
  for (let i = length - 1; i >= 0; i--) {
    since = from[start + i * stride] === 0 ? 0 : since + 1
    if (since <= reach) to[start + i * stride] = 0
  }
}

function differenceAt(a: Uint8ClampedArray, b: Uint8ClampedArray, at: number): number {
  const red = Math.abs(a[at]! - b[at]!)
  const green = Math.abs(a[at + 1]! - b[at + 1]!)
  const blue = Math.abs(a[at + 2]! - b[at + 2]!)
  return Math.max(red, green, blue)
}

function heatTable(): Uint8ClampedArray {
  const table = new Uint8ClampedArray((MOST_SHOWN + 1) * 4)
  for (let value = 0; value <= MOST_SHOWN; value++) {
    const place = (value / MOST_SHOWN) * (HEAT.length - 1)
    const index = Math.min(HEAT.length - 2, Math.floor(place))
    const [from, to] = [HEAT[index]!, HEAT[index + 1]!]
    for (let channel = 0; channel < 3; channel++)
      table[value * 4 + channel] = from[channel]! + (to[channel]! - from[channel]!) * (place - index)
    table[value * 4 + 3] = 255
  }
  return table
}
