/**
 * What an edit may touch: the selection, or everything where nothing is selected.
 *
 * Invariant: limits are in document coordinates; layers read them at their own offset.
 */
import type { Document } from '../../../../shared/document/model.ts'
import type { Point } from '../../../../shared/geometry.ts'
import { intersect, type Rect, rectOf, translate } from '../../../../shared/geometry.ts'
import { type MaskSource, rectSource, tilesSource } from '../../imaging/mask-source.ts'
import type { TileReader } from '../../imaging/tile-access.ts'

export function canvasRect(document: Document): Rect {
  return rectOf(document.canvas)
}

/** The selection; null when nothing is selected. */
export function selectionSource(document: Document, reader: TileReader): MaskSource | null {
  const { selection } = document
  if (!selection) return null
  return tilesSource(selection.tiles, reader, intersect(selection.bounds, canvasRect(document)))
}

/** Where painting may change pixels: the selection, or the canvas. */
export function paintLimit(document: Document, reader: TileReader): MaskSource {
  return selectionSource(document, reader) ?? rectSource(canvasRect(document))
}

/** A source seen from a layer: its point (0, 0) lies at `offset` in the document. */
export function fromLayer(source: MaskSource, offset: Point): MaskSource {
  return {
    bounds: translate(source.bounds, { x: -offset.x, y: -offset.y }),
    read: (rect, pace) => source.read({ ...rect, x: rect.x + offset.x, y: rect.y + offset.y }, pace),
  }
}
