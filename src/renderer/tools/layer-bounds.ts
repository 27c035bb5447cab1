/**
 * What a layer covers, for drawing an outline around it while it is moved.
 *
 * Invariant: empty tiles are not stored, so the outermost row and column of tiles on each side hold the outermost pixels:
 * only those are read. Many of them are read at a mipmap level: the outline is then a few document pixels coarse, which
 * is less than a screen pixel where so much is in sight.
 */
import { type Document, subtreeOf } from '../../shared/document/model.ts'
import { EMPTY_RECT, type Rect, translate, union } from '../../shared/geometry.ts'
import type { LayerId, TileHash } from '../../shared/ids.ts'
import { mipSide, parseTileKey, TILE_SIZE, type TileMap, tileEntries } from '../../shared/tiles.ts'

type FetchTiles = (hashes: readonly TileHash[], level: number) => Promise<Map<TileHash, Uint8Array>>

const EXACT_TILES = 24
const COARSE_LEVEL = 2

/** The document's pixels that a layer, or a group's layers, cover; empty when there is nothing. */
export async function layerBounds(document: Document, id: LayerId, fetchTiles: FetchTiles): Promise<Rect> {
  let all = EMPTY_RECT
  for (const layer of subtreeOf(document, id)) {
    if (layer.kind !== 'raster' || !layer.visible) continue
    all = union(all, translate(await contentBounds(layer.tiles, fetchTiles), layer.offset))
  }
  return all
}

async function contentBounds(tiles: TileMap, fetchTiles: FetchTiles): Promise<Rect> {
  const placed = tileEntries(tiles).map(([key, hash]) => ({ ...parseTileKey(key), hash }))
  const columns = placed.map(({ tx }) => tx)
  const rows = placed.map(({ ty }) => ty)
  const [left, right] = extent(columns)
  const [top, bottom] = extent(rows)
  const rim = placed.filter(({ tx, ty }) => tx === left || tx === right || ty === top || ty === bottom)
  const level = rim.length <= EXACT_TILES ? 0 : COARSE_LEVEL
  const bytes = await fetchTiles([...new Set(rim.map(({ hash }) => hash))], level)
  return rim.reduce((all, { tx, ty, hash }) => {
    const inside = opaqueBounds(bytes.get(hash), level)
    return union(all, translate(inside, { x: tx * TILE_SIZE, y: ty * TILE_SIZE }))
  }, EMPTY_RECT)
}

function extent(values: readonly number[]): readonly [number, number] {
  return [
    values.reduce((a, b) => Math.min(a, b), Infinity),
    values.reduce((a, b) => Math.max(a, b), -Infinity),
  ]
}

/** The rectangle around the pixels of an rgba8 tile that are not transparent, in pixels of level 0. */
export function opaqueBounds(tile: Uint8Array | undefined, level: number): Rect {
  if (!tile) return EMPTY_RECT
  const side = mipSide(level)
  let left = side
  let right = -1
  let top = side
  let bottom = -1
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      if (tile[(y * side + x) * 4 + 3] === 0) continue
      if (x < left) left = x
      if (x > right) right = x
      if (y < top) top = y
      bottom = y
    }
  }
  if (right < 0) return EMPTY_RECT
  const scale = TILE_SIZE / side
  return {
    x: left * scale,
    y: top * scale,
    width: (right - left + 1) * scale,
    height: (bottom - top + 1) * scale,
  }
}
