/** Small geometry of pointing that several tools share: pure functions. */
import type { Rect } from '../../shared/geometry.ts'
import type { Area } from './overlay-shape.ts'
import type { Spot, ToolEvent } from './tool.ts'

/** A pointer that has moved less than this, in CSS pixels, has clicked. */
const DRAG_DISTANCE = 3

export function isDrag(down: ToolEvent, event: ToolEvent): boolean {
  return distance(down.screen, event.screen) >= DRAG_DISTANCE
}

export function distance(a: Spot, b: Spot): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

/** The upright area with these two corners. */
export function areaBetween(a: Spot, b: Spot): Area {
  return {
    x: Math.min(a.x, b.x),
    y: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  }
}

/** `to`, moved so that both sides of the area from `from` are as long as its longer one. */
export function squared(from: Spot, to: Spot): Spot {
  const side = Math.max(Math.abs(to.x - from.x), Math.abs(to.y - from.y))
  return {
    x: from.x + (to.x < from.x ? -side : side),
    y: from.y + (to.y < from.y ? -side : side),
  }
}

/** The shift with its smaller part left out, so that a drag follows one axis; diagonals are kept between the axes. */
export function alongAxis(shift: Spot): Spot {
  const angle = Math.round(Math.atan2(shift.y, shift.x) / (Math.PI / 4))
  if (angle % 2 === 0)
    return Math.abs(shift.x) >= Math.abs(shift.y) ? { x: shift.x, y: 0 } : { x: 0, y: shift.y }
  const side = (Math.abs(shift.x) + Math.abs(shift.y)) / 2
  return { x: Math.sign(shift.x) * side, y: Math.sign(shift.y) * side }
}

/** The whole pixels nearest to an area's edges, cut to `limit`; empty when nothing is left. */
export function pixelRect(area: Area, limit: Rect): Rect {
  const left = Math.max(limit.x, Math.round(area.x))
  const top = Math.max(limit.y, Math.round(area.y))
  const right = Math.min(limit.x + limit.width, Math.round(area.x + area.width))
  const bottom = Math.min(limit.y + limit.height, Math.round(area.y + area.height))
  if (right <= left || bottom <= top) return { x: left, y: top, width: 0, height: 0 }
  return { x: left, y: top, width: right - left, height: bottom - top }
}
