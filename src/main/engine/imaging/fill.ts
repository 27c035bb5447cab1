/**
 * What a fill is: the one door through which the rest of the engine makes a hole in a picture disappear.
 *
 * Invariant: a fill changes nothing outside the hole, and the same request always gives the same bytes, whatever the
 * number of threads. Any function of this shape may take the place of the one in `patch-fill/`.
 */
import { inflate, intersect, type Rect, rectOf, type Size } from '../../../shared/geometry.ts'

export interface FillRequest {
  /** Size of the context region, in pixels; 65,535 at most on a side. */
  readonly width: number
  readonly height: number
  /** width * height * 3 bytes, rows from the top, 8 bits, any RGB space. */
  readonly rgb: Uint8Array
  /** width * height bytes; above 0 is hole: to be filled, never looked at. */
  readonly hole: Uint8Array
  /** width * height bytes; above 0 may not be copied from (transparent areas). */
  readonly unusable?: Uint8Array
  /** 0 to 2^32 - 1. */
  readonly seed: number
}

export interface FillOptions {
  /** Called with fractions that never go down, from 0 to 1. */
  readonly onProgress?: (fraction: number) => void
  readonly signal?: AbortSignal
  /** Worker threads to use; the result does not depend on it. */
  readonly threads?: number
}

/**
 * Fills the hole. @returns width * height * 3 bytes, identical to the request outside the hole
 * @throws InlayError `mask.empty` when there is no hole, `fill.no-source` when every pixel outside it is unusable or
 *   there is none, `cancelled` when the signal fires
 */
export type Fill = (request: FillRequest, options?: FillOptions) => Promise<Uint8Array>

const LEAST_MARGIN = 160
const MOST_MARGIN = 640

/**
 * The context region a fill wants around a hole: the hole's bounds with a margin of their shorter side, at least 160
 * and at most 640 pixels, clipped to the picture. Far enough to find what the hole interrupts, near enough that its
 * light and texture still fit.
 */
export function fillContext(holeBounds: Rect, picture: Size): Rect {
  const side = Math.min(holeBounds.width, holeBounds.height)
  const margin = Math.min(MOST_MARGIN, Math.max(LEAST_MARGIN, side))
  return intersect(inflate(holeBounds, margin), rectOf(picture))
}
