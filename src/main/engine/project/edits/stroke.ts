/**
 * Strokes: a brush's samples become pixels of a layer, of a mask or of the selection.
 *
 * Invariant: a stroke stays inside the canvas, and inside the selection unless it paints the selection itself. Only the
 * tiles it touches are read and written, one at a time.
 */
import { type Dab, strokeDabs } from '../../../../shared/brush.ts'
import { ORIGIN, type Point } from '../../../../shared/geometry.ts'
import type { LayerId, TileHash } from '../../../../shared/ids.ts'
import type { IntentOf } from '../../../../shared/intents.ts'
import { type TileKey, tileKey, tileRect } from '../../../../shared/tiles.ts'
import {
  createCover,
  dabsByTile,
  type PixelPaint,
  paintMask,
  paintPixels,
  renderCover,
} from '../../imaging/brush-raster.ts'
import { type Gray, type MaskSource, rectSource } from '../../imaging/mask-source.ts'
import { byteColour } from './colour.ts'
import type { Edit, EditWork } from './context.ts'
import { editableMask, editableRaster } from './layers.ts'
import { canvasRect, fromLayer, paintLimit } from './limits.ts'
import { patchChange, selectionTilesChange, withTiles } from './tile-changes.ts'

type Stroke = IntentOf<'stroke'>

/** Tiles that a stroke changed; null is an empty tile. */
type Painted = ReadonlyMap<TileKey, TileHash | null>

export async function stroke(work: EditWork, intent: Stroke): Promise<Edit | null> {
  switch (intent.target.kind) {
    case 'pixels':
      return strokeOnPixels(work, intent, intent.target.layer)
    case 'mask':
      return strokeOnMask(work, intent, intent.target.layer)
    case 'selection':
      return strokeOnSelection(work, intent)
  }
}

async function strokeOnPixels(work: EditWork, intent: Stroke, id: LayerId): Promise<Edit | null> {
  const { document, tiles } = work
  const layer = editableRaster(document, id)
  const paint: PixelPaint =
    intent.mode === 'paint'
      ? { mode: 'paint', colour: await byteColour(work, intent.colour) }
      : { mode: 'erase' }
  const painted = await paintTiles(
    work,
    intent,
    layer.offset,
    paintLimit(document, tiles),
    (key, cover, limit) => {
      const hash = layer.tiles[key]
      const pixels = paintPixels(hash ? tiles.read(hash) : null, cover, intent.brush.opacity, limit, paint)
      return pixels ? tiles.write('rgba8', pixels) : (hash ?? null)
    },
  )
  const changes = patchChange(id, 'pixels', layer.tiles, withTiles(layer.tiles, painted))
  return intent.mode === 'paint'
    ? { label: 'Brush stroke', origin: 'brush', changes }
    : { label: 'Eraser stroke', origin: 'eraser', changes }
}

async function strokeOnMask(work: EditWork, intent: Stroke, id: LayerId): Promise<Edit | null> {
  const { document, tiles } = work
  const { layer, mask } = editableMask(document, id)
  const painted = await paintTiles(
    work,
    intent,
    layer.offset,
    paintLimit(document, tiles),
    (key, cover, limit) => {
      const hash = mask.tiles[key]
      const before = hash ? tiles.read(hash) : mask.outside
      const pixels = paintMask(before, cover, intent.brush.opacity, limit, intent.mode)
      return pixels ? tiles.write('gray8', pixels, mask.outside) : (hash ?? null)
    },
  )
  const changes = patchChange(id, 'mask', mask.tiles, withTiles(mask.tiles, painted))
  const label = intent.mode === 'paint' ? 'Brush stroke on mask' : 'Eraser stroke on mask'
  return { label, origin: 'mask', changes }
}

async function strokeOnSelection(work: EditWork, intent: Stroke): Promise<Edit | null> {
  const { document, tiles } = work
  const before = document.selection?.tiles ?? {}
  const painted = await paintTiles(
    work,
    intent,
    ORIGIN,
    rectSource(canvasRect(document)),
    (key, cover, limit) => {
      const hash = before[key]
      const pixels = paintMask(hash ? tiles.read(hash) : 0, cover, intent.brush.opacity, limit, intent.mode)
      return pixels ? tiles.write('gray8', pixels) : (hash ?? null)
    },
  )
  const changes = selectionTilesChange(document, withTiles(before, painted), tiles)
  const label = intent.mode === 'paint' ? 'Paint selection' : 'Erase selection'
  return { label, origin: 'mask-brush', changes }
}

/**
 * Runs a stroke over the tiles of a plane whose point (0, 0) lies at `offset` in the document.
 * @param paint makes one tile's new content from the cover of the stroke; it may not keep `cover`
 */
async function paintTiles(
  { pace }: EditWork,
  { brush, samples }: Stroke,
  offset: Point,
  limit: MaskSource,
  paint: (key: TileKey, cover: Float32Array, limit: Gray) => TileHash | null,
): Promise<Painted> {
  const local = fromLayer(limit, offset)
  const dabs: Dab[] = strokeDabs(brush, samples).map((dab) => ({
    ...dab,
    x: dab.x - offset.x,
    y: dab.y - offset.y,
  }))
  const painted = new Map<TileKey, TileHash | null>()
  const cover = createCover()
  for (const tile of dabsByTile(dabs, local.bounds)) {
    if (pace.due()) await pace.rest()
    const gray = await local.read(tileRect(tile.tx, tile.ty), pace)
    if (gray === 0) continue
    renderCover(tile, cover)
    const key = tileKey(tile.tx, tile.ty)
    painted.set(key, paint(key, cover, gray))
  }
  return painted
}
