/** Which layer is seen at a place: asks the tiles, from the top of the stack down. */
import type { Document, Layer } from '../../shared/document/model.ts'
import type { LayerId, TileHash } from '../../shared/ids.ts'
import { TILE_SIZE, type TileMap, tileKey } from '../../shared/tiles.ts'
import { layersFromTop, lineage } from './move-edit.ts'
import type { Spot } from './tool.ts'

/** Fainter pixels (of 255) are looked through. */
const SEEN = 26

type FetchTiles = (hashes: readonly TileHash[], level: number) => Promise<Map<TileHash, Uint8Array>>

/** The topmost layer with something to see at a document point; null where there is none. */
export async function layerAt(
  document: Document,
  point: Spot,
  fetchTiles: FetchTiles,
): Promise<LayerId | null> {
  for (const layer of layersFromTop(document)) {
    if (layer.kind !== 'raster') continue
    const alpha = await sampleAt(layer.tiles, layer, point, 4, 0, fetchTiles)
    if (alpha < SEEN) continue
    const shown = await shownThrough(document, layer, point, fetchTiles)
    if (alpha * shown >= SEEN) return layer.id
  }
  return null
}

/** What masks and opacities leave of the layer at the point, 0..1. */
async function shownThrough(
  document: Document,
  layer: Layer,
  point: Spot,
  fetchTiles: FetchTiles,
): Promise<number> {
  let shown = 1
  for (const { mask, opacity, offset } of lineage(document, layer)) {
    shown *= opacity
    if (mask?.enabled)
      shown *= (await sampleAt(mask.tiles, { offset }, point, 1, mask.outside, fetchTiles)) / 255
  }
  return shown
}

/** The last sample (alpha, or the mask's value) of the pixel under the point. */
async function sampleAt(
  tiles: TileMap,
  { offset }: Pick<Layer, 'offset'>,
  point: Spot,
  samples: 1 | 4,
  outside: number,
  fetchTiles: FetchTiles,
): Promise<number> {
  const x = Math.floor(point.x) - offset.x
  const y = Math.floor(point.y) - offset.y
  const tx = Math.floor(x / TILE_SIZE)
  const ty = Math.floor(y / TILE_SIZE)
  const hash = tiles[tileKey(tx, ty)]
  if (!hash) return outside
  const bytes = (await fetchTiles([hash], 0)).get(hash)
  const pixel = (y - ty * TILE_SIZE) * TILE_SIZE + (x - tx * TILE_SIZE)
  return bytes?.[pixel * samples + samples - 1] ?? outside
}
