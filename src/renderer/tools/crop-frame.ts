/**
 * The geometry of a crop frame: pure functions over whole-pixel rectangles.
 *
 * Invariant: a frame lies inside its limit (the canvas) and is at least one pixel wide and high.
 */
import type { Rect } from '../../shared/geometry.ts'
import type { Area, Handle } from './overlay-shape.ts'
import { HANDLES } from './overlay-shape.ts'
import { areaBetween, distance } from './pointing.ts'
import type { Spot } from './tool.ts'

/** Which way a handle lies from the middle: -1, 0 or 1 on each axis. */
function direction(handle: Handle): Spot {
  return {
    x: handle.includes('e') ? 1 : handle.includes('w') ? -1 : 0,
    y: handle.includes('s') ? 1 : handle.includes('n') ? -1 : 0,
  }
}

export function handleSpot(frame: Area, handle: Handle): Spot {
  const { x, y } = direction(handle)
  return { x: frame.x + ((x + 1) / 2) * frame.width, y: frame.y + ((y + 1) / 2) * frame.height }
}

/** What of a frame is at a place: a handle within `reach`, else one of its sides, else its inside, else nothing. */
export function partAt(frame: Area, at: Spot, reach: number): Handle | 'inside' | 'outside' {
  const near = HANDLES.map((handle) => ({ handle, away: distance(handleSpot(frame, handle), at) }))
    .filter(({ away }) => away <= reach * 1.5)
    .sort((a, b) => a.away - b.away)[0]
  if (near) return near.handle
  const right = frame.x + frame.width
  const bottom = frame.y + frame.height
  const across = at.x > frame.x - reach && at.x < right + reach
  const along = at.y > frame.y - reach && at.y < bottom + reach
  if (along && Math.abs(at.x - frame.x) <= reach) return 'w'
  if (along && Math.abs(at.x - right) <= reach) return 'e'
  if (across && Math.abs(at.y - frame.y) <= reach) return 'n'
  if (across && Math.abs(at.y - bottom) <= reach) return 's'
  const inside = at.x >= frame.x && at.x <= right && at.y >= frame.y && at.y <= bottom
  return inside ? 'inside' : 'outside'
}

/**
 * The frame after one of its handles was dragged by `shift`. `aspect` keeps its proportions, `centred` its middle.
 * Past the opposite side the frame turns over; at the limit it stops (in proportion, when it keeps them).
 */
export function resizeFrame(
  frame: Rect,
  handle: Handle,
  shift: Spot,
  { aspect, centred }: { readonly aspect: boolean; readonly centred: boolean },
  limit: Rect,
): Rect {
  const way = direction(handle)
  const factor = centred ? 2 : 1
  let width = frame.width + factor * way.x * shift.x
  let height = frame.height + factor * way.y * shift.y
  const x = axis(frame.x, frame.width, way.x, width < 0, centred, limit.x, limit.width)
  const y = axis(frame.y, frame.height, way.y, height < 0, centred, limit.y, limit.height)
  width = Math.abs(width)
  height = Math.abs(height)
  if (aspect) {
    const wide = way.x === 0 ? 0 : width / frame.width
    const high = way.y === 0 ? 0 : height / frame.height
    const scale = Math.min(Math.max(wide, high), x.room / frame.width, y.room / frame.height)
    width = frame.width * scale
    height = frame.height * scale
  }
  return rounded(x.place(Math.min(width, x.room)), y.place(Math.min(height, y.room)), limit)
}

interface Interval {
  readonly from: number
  readonly to: number
}

/** One axis of a resize: how long the side may get, and where a side of a given length lies. */
function axis(
  start: number,
  length: number,
  way: number,
  turned: boolean,
  centred: boolean,
  limitStart: number,
  limitLength: number,
): { readonly room: number; place(length: number): Interval } {
  const limitEnd = limitStart + limitLength
  if (way === 0 || centred) {
    const middle = start + length / 2
    return {
      room: 2 * Math.min(middle - limitStart, limitEnd - middle),
      place: (l) => ({ from: middle - l / 2, to: middle + l / 2 }),
    }
  }
  const fixed = way > 0 ? start : start + length
  const forwards = way > 0 !== turned
  return {
    room: forwards ? limitEnd - fixed : fixed - limitStart,
    place: (l) => (forwards ? { from: fixed, to: fixed + l } : { from: fixed - l, to: fixed }),
  }
}

export function moveFrame(frame: Rect, shift: Spot, limit: Rect): Rect {
  const keep = (at: number, length: number, start: number, room: number) =>
    Math.min(start + room - length, Math.max(start, Math.round(at)))
  return {
    ...frame,
    x: keep(frame.x + shift.x, frame.width, limit.x, limit.width),
    y: keep(frame.y + shift.y, frame.height, limit.y, limit.height),
  }
}

/** A new frame between two places. */
export function drawFrame(from: Spot, to: Spot, limit: Rect): Rect {
  const area = areaBetween(from, to)
  return rounded({ from: area.x, to: area.x + area.width }, { from: area.y, to: area.y + area.height }, limit)
}

function rounded(x: Interval, y: Interval, limit: Rect): Rect {
  const across = wholePixels(x, limit.x, limit.width)
  const along = wholePixels(y, limit.y, limit.height)
  return { x: across.start, y: along.start, width: across.length, height: along.length }
}

/** The nearest whole pixels inside the limit, at least one. */
function wholePixels(
  { from, to }: Interval,
  start: number,
  length: number,
): { start: number; length: number } {
  const first = Math.min(start + length - 1, Math.max(start, Math.round(from)))
  const last = Math.min(start + length, Math.max(first + 1, Math.round(to)))
  return { start: first, length: last - first }
}
