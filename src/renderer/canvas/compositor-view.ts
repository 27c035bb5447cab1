/**
 * Which part of a document a view sees, in the pixels of a mipmap level: pure.
 *
 * Invariant: rectangles of the document and of a level are whole pixels; a level's picture is as large as the canvas
 * divided by 2^level, rounded up.
 */
import type { Document } from '../../shared/document/model.ts'
import { sideAt } from '../../shared/document/stack.ts'
import { intersect, isEmpty, type Rect, rectOf, type Size } from '../../shared/geometry.ts'
import { TILE_SIZE } from '../../shared/tiles.ts'
import type { PictureFrame } from './canvas-picture.ts'
import { placementOf } from './canvas-view.ts'
import { type CellPart, levelRect } from './compositor-cells.ts'

/** How a document lies on the screen, in device pixels. */
export interface Presentation {
  readonly screen: Size
  readonly canvas: Size
  /** Device pixels per document pixel. */
  readonly zoom: number
  /** The document point at the screen's top left corner. */
  readonly left: number
  readonly top: number
  readonly pixelRatio: number
  readonly veil: PictureFrame['veil']
}

export function presentationOf({ document, view, window, veil }: PictureFrame): Presentation {
  const place = placementOf(view, window)
  return {
    screen: {
      width: Math.round(window.width * window.pixelRatio),
      height: Math.round(window.height * window.pixelRatio),
    },
    canvas: document.canvas,
    zoom: view.zoom,
    left: -place.x / place.scale,
    top: -place.y / place.scale,
    pixelRatio: window.pixelRatio,
    veil,
  }
}

/** The document pixels in sight. */
export function visibleIn({ screen, canvas, zoom, left, top }: Presentation): Rect {
  const x = Math.floor(left)
  const y = Math.floor(top)
  const seen = {
    x,
    y,
    width: Math.ceil(left + screen.width / zoom) - x,
    height: Math.ceil(top + screen.height / zoom) - y,
  }
  return intersect(seen, rectOf(canvas))
}

/** The device pixels that show a document rectangle, with a margin for what is averaged across its edge. */
export function screenRect({ left, top, zoom, screen }: Presentation, rect: Rect): Rect {
  const margin = 2 + Math.ceil(zoom)
  const x = Math.floor((rect.x - left) * zoom) - margin
  const y = Math.floor((rect.y - top) * zoom) - margin
  const width = Math.ceil((rect.x + rect.width - left) * zoom) + margin - x
  const height = Math.ceil((rect.y + rect.height - top) * zoom) + margin - y
  return intersect({ x, y, width, height }, rectOf(screen))
}

/** The whole picture at a level. */
export function levelSize({ canvas }: Pick<Document, 'canvas'>, level: number): Size {
  return { width: sideAt(canvas.width, level), height: sideAt(canvas.height, level) }
}

/** How many cells a part of this size can touch, wherever it lies. */
export function roomFor(visible: Size, canvas: Size, level: number): { columns: number; rows: number } {
  const along = (seen: number, all: number) =>
    Math.min(Math.ceil(sideAt(all, level) / TILE_SIZE), Math.ceil((sideAt(seen, level) + 6) / TILE_SIZE) + 1)
  return { columns: along(visible.width, canvas.width), rows: along(visible.height, canvas.height) }
}

/** A document rectangle as parts of cells of a level. */
export function partsOf(rect: Rect, level: number): CellPart[] {
  if (isEmpty(rect)) return []
  const at = levelRect(rect, level)
  const parts: CellPart[] = []
  for (let y = Math.floor(at.y / TILE_SIZE); y * TILE_SIZE < at.y + at.height; y++)
    for (let x = Math.floor(at.x / TILE_SIZE); x * TILE_SIZE < at.x + at.width; x++) {
      const cell = { x: x * TILE_SIZE, y: y * TILE_SIZE, width: TILE_SIZE, height: TILE_SIZE }
      const shared = intersect(at, cell)
      parts.push({ level, x, y, rect: { ...shared, x: shared.x - cell.x, y: shared.y - cell.y } })
    }
  return parts
}
