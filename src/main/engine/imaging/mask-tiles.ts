/**
 * Masks as tiles: a source of cover written as gray8 tiles, a block at a time.
 *
 * Invariant: blocks are whole tiles, so no more than one block and its neighbourhood is in memory, whatever the size of
 * the picture. A tile that is full is made and hashed once.
 */
import { EMPTY_RECT, isEmpty, type Rect, union } from '../../../shared/geometry.ts'
import type { TileHash } from '../../../shared/ids.ts'
import {
  parseTileKey,
  TILE_SIZE,
  type TileKey,
  type TileMap,
  tileEntries,
  tileKey,
  tileRect,
} from '../../../shared/tiles.ts'
import { cropMask, maskBounds } from './mask.ts'
import { compactGray, type Gray, grayPixels, type MaskSource } from './mask-source.ts'
import type { Pace } from './pace.ts'
import type { TileReader, TileWriter } from './tile-access.ts'

/** Tiles on a block's side: operations that look far around themselves read their surroundings once a block. */
const BLOCK_TILES = 4
const FAR_BLOCK_TILES = 8
const FAR_REACH = 128

/** A tile map and the smallest rectangle around its pixels above 0. */
export interface MaskTiles {
  readonly tiles: TileMap
  readonly bounds: Rect
}

/** Writes all of a source as tiles on the document's grid. */
export async function writeMaskTiles(source: MaskSource, writer: TileWriter, pace: Pace): Promise<MaskTiles> {
  const tiles: { [key in TileKey]?: TileHash } = {}
  let bounds = EMPTY_RECT
  let full: TileHash | null = null
  const put = (tx: number, ty: number, gray: Gray): void => {
    if (gray === 0) return
    const square = tileRect(tx, ty)
    if (gray === 255) {
      full ??= writer.write('gray8', grayPixels(255, square))
      tiles[tileKey(tx, ty)] = full!
      bounds = union(bounds, square)
      return
    }
    const inner = maskBounds({ rect: square, pixels: gray })
    if (isEmpty(inner)) return
    tiles[tileKey(tx, ty)] = writer.write('gray8', gray)!
    bounds = union(bounds, inner)
  }
  for (const block of blocksOf(source)) {
    if (pace.due()) await pace.rest()
    const gray = await source.read(block, pace)
    if (gray === 0) continue
    for (let y = 0; y < block.height; y += TILE_SIZE)
      for (let x = 0; x < block.width; x += TILE_SIZE) {
        const square = { x: block.x + x, y: block.y + y, width: TILE_SIZE, height: TILE_SIZE }
        const part = gray === 255 ? 255 : compactGray(cropMask({ rect: block, pixels: gray }, square).pixels)
        put(square.x / TILE_SIZE, square.y / TILE_SIZE, part)
      }
  }
  return { tiles, bounds }
}

/** Blocks of whole tiles that cover a source, row by row. */
function* blocksOf({ bounds, reach = 0 }: MaskSource): Generator<Rect> {
  if (isEmpty(bounds)) return
  const step = reach > FAR_REACH ? FAR_BLOCK_TILES : BLOCK_TILES
  const first = (v: number) => Math.floor(v / TILE_SIZE)
  const x1 = first(bounds.x + bounds.width - 1) + 1
  const y1 = first(bounds.y + bounds.height - 1) + 1
  for (let ty = first(bounds.y); ty < y1; ty += step)
    for (let tx = first(bounds.x); tx < x1; tx += step)
      yield {
        x: tx * TILE_SIZE,
        y: ty * TILE_SIZE,
        width: Math.min(step, x1 - tx) * TILE_SIZE,
        height: Math.min(step, y1 - ty) * TILE_SIZE,
      }
}

/** The smallest rectangle around a map's pixels above 0, on the document's grid; only the outermost tiles are read. */
export function tilesContentBounds(tiles: TileMap, reader: TileReader): Rect {
  const at = tileEntries(tiles).map(([key, hash]) => ({ ...parseTileKey(key), hash }))
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { tx, ty } of at) {
    x0 = Math.min(x0, tx)
    y0 = Math.min(y0, ty)
    x1 = Math.max(x1, tx)
    y1 = Math.max(y1, ty)
  }
  const measured = new Map<TileHash, Rect>()
  let bounds = EMPTY_RECT
  for (const { tx, ty, hash } of at) {
    if (tx !== x0 && tx !== x1 && ty !== y0 && ty !== y1) continue
    const inner = measured.get(hash) ?? maskBounds({ rect: tileRect(0, 0), pixels: reader.read(hash) })
    measured.set(hash, inner)
    bounds = union(bounds, { ...inner, x: inner.x + tx * TILE_SIZE, y: inner.y + ty * TILE_SIZE })
  }
  return bounds
}
