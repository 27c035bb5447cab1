/**
 * Masks in memory: a rectangle of the document and one byte of cover for each of its pixels.
 *
 * Invariant: `pixels` has rect.width * rect.height samples, row by row, 255 fully in, 0 fully out; outside the rectangle
 * a mask is 0. Functions here never change what they are given. They work on the rectangle they get, so the caller
 * decides how much memory is touched.
 */
import { EMPTY_RECT, intersect, isEmpty, type Rect } from '../../../shared/geometry.ts'

export interface Mask {
  readonly rect: Rect
  readonly pixels: Uint8Array
}

export type MaskCombination = 'replace' | 'add' | 'subtract' | 'intersect'

/** A mask of one value over a rectangle. */
export function constantMask(rect: Rect, value: number): Mask {
  return { rect, pixels: new Uint8Array(rect.width * rect.height).fill(value) }
}

/** The part of a mask in another rectangle; what the mask does not cover is 0. */
export function cropMask(mask: Mask, rect: Rect): Mask {
  if (sameRect(mask.rect, rect)) return mask
  const pixels = new Uint8Array(rect.width * rect.height)
  const common = intersect(mask.rect, rect)
  for (let y = common.y; y < common.y + common.height; y++) {
    const from = (y - mask.rect.y) * mask.rect.width + common.x - mask.rect.x
    pixels.set(mask.pixels.subarray(from, from + common.width), (y - rect.y) * rect.width + common.x - rect.x)
  }
  return { rect, pixels }
}

/** The smallest rectangle around all pixels above 0; empty when there is none. */
export function maskBounds({ rect, pixels }: Mask): Rect {
  const { width, height } = rect
  const rowHas = (y: number) => firstSet(pixels, y * width, (y + 1) * width) >= 0
  let top = 0
  while (top < height && !rowHas(top)) top++
  if (top === height) return EMPTY_RECT
  let bottom = height - 1
  while (!rowHas(bottom)) bottom--
  let left = width
  let right = -1
  for (let y = top; y <= bottom; y++) {
    const first = firstSet(pixels, y * width, y * width + left)
    if (first >= 0) left = first - y * width
    let x = width - 1
    while (x > right && pixels[y * width + x] === 0) x--
    right = Math.max(right, x)
  }
  return { x: rect.x + left, y: rect.y + top, width: right - left + 1, height: bottom - top + 1 }
}

function firstSet(pixels: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) if (pixels[i] !== 0) return i
  return -1
}

export function invertMask(mask: Mask): Mask {
  return { rect: mask.rect, pixels: mask.pixels.map((value) => 255 - value) }
}

/**
 * Joins two samples of cover, 0..255: `add` is the larger, `intersect` the smaller, `subtract` what b leaves of a.
 */
export function combineCover(a: number, b: number, how: MaskCombination): number {
  switch (how) {
    case 'replace':
      return b
    case 'add':
      return a > b ? a : b
    case 'subtract':
      return a < 255 - b ? a : 255 - b
    case 'intersect':
      return a < b ? a : b
  }
}

/** Joins two masks over the rectangle of the first. */
export function combineMasks(a: Mask, b: Mask, how: MaskCombination): Mask {
  const other = cropMask(b, a.rect).pixels
  return { rect: a.rect, pixels: a.pixels.map((value, i) => combineCover(value, other[i]!, how)) }
}

/** 0 or 255 when every sample has that value, otherwise null. */
export function uniformValue(pixels: Uint8Array): 0 | 255 | null {
  const first = pixels[0]
  if (first !== 0 && first !== 255) return null
  for (let i = 1; i < pixels.length; i++) if (pixels[i] !== first) return null
  return first
}

export function sameRect(a: Rect, b: Rect): boolean {
  return (
    (a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height) || (isEmpty(a) && isEmpty(b))
  )
}
