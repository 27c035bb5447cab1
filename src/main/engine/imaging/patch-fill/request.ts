/**
 * What a fill accepts.
 *
 * Invariant: after `checkRequest` there is a hole, something to fill it from, and every array has the size it should.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { Rect } from '../../../../shared/geometry.ts'
import type { FillRequest } from '../fill.ts'

/** A match keeps a coordinate in 16 bits. */
const LONGEST_SIDE = 65_535

/** @returns the bounds of the hole @throws InlayError, see `Fill`; RangeError when colours and size differ */
export function checkRequest(request: FillRequest): Rect {
  checkSizes(request)
  const { width, height, hole, unusable } = request
  let [left, top, right, bottom, sources] = [width, height, -1, -1, 0]
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (hole[i]! > 0) {
        if (x < left) left = x
        if (x > right) right = x
        if (y < top) top = y
        bottom = y
      } else if (unusable === undefined || unusable[i] === 0) sources++
    }
  }
  if (right < 0) throw new InlayError('mask.empty', 'The mask is empty: paint over what should be removed.')
  if (sources === 0) {
    throw new InlayError(
      'fill.no-source',
      'The mask leaves nothing to fill from: leave some of the picture unpainted.',
    )
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

function checkSizes({ width, height, rgb, hole, unusable }: FillRequest): void {
  const count = width * height
  if (![width, height].every((side) => Number.isInteger(side) && side > 0 && side <= LONGEST_SIDE)) {
    throw new InlayError(
      'image.too-large',
      `A fill works on 1 to ${LONGEST_SIDE} pixels a side, not ${width} x ${height}: choose a smaller area.`,
    )
  }
  if (rgb.length !== 3 * count) throw new RangeError('The colours of a fill request are not of its size.')
  if (hole.length !== count || (unusable !== undefined && unusable.length !== count)) {
    throw new InlayError('mask.size', 'The mask is not of the picture’s size: make one that is.')
  }
}

/** Writes 0 known, 1 hole, 2 unusable for every pixel. */
export function markStates(states: Uint8Array, { hole, unusable }: FillRequest): void {
  for (let i = 0; i < states.length; i++) {
    states[i] = hole[i]! > 0 ? 1 : unusable !== undefined && unusable[i]! > 0 ? 2 : 0
  }
}
