/**
 * The project's pixels: content-addressed tiles, staged in memory until the command that uses them is committed.
 *
 * Invariant: a tile named by a committed command is in the file; what is read has the hash it was asked by. Tiles are
 * stored raw at once (compression costs more than writing) and compressed when idle. Staged tiles beyond a limit go to
 * the file early: without a command that names them they are garbage, dropped at close or by `compact`.
 */
import type { Document } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { TileHash } from '../../../shared/ids.ts'
import type { PixelFormat } from '../../../shared/pixels.ts'
import { tileBytes } from '../../../shared/tiles.ts'
import { type MipReader, mipTile } from '../imaging/mipmap.ts'
import type { TileAccess } from '../imaging/tile-access.ts'
import {
  decodeTile,
  encodeTile,
  FORMAT_ID,
  hashTile,
  isEmptyTile,
  TILE_CODEC,
} from '../imaging/tile-codec.ts'
import { ByteCache } from './byte-cache.ts'
import { FIRST_KEPT_LEVEL, insertMips, readMip } from './mip-table.ts'
import type { ProjectStore } from './project-store.ts'
import { guarded, transact } from './sqlite.ts'
import { type TileReferences, tilesOfDocument } from './tile-references.ts'

export interface TileLimits {
  /** Bytes of pixels kept for reading again. */
  readonly cacheBytes: number
  /** Bytes of pixels that wait in memory for their command. */
  readonly stagedBytes: number
}

export const DEFAULT_TILE_LIMITS: TileLimits = { cacheBytes: 96 << 20, stagedBytes: 64 << 20 }

export interface TileRow {
  readonly format: number
  readonly codec: number
  readonly data: Uint8Array
}

export interface Tile {
  readonly format: PixelFormat
  readonly pixels: Uint8Array
}

export class TileStore implements TileAccess, MipReader {
  readonly #store: ProjectStore
  readonly #limits: TileLimits
  readonly #cache: ByteCache<TileHash>
  readonly #staged = new Map<TileHash, Tile>()
  #stagedBytes = 0
  /** Tiles up to this id are compressed, or do not get smaller. */
  #compressedTo = 0
  /** Tiles this session wrote to the file that no command names yet. */
  readonly #early = new Set<TileHash>()
  readonly #onDamage: (error: InlayError) => void

  constructor(store: ProjectStore, limits: TileLimits, onDamage: (error: InlayError) => void) {
    this.#store = store
    this.#limits = limits
    this.#cache = new ByteCache(limits.cacheBytes)
    this.#onDamage = onDamage
  }

  /** @throws InlayError `project.damaged` when the tile is missing or its bytes do not match its hash. */
  read(hash: TileHash): Uint8Array {
    const known = this.#staged.get(hash)?.pixels ?? this.#cache.get(hash)
    if (known) return known
    const tile = this.#readChecked(hash)
    if (!tile) throw damagedTile('is missing')
    this.#cache.set(hash, tile.pixels)
    return tile.pixels
  }

  /**
   * A mipmap level 1..8 of a tile, from memory or the file.
   * @throws InlayError `project.damaged` when it has to be made and the tile cannot be read
   */
  mip(hash: TileHash, format: PixelFormat, level: number): Uint8Array {
    const known = this.#staged.get(hash)?.pixels ?? this.#cache.get(hash)
    if (!known && level >= FIRST_KEPT_LEVEL) {
      const kept = readMip(this.#store, hashBytes(hash), format, level)
      if (kept) return kept
    }
    return mipTile(format, known ?? this.read(hash), level)
  }

  write(format: PixelFormat, pixels: Uint8Array, outside: 0 | 255 = 0): TileHash | null {
    if (pixels.byteLength !== tileBytes(format))
      throw new Error(`a ${format} tile has ${tileBytes(format)} bytes, not ${pixels.byteLength}`)
    if (isBlank(pixels, outside)) return null
    const hash = hashTile(format, pixels)
    if (this.formatOf(hash) !== null) return hash
    this.#staged.set(hash, { format, pixels })
    this.#stagedBytes += pixels.byteLength
    if (this.#stagedBytes > this.#limits.stagedBytes && !this.#store.readOnly) this.#writeEarly()
    return hash
  }

  /** The format of a tile that is staged or stored; null when there is no such tile. */
  formatOf(hash: TileHash): PixelFormat | null {
    const staged = this.#staged.get(hash)
    if (staged) return staged.format
    const id = guarded(this.#store.path, () =>
      this.#store.db.prepare<number>('select format from tile where hash = ?').pluck().get(hashBytes(hash)),
    )
    return id === undefined ? null : formatOf(id)
  }

  /** @throws InlayError `document.conflict` unless all of these are there, in the right format. */
  refuseUnknown(references: TileReferences): void {
    for (const [hash, format] of references)
      if (this.formatOf(hash) !== format)
        throw new InlayError('document.conflict', 'The edit names pixels that are not in the project.')
  }

  /** @throws InlayError `project.damaged` unless all that a document needs is there. Does not read pixels. */
  refuseMissing(document: Document): void {
    for (const [hash, format] of tilesOfDocument(document))
      if (this.formatOf(hash) !== format)
        throw new InlayError('project.damaged', 'Pieces of the picture are missing in the project file.')
  }

  /**
   * Writes the staged tiles among `references`; called inside the transaction of the command that names them.
   * @returns what to call once that transaction has been committed.
   */
  persist(references: TileReferences): () => void {
    const written: TileHash[] = []
    for (const hash of references.keys()) {
      const staged = this.#staged.get(hash)
      if (!staged) continue
      this.#insert(hash, staged)
      written.push(hash)
    }
    return () => {
      for (const hash of references.keys()) this.#early.delete(hash)
      this.#unstage(written)
    }
  }

  /** Forgets staged tiles no command will name (a candidate that was refused). Those a command names stay. */
  discard(hashes: Iterable<TileHash>): void {
    for (const hash of hashes) {
      const staged = this.#staged.get(hash)
      if (!staged) continue
      this.#staged.delete(hash)
      this.#stagedBytes -= staged.pixels.byteLength
    }
  }

  /**
   * Compresses up to `count` raw tiles and, unless told otherwise, writes the mipmap levels that are missing.
   * @returns how many there were: fewer than `count` means that all are done.
   */
  compressSome(count: number, withMips = true): number {
    const { db, path } = this.#store
    return guarded(path, () => {
      const rows = db
        .prepare<TileRow & { id: number }>(
          `select id, format, tile.codec, tile.data from tile left join mip on mip.tile = tile.id
           where (tile.codec = 0 ${withMips ? 'or mip.tile is null' : ''}) and id > ? order by id limit ?`,
        )
        .all(this.#compressedTo, count)
      const update = db.prepare('update tile set codec = ?, data = ? where id = ?')
      transact(db, () => {
        for (const row of rows) {
          const tile = decodeRow(row)
          if (!tile) continue
          if (withMips) insertMips(db, row.id, tile.format, tile.pixels)
          if (row.codec !== TILE_CODEC.raw) continue
          const packed = encodeTile(tile.format, tile.pixels)
          if (packed.codec !== TILE_CODEC.raw) update.run(packed.codec, packed.data, row.id)
        }
      })
      this.#compressedTo = rows.at(-1)?.id ?? this.#compressedTo
      return rows.length
    })
  }

  /** Drops from the file what was written early and never named. */
  dropEarly(): void {
    if (this.#early.size === 0) return
    const drop = this.#store.db.prepare('delete from tile where hash = ?')
    transact(this.#store.db, () => {
      for (const hash of this.#early) drop.run(hashBytes(hash))
    })
    this.#early.clear()
  }

  /** A hash nobody knows may be the asker's mistake; a tile that is there and wrong is the file's. */
  #readChecked(hash: TileHash): Tile | null {
    try {
      return readTile(this.#store, hash)
    } catch (error) {
      if (error instanceof InlayError && error.code === 'project.damaged') this.#onDamage(error)
      throw error
    }
  }

  #writeEarly(): void {
    const all = [...this.#staged]
    guarded(this.#store.path, () =>
      transact(this.#store.db, () => {
        for (const [hash, staged] of all) this.#insert(hash, staged)
      }),
    )
    for (const [hash] of all) this.#early.add(hash)
    this.#unstage(all.map(([hash]) => hash))
  }

  #insert(hash: TileHash, { format, pixels }: Tile): void {
    this.#store.db
      .prepare('insert into tile (hash, format, codec, data) values (?, ?, ?, ?) on conflict do nothing')
      .run(hashBytes(hash), FORMAT_ID[format], TILE_CODEC.raw, pixels)
  }

  #unstage(hashes: readonly TileHash[]): void {
    for (const hash of hashes) {
      const staged = this.#staged.get(hash)
      if (!staged) continue
      this.#staged.delete(hash)
      this.#stagedBytes -= staged.pixels.byteLength
      this.#cache.set(hash, staged.pixels)
    }
  }
}

/** The format of an id read from a file; null for one we do not know. */
export function formatOf(id: number): PixelFormat | null {
  return id === FORMAT_ID.rgba8 ? 'rgba8' : id === FORMAT_ID.gray8 ? 'gray8' : null
}

function isBlank(pixels: Uint8Array, outside: 0 | 255): boolean {
  return outside === 0 ? isEmptyTile(pixels) : pixels.every((sample) => sample === outside)
}

export function hashBytes(hash: TileHash): Uint8Array {
  return Buffer.from(hash, 'hex')
}

/** Reads a tile from the file. @returns null when it is not there. @throws `project.damaged` when it is not its hash's. */
export function readTile(store: Pick<ProjectStore, 'db' | 'path'>, hash: TileHash): Tile | null {
  const row = guarded(store.path, () =>
    store.db.prepare<TileRow>('select format, codec, data from tile where hash = ?').get(hashBytes(hash)),
  )
  if (!row) return null
  const tile = decodeRow(row)
  if (!tile || hashTile(tile.format, tile.pixels) !== hash) throw damagedTile('is damaged')
  return tile
}

/** The pixels of a row; null when they cannot be decoded. */
export function decodeRow(row: TileRow): Tile | null {
  const format = formatOf(row.format)
  if (!format) return null
  try {
    const pixels = decodeTile(format, row.codec, row.data)
    return pixels.byteLength === tileBytes(format) ? { format, pixels } : null
  } catch {
    return null
  }
}

function damagedTile(what: string): InlayError {
  return new InlayError(
    'project.damaged',
    `A piece of the picture ${what} in the project file. Save what can still be read as a new project.`,
  )
}
