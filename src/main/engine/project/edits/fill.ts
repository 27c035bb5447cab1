/**
 * Clearing and filling what is selected.
 *
 * Invariant: where nothing is selected, clearing empties the whole layer and filling covers the whole canvas.
 */

import type { RasterLayer } from '../../../../shared/document/model.ts'
import { intersect, translate } from '../../../../shared/geometry.ts'
import type { TileHash } from '../../../../shared/ids.ts'
import type { IntentOf } from '../../../../shared/intents.ts'
import { type TileKey, tileKey, tileMapBounds, tileRect, tilesIn } from '../../../../shared/tiles.ts'
import { createCover, type PixelPaint, paintPixels } from '../../imaging/brush-raster.ts'
import type { Gray, MaskSource } from '../../imaging/mask-source.ts'
import { byteColour } from './colour.ts'
import type { Edit, EditWork } from './context.ts'
import { editableRaster } from './layers.ts'
import { fromLayer, paintLimit, selectionSource } from './limits.ts'
import { patchChange, withTiles } from './tile-changes.ts'

export async function clear(work: EditWork, { layer: id }: IntentOf<'clear'>): Promise<Edit> {
  const layer = editableRaster(work.document, id)
  const after = await clearedTiles(work, layer, selectionSource(work.document, work.tiles))
  return { label: 'Clear', origin: 'clear', changes: patchChange(id, 'pixels', layer.tiles, after) }
}

/** A layer's tiles without what a source covers; without anything for null. */
export async function clearedTiles(
  work: EditWork,
  layer: RasterLayer,
  limit: MaskSource | null,
): Promise<RasterLayer['tiles']> {
  if (!limit) return {}
  const bounds = tileMapBounds(layer.tiles, { x: 0, y: 0 })
  return coverTiles(work, layer, limit, bounds, { mode: 'erase' }, () => null)
}

export async function fillColour(work: EditWork, intent: IntentOf<'fill-colour'>): Promise<Edit> {
  const layer = editableRaster(work.document, intent.layer)
  const colour = await byteColour(work, intent.colour)
  const paint: PixelPaint = { mode: 'paint', colour }
  const limit = paintLimit(work.document, work.tiles)
  const full = () => {
    const solid = paintPixels(null, createCover().fill(1), 1, 255, paint)
    return solid && work.tiles.write('rgba8', solid)
  }
  const bounds = translate(limit.bounds, { x: -layer.offset.x, y: -layer.offset.y })
  const after = await coverTiles(work, layer, limit, bounds, paint, full)
  return {
    label: 'Fill with colour',
    origin: 'fill',
    changes: patchChange(layer.id, 'pixels', layer.tiles, after),
  }
}

/**
 * Paints or erases at full strength wherever a source covers.
 * @param bounds the part to look at, in the layer's coordinates
 * @param full makes the tile that takes the place of one that is covered completely; called once at most
 */
async function coverTiles(
  { tiles, pace }: EditWork,
  layer: RasterLayer,
  limit: MaskSource,
  bounds: MaskSource['bounds'],
  paint: PixelPaint,
  full: () => TileHash | null,
): Promise<RasterLayer['tiles']> {
  const local = fromLayer(limit, layer.offset)
  const cover = createCover().fill(1)
  const changed = new Map<TileKey, TileHash | null>()
  let whole: TileHash | null | undefined
  for (const { tx, ty } of tilesIn(intersect(bounds, local.bounds))) {
    if (pace.due()) await pace.rest()
    const key = tileKey(tx, ty)
    const hash = layer.tiles[key]
    if (!hash && paint.mode === 'erase') continue
    const gray: Gray = await local.read(tileRect(tx, ty), pace)
    if (gray === 255) {
      whole ??= full()
      changed.set(key, whole)
      continue
    }
    const pixels = paintPixels(hash ? tiles.read(hash) : null, cover, 1, gray, paint)
    if (pixels) changed.set(key, tiles.write('rgba8', pixels))
  }
  return withTiles(layer.tiles, changed)
}
