/**
 * New layers from what is there: layer via copy and via cut, merged copy, duplicate.
 *
 * Invariant: a copy looks like its source where it was selected: it takes over opacity, blend mode and mask, and keeps
 * the source's tile grid, so that a tile which is selected wholly is shared and not made again.
 */
import type { Layer, RasterLayer } from '../../../../shared/document/model.ts'
import { subtreeOf } from '../../../../shared/document/model.ts'
import { intersect, ORIGIN, type Point, type Rect, translate } from '../../../../shared/geometry.ts'
import type { LayerId } from '../../../../shared/ids.ts'
import type { IntentOf } from '../../../../shared/intents.ts'
import type { TileMap } from '../../../../shared/tiles.ts'
import { tileKey, tileMapBounds, tileRect } from '../../../../shared/tiles.ts'
import { grayAt, type MaskSource, rectSource } from '../../imaging/mask-source.ts'
import type { Edit, EditWork } from './context.ts'
import { clearedTiles } from './fill.ts'
import { bare, composeTile, contentBounds, isolated } from './isolate.ts'
import { conflict, editableRaster, freeName, insertion, layerOf, newRaster, placeOfLayer } from './layers.ts'
import { canvasRect, fromLayer, selectionSource } from './limits.ts'
import { makeTiles, patchChange } from './tile-changes.ts'

export async function layerFromSelection(
  work: EditWork,
  { source, cut }: IntentOf<'layer-from-selection'>,
): Promise<Edit> {
  if (source !== 'merged') return cut ? viaCut(work, source.layer) : viaCopy(work, source.layer)
  if (cut) throw conflict('Only one layer can be cut from. Choose a layer.')
  const { document } = work
  const limit = selectionSource(document, work.tiles) ?? rectSource(canvasRect(document))
  const tiles = await composedTiles(work, document, limit.bounds, ORIGIN, limit)
  refuseNothing(tiles)
  const layer = newRaster(work.newLayerId(), freeName(document, 'Merged copy'), tiles)
  return {
    label: 'Merged copy',
    origin: 'layer',
    changes: [insertion(document, { parent: null, index: document.root.length }, [layer])],
  }
}

async function viaCopy(work: EditWork, id: LayerId): Promise<Edit> {
  const layer = await copyOf(work, id)
  const place = placeOfLayer(work.document, id)
  return {
    label: 'Layer via copy',
    origin: 'layer',
    changes: [insertion(work.document, { ...place, index: place.index + 1 }, [layer])],
  }
}

async function viaCut(work: EditWork, id: LayerId): Promise<Edit> {
  const source = editableRaster(work.document, id)
  const layer = await copyOf(work, id)
  const left = await clearedTiles(work, source, selectionSource(work.document, work.tiles))
  const place = placeOfLayer(work.document, id)
  return {
    label: 'Layer via cut',
    origin: 'layer',
    changes: [
      ...patchChange(id, 'pixels', source.tiles, left),
      insertion(work.document, { ...place, index: place.index + 1 }, [layer]),
    ],
  }
}

/** A layer of what is selected of another; of a group, what it composes to. */
async function copyOf(work: EditWork, id: LayerId): Promise<RasterLayer> {
  const { document } = work
  const source = layerOf(document, id)
  const limit = selectionSource(document, work.tiles)
  const tiles =
    source.kind === 'raster'
      ? await selectedTiles(work, source, limit)
      : await composedTiles(
          work,
          isolated(document, [bare(source)]),
          contentBounds(document, id),
          source.offset,
          limit,
        )
  refuseNothing(tiles)
  const { visible, opacity, offset, mask } = source
  const blendMode = source.kind === 'group' && source.passThrough ? 'normal' : source.blendMode
  const name = freeName(document, `${source.name} copy`.slice(0, 180))
  return newRaster(work.newLayerId(), name, tiles, { visible, opacity, offset, mask, blendMode })
}

/** The tiles of a layer where a source covers; all of them for null. */
async function selectedTiles(
  { tiles, pace }: EditWork,
  layer: RasterLayer,
  limit: MaskSource | null,
): Promise<TileMap> {
  if (!limit) return layer.tiles
  const local = fromLayer(limit, layer.offset)
  const bounds = intersect(tileMapBounds(layer.tiles, ORIGIN), local.bounds)
  return makeTiles(bounds, tiles, pace, async (tx, ty) => {
    const hash = layer.tiles[tileKey(tx, ty)]
    if (!hash) return null
    const gray = await local.read(tileRect(tx, ty), pace)
    if (typeof gray === 'number') return gray === 255 ? hash : null
    return cutOut(tiles.read(hash), gray)
  })
}

/** What a document composes to, on a grid at `offset`, where a source covers. */
async function composedTiles(
  { tiles, pace }: EditWork,
  document: Parameters<typeof composeTile>[0],
  bounds: Rect,
  offset: Point,
  limit: MaskSource | null,
): Promise<TileMap> {
  const local = fromLayer(limit ?? rectSource(bounds), offset)
  const area = intersect(translate(bounds, { x: -offset.x, y: -offset.y }), local.bounds)
  return makeTiles(area, tiles, pace, async (tx, ty) => {
    const gray = await local.read(tileRect(tx, ty), pace)
    if (gray === 0) return null
    const pixels = composeTile(document, tiles, tx, ty, offset)
    return gray === 255 ? pixels : cutOut(pixels, gray)
  })
}

/** Pixels with their alpha lowered to what is selected; a pixel that becomes transparent loses its colour too. */
function cutOut(rgba: Uint8Array, gray: Uint8Array): Uint8Array {
  const out = new Uint8Array(rgba.length)
  for (let i = 0; i < gray.length; i++) {
    const alpha = Math.floor((rgba[4 * i + 3]! * grayAt(gray, i)) / 255 + 0.5)
    if (alpha === 0) continue
    out[4 * i] = rgba[4 * i]!
    out[4 * i + 1] = rgba[4 * i + 1]!
    out[4 * i + 2] = rgba[4 * i + 2]!
    out[4 * i + 3] = alpha
  }
  return out
}

function refuseNothing(tiles: TileMap): void {
  if (Object.keys(tiles).length === 0)
    throw conflict('There are no pixels in what is selected. Select another part or layer.')
}

/** A layer with all that hangs in it, copied just above itself. */
export async function duplicate(work: EditWork, { layer: id }: IntentOf<'duplicate'>): Promise<Edit> {
  const { document } = work
  const layers = subtreeOf(document, layerOf(document, id).id)
  const ids = new Map(layers.map((layer) => [layer.id, work.newLayerId()]))
  const copies = layers.map((layer): Layer => {
    const copy = { ...layer, id: ids.get(layer.id)! }
    return copy.kind === 'group' ? { ...copy, children: copy.children.map((child) => ids.get(child)!) } : copy
  })
  const top = copies[0]!
  copies[0] = { ...top, name: freeName(document, `${top.name} copy`.slice(0, 180)) }
  const place = placeOfLayer(document, id)
  return {
    label: top.kind === 'group' ? 'Duplicate group' : 'Duplicate layer',
    origin: 'layer',
    changes: [insertion(document, { ...place, index: place.index + 1 }, copies)],
  }
}
