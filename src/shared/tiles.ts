/**
 * Tiles: the squares a layer's pixels are stored in.
 *
 * Invariant: tile (tx, ty) of a layer covers the layer-local pixels [256 tx, 256 tx + 256) x [256 ty, 256 ty + 256);
 * coordinates may be negative. A tile that is missing from a map is empty (transparent, or the mask's default value).
 * A tile is named by the hash of its content and never changes, so whoever has it may keep it for ever.
 *
 * Mipmaps are made tile by tile: level n of a tile is its own (256 >> n)-pixel square, addressed by the same hash and
 * the level. No level ever needs a neighbour.
 */
import { z } from 'zod'
import type { Point, Rect } from './geometry.ts'
import { TileHash } from './ids.ts'
import { BYTES_PER_PIXEL, type PixelFormat } from './pixels.ts'

export const TILE_SIZE = 256

/** Levels 0 (256 pixels) to 8 (one pixel). */
export const MAX_MIP_LEVEL = 8

/** One spelling a tile: no leading zeros, no minus zero. */
export const TILE_KEY = /^(0|-?[1-9]\d{0,4}),(0|-?[1-9]\d{0,4})$/

export const TileKey = z
  .string()
  .regex(TILE_KEY)
  .transform((key) => key as TileKey)
export type TileKey = `${number},${number}`

/** From tile coordinate to content. */
export type TileMap = { readonly [key in TileKey]?: TileHash }
export const TileMap = z.record(z.string().regex(TILE_KEY), TileHash) as unknown as z.ZodType<TileMap>

export function tileKey(tx: number, ty: number): TileKey {
  return `${tx},${ty}`
}

export function parseTileKey(key: TileKey): { readonly tx: number; readonly ty: number } {
  const comma = key.indexOf(',')
  return { tx: Number(key.slice(0, comma)), ty: Number(key.slice(comma + 1)) }
}

/** The layer-local pixels of a tile. */
export function tileRect(tx: number, ty: number): Rect {
  return { x: tx * TILE_SIZE, y: ty * TILE_SIZE, width: TILE_SIZE, height: TILE_SIZE }
}

/** The entries of a tile map; the cast is safe because only `tileKey` makes keys. */
export function tileEntries(map: TileMap): [TileKey, TileHash][] {
  return Object.entries(map) as [TileKey, TileHash][]
}

/** Tile coordinates that touch a layer-local rectangle, row by row. */
export function tilesIn(rect: Rect): { readonly tx: number; readonly ty: number }[] {
  if (rect.width <= 0 || rect.height <= 0) return []
  const x0 = Math.floor(rect.x / TILE_SIZE)
  const y0 = Math.floor(rect.y / TILE_SIZE)
  const x1 = Math.floor((rect.x + rect.width - 1) / TILE_SIZE)
  const y1 = Math.floor((rect.y + rect.height - 1) / TILE_SIZE)
  const result: { tx: number; ty: number }[] = []
  for (let ty = y0; ty <= y1; ty++) for (let tx = x0; tx <= x1; tx++) result.push({ tx, ty })
  return result
}

/** The rectangle around all tiles of a map, moved by the layer's offset; empty for an empty map. */
export function tileMapBounds(map: TileMap, offset: Point): Rect {
  let x0 = Infinity
  let y0 = Infinity
  let x1 = -Infinity
  let y1 = -Infinity
  for (const [key] of tileEntries(map)) {
    const { tx, ty } = parseTileKey(key)
    x0 = Math.min(x0, tx)
    y0 = Math.min(y0, ty)
    x1 = Math.max(x1, tx)
    y1 = Math.max(y1, ty)
  }
  if (x1 < x0) return { x: 0, y: 0, width: 0, height: 0 }
  return {
    x: x0 * TILE_SIZE + offset.x,
    y: y0 * TILE_SIZE + offset.y,
    width: (x1 - x0 + 1) * TILE_SIZE,
    height: (y1 - y0 + 1) * TILE_SIZE,
  }
}

/** Side of a tile at a mipmap level, in pixels. */
export function mipSide(level: number): number {
  return TILE_SIZE >> level
}

/** Bytes of a tile at a mipmap level. */
export function tileBytes(format: PixelFormat, level = 0): number {
  return mipSide(level) ** 2 * BYTES_PER_PIXEL[format]
}

/** The coarsest level that still has at least one pixel for every screen pixel at a zoom (screen pixels per pixel). */
export function mipLevelFor(zoom: number): number {
  if (!(zoom < 1)) return 0
  return Math.min(MAX_MIP_LEVEL, Math.max(0, Math.floor(Math.log2(1 / zoom))))
}
