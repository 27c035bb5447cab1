/**
 * A decoded picture: one buffer of straight RGBA, as stored, and the orientation it still has to be turned by.
 *
 * Invariant: the pixels exist once. Regions are turned while they are copied out, so cutting a picture into tiles never
 * holds a turned copy beside the stored one. Orientations are those of EXIF (CIPA DC-008-2023, tag 0x0112).
 */
import type { Rect } from '../../../shared/geometry.ts'
import { tileRect } from '../../../shared/tiles.ts'

export interface PicturePixels {
  /** Size after turning. */
  readonly width: number
  readonly height: number
  /** A rectangle of the turned picture as straight RGBA, width * height * 4 bytes; what lies outside is 0. */
  region(rect: Rect): Uint8Array
  /** The 256 x 256 tile (tx, ty) as rgba8; what lies outside the picture is 0. */
  tile(tx: number, ty: number): Uint8Array
  /** The whole picture, turned in place: the object itself must not be used afterwards. */
  takeRgba(): Uint8Array
}

/** Where the turned pixel (x, y) is stored: index = origin + x * stepX + y * stepY, in pixels. */
interface Walk {
  readonly origin: number
  readonly stepX: number
  readonly stepY: number
}

/** @param stored straight RGBA of storedWidth x storedHeight pixels, taken over. */
export function pixelsOf(
  stored: Uint8Array,
  storedWidth: number,
  storedHeight: number,
  orientation: number,
): PicturePixels {
  const words = new Uint32Array(stored.buffer, stored.byteOffset, stored.byteLength / 4)
  const isTransposed = orientation >= 5
  const width = isTransposed ? storedHeight : storedWidth
  const height = isTransposed ? storedWidth : storedHeight
  const walk = walkOf(orientation, storedWidth, storedHeight)
  const region = (rect: Rect) => copyRegion(words, walk, { width, height }, rect)
  return {
    width,
    height,
    region,
    tile: (tx, ty) => region(tileRect(tx, ty)),
    takeRgba() {
      if (orientation !== 1) turnInPlace(words, walk, width)
      return stored
    },
  }
}

function walkOf(orientation: number, w: number, h: number): Walk {
  const last = w * h - 1
  switch (orientation) {
    case 2:
      return { origin: w - 1, stepX: -1, stepY: w }
    case 3:
      return { origin: last, stepX: -1, stepY: -w }
    case 4:
      return { origin: last - (w - 1), stepX: 1, stepY: -w }
    case 5:
      return { origin: 0, stepX: w, stepY: 1 }
    case 6:
      return { origin: last - (w - 1), stepX: -w, stepY: 1 }
    case 7:
      return { origin: last, stepX: -w, stepY: -1 }
    case 8:
      return { origin: w - 1, stepX: w, stepY: -1 }
    default:
      return { origin: 0, stepX: 1, stepY: w }
  }
}

function copyRegion(
  words: Uint32Array,
  { origin, stepX, stepY }: Walk,
  size: { readonly width: number; readonly height: number },
  rect: Rect,
): Uint8Array {
  const result = new Uint32Array(rect.width * rect.height)
  const x0 = Math.max(0, rect.x)
  const x1 = Math.min(size.width, rect.x + rect.width)
  const y0 = Math.max(0, rect.y)
  const y1 = Math.min(size.height, rect.y + rect.height)
  for (let y = y0; y < y1 && x0 < x1; y++) {
    const row = (y - rect.y) * rect.width - rect.x
    let from = origin + x0 * stepX + y * stepY
    if (stepX === 1) {
      result.set(words.subarray(from, from + x1 - x0), row + x0)
      continue
    }
    for (let x = x0; x < x1; x++, from += stepX) result[row + x] = words[from]!
  }
  return new Uint8Array(result.buffer)
}

/**
 * Moves every pixel to its turned place by following the cycles of the permutation; a bit per pixel remembers what has
 * been moved. Slower than a copy (it jumps through memory), but needs 1/32 of the picture instead of all of it again.
 */
function turnInPlace(words: Uint32Array, { origin, stepX, stepY }: Walk, width: number): void {
  const done = new Uint32Array((words.length + 31) >>> 5)
  for (let start = 0; start < words.length; start++) {
    if ((done[start >>> 5]! >>> (start & 31)) & 1) continue
    const first = words[start]!
    let at = start
    for (;;) {
      done[at >>> 5] = done[at >>> 5]! | (1 << (at & 31))
      const y = (at / width) | 0
      const from = origin + (at - y * width) * stepX + y * stepY
      if (from === start) break
      words[at] = words[from]!
      at = from
    }
    words[at] = first
  }
}
