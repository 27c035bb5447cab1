/**
 * Mipmap levels kept in the project file, so that a large project that is opened again shows its first picture without
 * reading and halving every tile.
 *
 * Invariant: a row holds what `mipTile` makes of its tile, byte for byte, levels 2 to 8 one after the other (level 1 would
 * cost a quarter of the pixels). Rows are a convenience: one that is missing or cannot be read is made from the tile.
 */
import type { TileHash } from '../../../shared/ids.ts'
import type { PixelFormat } from '../../../shared/pixels.ts'
import { MAX_MIP_LEVEL, tileBytes } from '../../../shared/tiles.ts'
import { mipChain } from '../imaging/mipmap.ts'
import { packBytes, unpackBytes } from '../imaging/tile-codec.ts'
import type { ProjectStore } from './project-store.ts'
import type { Connection } from './sqlite.ts'

/** The finest level that is kept. */
export const FIRST_KEPT_LEVEL = 2

/** Writes the levels of a tile that has none yet. */
export function insertMips(db: Connection, tile: number, format: PixelFormat, pixels: Uint8Array): void {
  const levels = mipChain(format, pixels).slice(FIRST_KEPT_LEVEL - 1)
  const { codec, data } = packBytes(Buffer.concat(levels))
  db.prepare('insert into mip (tile, codec, data) values (?, ?, ?) on conflict do nothing').run(
    tile,
    codec,
    data,
  )
}

/** A kept level of a tile; null when there is none that can be read. */
export function readMip(
  { db }: Pick<ProjectStore, 'db'>,
  hash: Uint8Array,
  format: PixelFormat,
  level: number,
): Uint8Array | null {
  try {
    const row = db
      .prepare<{ codec: number; data: Uint8Array }>(
        'select mip.codec, mip.data from tile join mip on mip.tile = tile.id where tile.hash = ?',
      )
      .get(hash)
    if (!row) return null
    const bytes = unpackBytes(row.codec, row.data, levelsBytes(format))
    let start = 0
    for (let l = FIRST_KEPT_LEVEL; l < level; l++) start += tileBytes(format, l)
    // A copy: a view would keep all levels alive as long as one of them.
    return bytes.slice(start, start + tileBytes(format, level))
  } catch {
    return null
  }
}

/** Takes the kept levels over into a copy that has the same tiles. */
export function copyMips(
  source: Pick<ProjectStore, 'db'>,
  target: Connection,
  hashes: Iterable<TileHash>,
): void {
  const read = source.db.prepare<{ codec: number; data: Uint8Array }>(
    'select mip.codec, mip.data from tile join mip on mip.tile = tile.id where tile.hash = ?',
  )
  const write = target.prepare('insert into mip (tile, codec, data) select id, ?, ? from tile where hash = ?')
  for (const hash of hashes) {
    const key = Buffer.from(hash, 'hex')
    const row = read.get(key)
    if (row) write.run(row.codec, row.data, key)
  }
}

function levelsBytes(format: PixelFormat): number {
  let bytes = 0
  for (let level = FIRST_KEPT_LEVEL; level <= MAX_MIP_LEVEL; level++) bytes += tileBytes(format, level)
  return bytes
}
