/**
 * One piece of a large picture, packed so that a thread without any store can compose it.
 *
 * Invariant: a job holds all it needs: the part of the stack that touches its rectangle, the bytes of those tiles (each
 * once) in one shared block of memory, and where its rows go in the shared picture. Nobody else writes those rows.
 */
import { offsetAt, type StackEntry } from '../../../shared/document/stack.ts'
import type { Point, Rect } from '../../../shared/geometry.ts'
import type { TileHash } from '../../../shared/ids.ts'
import type { PixelFormat } from '../../../shared/pixels.ts'
import { type TileKey, type TileMap, tileBytes, tileKey, tilesIn } from '../../../shared/tiles.ts'
import { composeInto } from './composite.ts'
import type { TileReader } from './tile-access.ts'

export interface StripJob {
  readonly stack: readonly StackEntry[]
  /** Document pixels. */
  readonly rect: Rect
  readonly tiles: ReadonlyMap<TileHash, { readonly start: number; readonly length: number }>
  readonly bytes: SharedArrayBuffer
  readonly picture: SharedArrayBuffer
  /** First byte of the rectangle in the picture, and bytes from row to row. */
  readonly at: number
  readonly stride: number
}

/** Composes a job into its picture; runs in a worker. */
export function runStripJob(job: StripJob): void {
  const reader: TileReader = {
    read(hash) {
      const place = job.tiles.get(hash)
      if (!place) throw new Error(`A tile is missing from the job: ${hash}`)
      return new Uint8Array(job.bytes, place.start, place.length)
    },
  }
  const target = { data: new Uint8Array(job.picture), at: job.at, stride: job.stride }
  composeInto(job.stack, { tiles: reader, level: 0 }, job.rect, target)
}

/** The stack as far as it touches a rectangle of the document: the same picture there, with fewer tiles. */
export function cutStack(stack: readonly StackEntry[], rect: Rect): StackEntry[] {
  return stack.map((entry) => {
    const mask = entry.mask && { ...entry.mask, tiles: cutTiles(entry.mask.tiles, entry.offset, rect) }
    return entry.kind === 'raster'
      ? { ...entry, mask, tiles: cutTiles(entry.tiles, entry.offset, rect) }
      : { ...entry, mask, children: cutStack(entry.children, rect) }
  })
}

/** Every tile of a stack once, with its format. */
export function tilesOf(
  stack: readonly StackEntry[],
  found = new Map<TileHash, PixelFormat>(),
): Map<TileHash, PixelFormat> {
  for (const entry of stack) {
    if (entry.mask) for (const hash of Object.values(entry.mask.tiles)) found.set(hash as TileHash, 'gray8')
    if (entry.kind === 'group') tilesOf(entry.children, found)
    else for (const hash of Object.values(entry.tiles)) found.set(hash as TileHash, 'rgba8')
  }
  return found
}

/** Bytes that a set of tiles takes at level 0. */
export function bytesOf(tiles: ReadonlyMap<TileHash, PixelFormat>): number {
  let bytes = 0
  for (const format of tiles.values()) bytes += tileBytes(format)
  return bytes
}

function cutTiles(map: TileMap, offset: Point, rect: Rect): TileMap {
  const by = offsetAt(offset, 0)
  const kept: Record<TileKey, TileHash> = {}
  for (const { tx, ty } of tilesIn({ ...rect, x: rect.x - by.x, y: rect.y - by.y })) {
    const key = tileKey(tx, ty)
    const hash = map[key]
    if (hash) kept[key] = hash
  }
  return kept
}
