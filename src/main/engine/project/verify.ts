/**
 * Is a project file whole?
 *
 * Invariant: it reads everything and changes nothing. "Whole" means: SQLite finds no fault, every tile and blob has the
 * bytes its hash says, every tile a command names is there in the right format, and replaying every branch gives the
 * snapshots (law 3) and needs none of them.
 */
import { apply, sameJson } from '../../../shared/document/apply.ts'
import type { Document } from '../../../shared/document/model.ts'
import { toWireError } from '../../../shared/errors.ts'
import type { TileHash } from '../../../shared/ids.ts'
import { FORMAT_ID, hashTile } from '../imaging/tile-codec.ts'
import { type LogEntry, loadLog, readCommand, readRoot, readSnapshot, SNAPSHOT_EVERY } from './command-log.ts'
import { blobHash } from './project-records.ts'
import { openStore, type ProjectStore } from './project-store.ts'
import { type TileReferences, tilesOfChanges } from './tile-references.ts'
import { decodeRow, type TileRow } from './tile-store.ts'

export interface Verification {
  readonly ok: boolean
  /** One sentence for each fault; empty when the project is whole. */
  readonly problems: readonly string[]
  readonly commands: number
  readonly branches: number
  readonly tiles: number
  /** Tiles no command names: left by an interrupted edit, harmless, dropped by `compact`. */
  readonly unnamedTiles: number
}

/** Faults of one kind beyond this many are counted, not listed. */
const LISTED = 20

/** @throws InlayError those of `openStore` when the file cannot even be opened. */
export function verify(file: string): Verification {
  const store = openStore(file, { readOnly: true })
  try {
    const problems: string[] = []
    const step = <T>(fallback: T, body: () => T): T => {
      try {
        return body()
      } catch (error) {
        problems.push(toWireError(error).message)
        return fallback
      }
    }
    step(undefined, () => problems.push(...faultsOfDatabase(store)))
    const entries = step<readonly LogEntry[]>([], () => wholeLog(store))
    const named: TileReferences = new Map()
    step(undefined, () => problems.push(...replay(store, entries, named)))
    const present = step(new Map<TileHash, number>(), () => checkTiles(store, problems))
    problems.push(...listed(missing(named, present)))
    step(undefined, () => problems.push(...faultsOfBlobs(store)))
    const parents = new Set(entries.map((entry) => entry.parent))
    return {
      ok: problems.length === 0,
      problems,
      commands: entries.length,
      branches: entries.filter((entry) => !parents.has(entry.id)).length,
      tiles: present.size,
      unnamedTiles: [...present.keys()].filter((hash) => !named.has(hash)).length,
    }
  } finally {
    store.close()
  }
}

function faultsOfDatabase({ db }: ProjectStore): string[] {
  const rows = db.prepare<string>(`pragma integrity_check(${LISTED})`).pluck().all()
  const keys = db.prepare<{ table: string }>('pragma foreign_key_check').all()
  return [
    ...rows.filter((row) => row !== 'ok').map((row) => `The database has a fault: ${row}.`),
    ...keys.slice(0, LISTED).map((row) => `A row of "${row.table}" points to one that is not there.`),
  ]
}

function wholeLog(store: ProjectStore): readonly LogEntry[] {
  const log = loadLog(store)
  if (!log.head) throw new Error('the project has no history entry: its import was interrupted')
  return log.entries
}

/** Replays every branch from the empty document, not from snapshots, and compares. Notes the tiles that are named. */
function replay(store: ProjectStore, entries: readonly LogEntry[], named: TileReferences): string[] {
  const problems: string[] = []
  const documents = new Map<number, Document>()
  const waiting = new Map<number, number>()
  for (const { parentSeq } of entries)
    if (parentSeq !== null) waiting.set(parentSeq, (waiting.get(parentSeq) ?? 0) + 1)
  const root = readRoot(store)
  for (const entry of entries) {
    const before = entry.parentSeq === null ? root : documents.get(entry.parentSeq)
    if (!before) continue
    try {
      const command = readCommand(store, entry)
      tilesOfChanges(command.changes, named)
      const document = apply(before, command)
      if (waiting.has(entry.seq)) documents.set(entry.seq, document)
      problems.push(...faultOfSnapshot(store, entry, document))
    } catch (error) {
      problems.push(`History entry ${entry.seq} ("${entry.label}"): ${toWireError(error).message}`)
    }
    release(documents, waiting, entry.parentSeq)
  }
  return listed(problems)
}

/** Lets go of a document once all its children have been replayed. */
function release(documents: Map<number, Document>, waiting: Map<number, number>, seq: number | null): void {
  if (seq === null) return
  const left = (waiting.get(seq) ?? 1) - 1
  waiting.set(seq, left)
  if (left === 0) documents.delete(seq)
}

function faultOfSnapshot(store: ProjectStore, entry: LogEntry, document: Document): string[] {
  const snapshot = readSnapshot(store, entry.seq)
  if (!snapshot)
    return entry.depth % SNAPSHOT_EVERY === 0
      ? [`The snapshot after history entry ${entry.seq} is missing.`]
      : []
  return sameJson(snapshot, document)
    ? []
    : [`The snapshot after history entry ${entry.seq} is not what replaying gives.`]
}

/** Reads every tile. @returns the format id of each by its hash. */
function checkTiles(store: ProjectStore, problems: string[]): Map<TileHash, number> {
  const present = new Map<TileHash, number>()
  const faults: string[] = []
  const last = store.db.prepare<number | null>('select max(id) from tile').pluck().get() ?? 0
  const read = store.db.prepare<TileRow & { hash: Uint8Array }>(
    'select hash, format, codec, data from tile where id = ?',
  )
  for (let id = 1; id <= last; id++)
    try {
      const row = read.get(id)
      if (!row) continue
      const tile = decodeRow(row)
      const hash = Buffer.from(row.hash).toString('hex') as TileHash
      if (tile && hashTile(tile.format, tile.pixels) === hash) present.set(hash, row.format)
      else faults.push(`Tile ${id} (${hash.slice(0, 12)}) does not have the pixels its name says.`)
    } catch (error) {
      faults.push(`Tile ${id} cannot be read: ${toWireError(error).message}`)
    }
  problems.push(...listed(faults))
  return present
}

function missing(named: TileReferences, present: ReadonlyMap<TileHash, number>): string[] {
  const faults: string[] = []
  for (const [hash, format] of named) {
    const id = present.get(hash)
    if (id === undefined) faults.push(`A command names the tile ${hash.slice(0, 12)}, which is not there.`)
    else if (id !== FORMAT_ID[format])
      faults.push(`The tile ${hash.slice(0, 12)} has another format than the command that names it.`)
  }
  return faults
}

function faultsOfBlobs({ db }: ProjectStore): string[] {
  const rows = db.prepare<{ hash: Uint8Array; data: Uint8Array }>('select hash, data from blob').all()
  return rows
    .filter((row) => blobHash(row.data) !== Buffer.from(row.hash).toString('hex'))
    .map(() => 'A colour profile does not have the bytes its name says.')
}

function listed(problems: readonly string[]): string[] {
  if (problems.length <= LISTED) return [...problems]
  return [...problems.slice(0, LISTED), `… and ${problems.length - LISTED} more of the same kind.`]
}
