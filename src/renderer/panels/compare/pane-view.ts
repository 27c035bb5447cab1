/**
 * Where pictures lie in their frames, the same for all that are compared. Pure.
 *
 * Invariant: `zoom` 1 shows the whole picture; `x` and `y` shift it by parts of the frame's size before it is enlarged, never
 * so far that the frame shows what is beyond its edge.
 */
export interface PaneView {
  readonly zoom: number
  readonly x: number
  readonly y: number
}

export const WHOLE: PaneView = { zoom: 1, x: 0, y: 0 }
const MOST = 32

/** @param x,y the place that stays where it is, in parts of the frame's size from its middle */
export function zoomedAt(view: PaneView, x: number, y: number, factor: number): PaneView {
  const zoom = Math.min(MOST, Math.max(1, view.zoom * factor))
  const change = 1 / zoom - 1 / view.zoom
  return kept({ zoom, x: view.x + x * change, y: view.y + y * change })
}

/** Moved as a drag moves it, in parts of the frame's size on the screen. */
export function moved(view: PaneView, dx: number, dy: number): PaneView {
  return kept({ ...view, x: view.x + dx / view.zoom, y: view.y + dy / view.zoom })
}

function kept({ zoom, x, y }: PaneView): PaneView {
  const room = (1 - 1 / zoom) / 2
  const clamp = (at: number) => (room === 0 ? 0 : Math.min(room, Math.max(-room, at)))
  return { zoom, x: clamp(x), y: clamp(y) }
}
