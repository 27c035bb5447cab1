/**
 * From tiles before and after to the changes of a command.
 *
 * Invariant: only tiles that differ are named, each with what was before; no change is made of nothing.
 */
import type { Change, TileChanges } from '../../../../shared/document/commands.ts'
import type { Document, Selection } from '../../../../shared/document/model.ts'
import { isEmpty, type Rect } from '../../../../shared/geometry.ts'
import type { LayerId, TileHash } from '../../../../shared/ids.ts'
import { type TileKey, type TileMap, tileEntries, tileKey, tilesIn } from '../../../../shared/tiles.ts'
import { type MaskTiles, tilesContentBounds } from '../../imaging/mask-tiles.ts'
import type { Pace } from '../../imaging/pace.ts'
import type { TileReader, TileWriter } from '../../imaging/tile-access.ts'

/** A tile map in the making. */
export type OpenTileMap = { [key in TileKey]?: TileHash }

/** Null when the maps are the same. */
export function tileChanges(before: TileMap, after: TileMap): TileChanges | null {
  const changes: { [key in TileKey]?: [TileHash | null, TileHash | null] } = {}
  for (const [key, hash] of tileEntries(before))
    if (after[key] !== hash) changes[key] = [hash, after[key] ?? null]
  for (const [key, hash] of tileEntries(after)) if (before[key] === undefined) changes[key] = [null, hash]
  return Object.keys(changes).length > 0 ? changes : null
}

/** A map with some tiles replaced; null takes one out. */
export function withTiles(before: TileMap, changed: ReadonlyMap<TileKey, TileHash | null>): TileMap {
  const next: OpenTileMap = { ...before }
  for (const [key, hash] of changed)
    if (hash === null) delete next[key]
    else next[key] = hash
  return next
}

/** The change from a layer's tiles to others; none when they are the same. */
export function patchChange(
  id: LayerId,
  plane: 'pixels' | 'mask',
  before: TileMap,
  after: TileMap,
): readonly Change[] {
  const tiles = tileChanges(before, after)
  return tiles ? [{ type: 'pixels.patch', v: 1, id, plane, tiles }] : []
}

/** The change to another selection; null or an empty one means "nothing selected". */
export function selectionChange(document: Document, after: MaskTiles | null): readonly Change[] {
  const before: Selection | null = document.selection
  const next = after && !isEmpty(after.bounds) ? after : null
  const tiles = tileChanges(before?.tiles ?? {}, next?.tiles ?? {})
  if (!tiles && (before === null) === (next === null)) return []
  return [
    {
      type: 'selection.patch',
      v: 1,
      before: before?.bounds ?? null,
      after: next?.bounds ?? null,
      tiles: tiles ?? {},
    },
  ]
}

/** As above, where the bounds of the new tiles are not known yet. */
export function selectionTilesChange(
  document: Document,
  tiles: TileMap,
  reader: TileReader,
): readonly Change[] {
  return selectionChange(document, { tiles, bounds: tilesContentBounds(tiles, reader) })
}

/**
 * Makes rgba8 tiles for all that touch a rectangle (in the map's own coordinates).
 * @param make the pixels of a tile (whole, 256 x 256), or its hash when it is there already, or null for an empty one
 */
export async function makeTiles(
  rect: Rect,
  writer: TileWriter,
  pace: Pace,
  make: (tx: number, ty: number) => Uint8Array | TileHash | null | Promise<Uint8Array | TileHash | null>,
): Promise<TileMap> {
  const tiles: OpenTileMap = {}
  for (const { tx, ty } of tilesIn(rect)) {
    if (pace.due()) await pace.rest()
    const made = await make(tx, ty)
    const hash = made instanceof Uint8Array ? writer.write('rgba8', made) : made
    if (hash) tiles[tileKey(tx, ty)] = hash
  }
  return tiles
}
