/**
 * Parts of a document as documents of their own, so that the one compositor composes them.
 *
 * Invariant: pure; the tiles are shared. What is isolated keeps its place on the canvas.
 */
import type { Document, Layer } from '../../../../shared/document/model.ts'
import type { Point } from '../../../../shared/geometry.ts'
import { EMPTY_RECT, type Rect, union } from '../../../../shared/geometry.ts'
import type { LayerId } from '../../../../shared/ids.ts'
import { tileMapBounds, tileRect } from '../../../../shared/tiles.ts'
import { composeRect } from '../../imaging/composite.ts'
import type { TileReader } from '../../imaging/tile-access.ts'

/** These layers alone on the canvas, from bottom to top, with all that hangs in them. */
export function isolated(document: Document, layers: readonly Layer[]): Document {
  const changed = Object.fromEntries(layers.map((layer) => [layer.id, layer]))
  return {
    ...document,
    root: layers.map((layer) => layer.id),
    layers: { ...document.layers, ...changed },
    selection: null,
  }
}

/** A layer as it is by itself: its pixels, without its own opacity, blend mode and mask. */
export function bare(layer: Layer): Layer {
  return { ...layer, visible: true, opacity: 1, blendMode: 'normal', mask: null }
}

/** Around all tiles that a layer (or what shows of a group) may have, in document coordinates. */
export function contentBounds(document: Document, id: LayerId): Rect {
  const layer = document.layers[id]
  if (!layer) return EMPTY_RECT
  if (layer.kind === 'raster') return tileMapBounds(layer.tiles, layer.offset)
  return layer.children
    .filter((child) => document.layers[child]?.visible)
    .reduce((bounds, child) => union(bounds, contentBounds(document, child)), EMPTY_RECT)
}

/** The composed pixels of tile (tx, ty) of a layer whose point (0, 0) lies at `offset`. */
export function composeTile(
  document: Document,
  reader: TileReader,
  tx: number,
  ty: number,
  offset: Point,
): Uint8Array {
  const square = tileRect(tx, ty)
  return composeRect(document, reader, { ...square, x: square.x + offset.x, y: square.y + offset.y })
}
