/**
 * Plane geometry of the document: pure functions over plain numbers.
 *
 * Invariant: document coordinates have x to the right and y down, in pixels; pixel (i, j) covers [i, i+1) x [j, j+1).
 * A `Rect` covers [x, x+width) x [y, y+height) with whole numbers; it is empty when width or height is 0.
 */
import { z } from 'zod'

const Coordinate = z.int().min(-1_000_000).max(1_000_000)

export const Point = z.object({ x: Coordinate, y: Coordinate }).readonly()
export type Point = z.infer<typeof Point>

export const Rect = z
  .object({
    x: Coordinate,
    y: Coordinate,
    width: z.int().min(0).max(1_000_000),
    height: z.int().min(0).max(1_000_000),
  })
  .readonly()
export type Rect = z.infer<typeof Rect>

export interface Size {
  readonly width: number
  readonly height: number
}

export const ORIGIN: Point = { x: 0, y: 0 }
export const EMPTY_RECT: Rect = { x: 0, y: 0, width: 0, height: 0 }

export function isEmpty(rect: Rect): boolean {
  return rect.width <= 0 || rect.height <= 0
}

export function rectOf(size: Size): Rect {
  return { x: 0, y: 0, width: size.width, height: size.height }
}

/** The part two rectangles share; empty where they do not meet. */
export function intersect(a: Rect, b: Rect): Rect {
  const x = Math.max(a.x, b.x)
  const y = Math.max(a.y, b.y)
  const width = Math.min(a.x + a.width, b.x + b.width) - x
  const height = Math.min(a.y + a.height, b.y + b.height) - y
  return width > 0 && height > 0 ? { x, y, width, height } : EMPTY_RECT
}

/** The smallest rectangle around both; an empty one adds nothing. */
export function union(a: Rect, b: Rect): Rect {
  if (isEmpty(a)) return b
  if (isEmpty(b)) return a
  const x = Math.min(a.x, b.x)
  const y = Math.min(a.y, b.y)
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  }
}

/** Grows by `margin` pixels on every side (shrinks when negative, down to empty). */
export function inflate(rect: Rect, margin: number): Rect {
  const width = rect.width + 2 * margin
  const height = rect.height + 2 * margin
  if (isEmpty(rect) || width <= 0 || height <= 0) return EMPTY_RECT
  return { x: rect.x - margin, y: rect.y - margin, width, height }
}

export function translate(rect: Rect, by: Point): Rect {
  return isEmpty(rect) ? EMPTY_RECT : { ...rect, x: rect.x + by.x, y: rect.y + by.y }
}

export function contains(outer: Rect, inner: Rect): boolean {
  if (isEmpty(inner)) return true
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  )
}

/** The whole-pixel rectangle around a span given in fractions of pixels. */
export function outerRect(left: number, top: number, right: number, bottom: number): Rect {
  if (!(right > left && bottom > top)) return EMPTY_RECT
  const x = Math.floor(left)
  const y = Math.floor(top)
  return { x, y, width: Math.ceil(right) - x, height: Math.ceil(bottom) - y }
}
