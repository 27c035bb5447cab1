/**
 * Where the picture lies in the window: pure functions over a view and the window it is seen through.
 *
 * Invariant: `zoom` is device pixels per document pixel (1 is "100 %" on every screen), `centre` the document point in
 * the middle of the window. Screen places are CSS pixels from the canvas's top left corner. A view that is handed out
 * keeps some of the picture in sight.
 */
import { outerRect, type Rect, type Size } from '../../shared/geometry.ts'
import type { Area } from '../tools/overlay-shape.ts'
import type { Spot } from '../tools/tool.ts'

export interface View {
  readonly zoom: number
  readonly centre: Spot
}

/** The canvas element: CSS pixels, and device pixels per CSS pixel. */
export interface Window extends Size {
  readonly pixelRatio: number
}

export const MIN_ZOOM = 0.01
export const MAX_ZOOM = 64
/** Room around a fitted picture, and the least of it that stays in sight, in CSS pixels. */
const MARGIN = 24
const KEPT = 48

/** From document pixels to CSS pixels: scale, then shift. The shift is whole device pixels, so that 100 % is sharp. */
export interface Placement {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export function placementOf({ zoom, centre }: View, { width, height, pixelRatio }: Window): Placement {
  const shift = (length: number, at: number) => Math.round((length * pixelRatio) / 2 - at * zoom) / pixelRatio
  return { scale: zoom / pixelRatio, x: shift(width, centre.x), y: shift(height, centre.y) }
}

export function toDocument({ scale, x, y }: Placement, at: Spot): Spot {
  return { x: (at.x - x) / scale, y: (at.y - y) / scale }
}

export function toScreen({ scale, x, y }: Placement, at: Spot): Spot {
  return { x: at.x * scale + x, y: at.y * scale + y }
}

/** The whole document pixels in sight. */
export function visibleRect(view: View, window: Window): Rect {
  const place = placementOf(view, window)
  const from = toDocument(place, { x: 0, y: 0 })
  const to = toDocument(place, { x: window.width, y: window.height })
  return outerRect(from.x, from.y, to.x, to.y)
}

/** The view moved by CSS pixels, as a drag moves the picture. */
export function panned(view: View, window: Window, dx: number, dy: number): View {
  const scale = view.zoom / window.pixelRatio
  return { ...view, centre: { x: view.centre.x - dx / scale, y: view.centre.y - dy / scale } }
}

/** Another zoom that leaves the document point under a place of the screen where it is. */
export function zoomedAbout(view: View, window: Window, at: Spot, zoom: number): View {
  const next = clampZoom(zoom)
  const from = { x: at.x - window.width / 2, y: at.y - window.height / 2 }
  const change = window.pixelRatio / view.zoom - window.pixelRatio / next
  return { zoom: next, centre: { x: view.centre.x + from.x * change, y: view.centre.y + from.y * change } }
}

/** The view that shows an area as large as the window allows, with `margin` CSS pixels around it. */
export function showing(area: Area, window: Window, margin = 0): View {
  const across = Math.max(1, window.width - 2 * margin) / Math.max(area.width, 1e-3)
  const along = Math.max(1, window.height - 2 * margin) / Math.max(area.height, 1e-3)
  return {
    zoom: clampZoom(Math.min(across, along) * window.pixelRatio),
    centre: { x: area.x + area.width / 2, y: area.y + area.height / 2 },
  }
}

/** The whole picture in the window, never enlarged beyond 100 %. */
export function fitted(canvas: Size, window: Window): View {
  const view = showing({ x: 0, y: 0, ...canvas }, window, MARGIN)
  return { ...view, zoom: Math.min(1, view.zoom) }
}

/** The nearest view that keeps some of the picture in sight. */
export function keptInSight(view: View, canvas: Size, window: Window): View {
  const scale = view.zoom / window.pixelRatio
  const clamp = (at: number, length: number, room: number) => {
    const over = Math.max(0, (room / 2 - KEPT) / scale)
    return Math.min(length + over, Math.max(-over, at))
  }
  return {
    zoom: clampZoom(view.zoom),
    centre: {
      x: clamp(view.centre.x, canvas.width, window.width),
      y: clamp(view.centre.y, canvas.height, window.height),
    },
  }
}

export function clampZoom(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom))
}

const STOPS = [
  0.01, 0.02, 0.03, 0.05, 0.0667, 0.1, 0.125, 0.1667, 0.25, 0.3333, 0.5, 0.6667, 1, 1.5, 2, 3, 4, 6, 8, 12,
  16, 24, 32, 48, 64,
]

/** The zoom a step of this factor leads to: the round number on the way, where there is one. */
export function stepZoom(zoom: number, factor: number): number {
  const aim = clampZoom(zoom * factor)
  const passed = STOPS.filter((stop) =>
    factor > 1 ? stop > zoom * 1.001 && stop <= aim * 1.05 : stop < zoom / 1.001 && stop >= aim / 1.05,
  )
  return (factor > 1 ? passed.at(-1) : passed[0]) ?? aim
}
