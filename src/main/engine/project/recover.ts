/**
 * Writing what can be read of a damaged project as a new one.
 *
 * Invariant: the new project obeys every law; what is lost is said in its notices. A tile is kept when its bytes have
 * its hash, whatever index or page around it is broken; a lost one becomes empty (`lost-tiles.ts`).
 */
import { apply } from '../../../shared/document/apply.ts'
import type { Change, Command } from '../../../shared/document/commands.ts'
import { type Document, subtreeOf } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { TileHash } from '../../../shared/ids.ts'
import type { TileMap } from '../../../shared/tiles.ts'
import { hashTile } from '../imaging/tile-codec.ts'
import { type LogEntry, SNAPSHOT_EVERY } from './command-log.ts'
import { insertRow, insertTile, type Row, writeBeside } from './copy.ts'
import { withoutLost } from './lost-tiles.ts'
import { readName, readNotices, writeFirstRecords } from './project-records.ts'
import type { ProjectStore } from './project-store.ts'
import { attempt, type Salvage, salvage } from './salvage.ts'
import type { Connection } from './sqlite.ts'
import { tilesOfChanges } from './tile-references.ts'
import { decodeRow, type TileRow } from './tile-store.ts'

export interface Recovered {
  readonly bytes: number
  readonly lostEntries: number
  readonly lostTiles: number
}

/** Tables of no consequence for the laws: each row that can be read is taken over. */
const SIDE_TABLES = ['generation', 'view_state', 'original', 'blob', 'composite'] as const

/** @throws InlayError `project.damaged` when nothing can be read, and those of `writeBeside`. */
export function recoverTo(source: ProjectStore, target: string): Recovered {
  const saved = salvage(source, new InlayError('project.damaged', 'The project is to be recovered.'))
  const commands = saved.log.entries.map((entry) => commandOf(saved, entry))
  const needed = new Set<TileHash>(commands.flatMap(({ changes }) => [...tilesOfChanges(changes).keys()]))
  const lost = new Set<TileHash>()
  const { bytes } = writeBeside(target, (db) => {
    const found = copyGoodTiles(source, db, needed)
    for (const hash of needed) if (!found.has(hash)) lost.add(hash)
    writeFirstRecords(db, {
      name: readName(source),
      root: saved.root,
      notices: [...readNotices(source), ...losses(saved.lostEntries, lost.size)],
      original: null,
      profileBytes: null,
    })
    writeLog(db, saved, commands, lost)
    for (const table of SIDE_TABLES) copyReadable(source, db, table, () => true)
    copyReadable(source, db, 'thumbnail', (row) => saved.documents.has(Number(row['command'])))
  })
  return { bytes, lostEntries: saved.lostEntries, lostTiles: lost.size }
}

function losses(entries: number, tiles: number): string[] {
  if (entries === 0 && tiles === 0)
    return ['This project was recovered from a damaged file; nothing was lost.']
  return [
    `This project was recovered from a damaged file: ${entries} history entries and ${tiles} pieces of pixels are lost ` +
      '(lost pieces are empty).',
  ]
}

/** The command of an entry; one that is lost or stands alone is replaced by all that its document holds. */
function commandOf(saved: Salvage, entry: LogEntry): Command {
  const command = saved.commands.get(entry.seq)
  if (command) return command
  const document = saved.documents.get(entry.seq) as Document
  const before = entry.parentSeq === null ? saved.root : (saved.documents.get(entry.parentSeq) as Document)
  return { id: entry.id, label: entry.label, origin: entry.origin, changes: replacement(before, document) }
}

/** Changes that take one document to another: all layers out, all layers in. */
function replacement(from: Document, to: Document): Change[] {
  const changes: Change[] = []
  const add = (change: unknown): number => changes.push(change as Change)
  add({ type: 'canvas.set', v: 1, before: from.canvas, after: to.canvas })
  for (const id of from.root)
    add({ type: 'layer.delete', v: 1, place: { parent: null, index: 0 }, layers: subtreeOf(from, id) })
  to.root.forEach((id, index) => {
    add({ type: 'layer.insert', v: 1, place: { parent: null, index }, layers: subtreeOf(to, id) })
  })
  const pairs: Record<string, [TileHash | null, TileHash | null]> = {}
  const before: TileMap = from.selection?.tiles ?? {}
  const after: TileMap = to.selection?.tiles ?? {}
  for (const key of Object.keys({ ...before, ...after }) as (keyof TileMap)[])
    pairs[key] = [before[key] ?? null, after[key] ?? null]
  add({
    type: 'selection.patch',
    v: 1,
    before: from.selection?.bounds ?? null,
    after: to.selection?.bounds ?? null,
    tiles: pairs,
  })
  return changes
}

function copyGoodTiles(source: ProjectStore, db: Connection, needed: ReadonlySet<TileHash>): Set<TileHash> {
  const found = new Set<TileHash>()
  const read = source.db.prepare<TileRow>('select format, codec, data from tile where id = ?')
  for (let id = 1; id <= lastId(source, 'tile', 'id'); id++) {
    const row = attempt(() => read.get(id))
    const tile = row && decodeRow(row)
    const hash = tile && hashTile(tile.format, tile.pixels)
    if (!hash || !needed.has(hash) || found.has(hash)) continue
    insertTile(db, hash, tile)
    found.add(hash)
  }
  return found
}

function writeLog(
  db: Connection,
  saved: Salvage,
  commands: readonly Command[],
  lost: ReadonlySet<TileHash>,
): void {
  const documents = new Map<number, Document>()
  saved.log.entries.forEach((entry, index) => {
    const changes = (commands[index] as Command).changes.map((change) => withoutLost(change, lost))
    const before = entry.parentSeq === null ? saved.root : (documents.get(entry.parentSeq) as Document)
    const document = apply(before, { changes })
    documents.set(entry.seq, document)
    const { seq, id, parentSeq: parent, depth, label, origin, time } = entry
    insertRow(db, 'command', {
      seq,
      id,
      parent,
      depth,
      label,
      origin,
      time,
      changes: JSON.stringify(changes),
    })
    if (depth % SNAPSHOT_EVERY === 0)
      insertRow(db, 'snapshot', { command: seq, document: JSON.stringify(document) })
  })
  for (const [parent, child] of saved.log.redo) insertRow(db, 'redo', { parent, child })
  insertRow(db, 'head', { one: 1, command: saved.log.head.seq })
}

function copyReadable(
  source: ProjectStore,
  db: Connection,
  table: string,
  wanted: (row: Row) => boolean,
): void {
  const last = lastId(source, table, 'rowid')
  for (let id = 1; id <= last; id++) {
    const row = attempt(() => source.db.prepare<Row>(`select * from ${table} where rowid = ?`).get(id))
    if (row && wanted(row)) insertRow(db, table, row)
  }
}

function lastId(source: ProjectStore, table: string, column: string): number {
  return (
    attempt(() => source.db.prepare<number | null>(`select max(${column}) from ${table}`).pluck().get()) ?? 0
  )
}
