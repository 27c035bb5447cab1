/**
 * Writing a project anew: the compact copy.
 *
 * Invariant: the copy is made beside the target under another name and takes its place only when it is whole. It holds
 * every command and exactly the tiles they name, compressed, in the order they were made.
 */
import fs from 'node:fs'
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import type { TileHash } from '../../../shared/ids.ts'
import { encodeTile, FORMAT_ID } from '../imaging/tile-codec.ts'
import { loadLog, readCommand } from './command-log.ts'
import { copyMips } from './mip-table.ts'
import { isOpenHere } from './open-files.ts'
import { acquireLock } from './project-lock.ts'
import { createStore, type ProjectStore } from './project-store.ts'
import { partPath, replaceFile } from './replace-file.ts'
import { type Connection, filePath, guarded, type SqliteValue } from './sqlite.ts'
import { type TileReferences, tilesOfChanges } from './tile-references.ts'
import { hashBytes, readTile, type Tile } from './tile-store.ts'

/** Tables copied row by row, parents before children. Tiles are copied apart. */
export const COPIED_TABLES = [
  'meta',
  'command',
  'head',
  'redo',
  'snapshot',
  'generation',
  'view_state',
  'original',
  'blob',
  'composite',
  'thumbnail',
] as const

/** @throws InlayError `project.damaged`, and those of `writeBeside`. */
export function copyProject(source: ProjectStore, target: string): { readonly bytes: number } {
  const needed = tilesOfHistory(source)
  return writeBeside(target, (db) => {
    for (const table of COPIED_TABLES) copyTable(source, db, table)
    copyTiles(source, db, needed)
  })
}

/** Every tile some command names. @throws InlayError `project.damaged`. */
export function tilesOfHistory(source: ProjectStore): TileReferences {
  const needed: TileReferences = new Map()
  for (const entry of loadLog(source).entries) tilesOfChanges(readCommand(source, entry).changes, needed)
  return needed
}

/**
 * Makes a project file with `fill` and puts it at `target`, replacing what is there.
 * @throws InlayError `file.missing`, `file.denied`, `disk.full`, `project.read-only` (the target is open).
 */
export function writeBeside(given: string, fill: (db: Connection) => void): { readonly bytes: number } {
  const target = filePath(given)
  const lock = isOpenHere(target) ? 'busy' : acquireLock(target)
  if (lock === 'busy')
    throw new InlayError('project.read-only', `"${path.basename(target)}" is open. Choose another name.`)
  const part = partPath(target)
  try {
    createStore(part, fill, target).close()
    return guarded(target, () => {
      const bytes = fs.statSync(part).size
      replaceFile(part, target)
      return { bytes }
    })
  } catch (error) {
    fs.rmSync(part, { force: true })
    throw error
  } finally {
    if (typeof lock !== 'string') lock.release()
  }
}

export type Row = Record<string, SqliteValue>

/** Writes a row as it was read. */
export function insertRow(db: Connection, table: string, row: Row): void {
  const columns = Object.keys(row)
  db.prepare(
    `insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  ).run(...Object.values(row))
}

function copyTable(source: ProjectStore, db: Connection, table: (typeof COPIED_TABLES)[number]): void {
  guarded(source.path, () => {
    const rows = source.db.prepare<Row>(`select * from ${table} order by 1`)
    for (const row of rows.iterate()) insertRow(db, table, row)
  })
}

function copyTiles(source: ProjectStore, db: Connection, needed: TileReferences): void {
  for (const hash of needed.keys()) {
    const tile = readTile(source, hash)
    if (!tile) throw missingTile(hash)
    insertTile(db, hash, tile)
  }
  copyMips(source, db, needed.keys())
}

/** Writes a tile, compressed. */
export function insertTile(db: Connection, hash: TileHash, { format, pixels }: Tile): void {
  const packed = encodeTile(format, pixels)
  db.prepare('insert into tile (hash, format, codec, data) values (?, ?, ?, ?)').run(
    hashBytes(hash),
    FORMAT_ID[format],
    packed.codec,
    packed.data,
  )
}

function missingTile(hash: TileHash): InlayError {
  return new InlayError(
    'project.damaged',
    `A piece of the picture is missing in the project file (${hash.slice(0, 8)}).`,
  )
}
