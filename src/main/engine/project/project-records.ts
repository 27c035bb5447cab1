/**
 * What a project keeps beside its document: names, view, profiles, the original, previews, recorded requests.
 *
 * Invariant: none of it is undoable and none of it changes the document. Each write is a transaction of its own.
 */
import { createHash } from 'node:crypto'
import type { ColourProfile, Document } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import { ViewState } from '../../../shared/history.ts'
import type { BlobHash, CandidateId } from '../../../shared/ids.ts'
import type { ProjectStore } from './project-store.ts'
import { type Connection, guarded } from './sqlite.ts'

/** The imported file, untouched. */
export interface Original {
  readonly name: string
  readonly bytes: Uint8Array
}

export const DEFAULT_VIEW: ViewState = { zoom: null, centre: null, activeLayer: null }

type Reachable = Pick<ProjectStore, 'db' | 'path'>

/** The first rows of a new project; called inside the transaction that makes the schema. */
export function writeFirstRecords(
  db: Connection,
  first: {
    readonly name: string
    readonly root: Document
    readonly notices: readonly string[]
    readonly original: Original | null
    readonly profileBytes: Uint8Array | null
  },
): void {
  const meta = db.prepare('insert into meta (key, value) values (?, ?)')
  meta.run('name', first.name)
  meta.run('root', JSON.stringify(first.root))
  meta.run('notices', JSON.stringify(first.notices))
  meta.run('created', String(Date.now()))
  if (first.original)
    db.prepare('insert into original (one, name, data) values (1, ?, ?)').run(
      first.original.name,
      first.original.bytes,
    )
  if (first.profileBytes) insertBlob(db, first.profileBytes)
}

/** Whether a profile names exactly the bytes that come with it. @throws Error (a bug) when it does not. */
export function checkProfile(profile: ColourProfile, bytes: Uint8Array | null): void {
  if (profile.hash !== (bytes ? blobHash(bytes) : null))
    throw new Error(`the profile "${profile.name}" and its bytes do not belong together`)
}

/** The name the project was made with; "Untitled" when it cannot be read. */
export function readName(store: Reachable): string {
  return readMeta(store, 'name') ?? 'Untitled'
}

/** What was announced at import; nothing when it cannot be read. */
export function readNotices(store: Reachable): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(readMeta(store, 'notices') ?? '[]')
    return Array.isArray(parsed) ? parsed.filter((notice) => typeof notice === 'string') : []
  } catch {
    return []
  }
}

function readMeta(store: Reachable, key: string): string | undefined {
  try {
    return store.db.prepare<string>('select value from meta where key = ?').pluck().get(key)
  } catch {
    return undefined
  }
}

/** The saved view; the default when none was saved or it cannot be read. */
export function readView(store: Reachable): ViewState {
  try {
    const text = store.db.prepare<string>('select state from view_state').pluck().get()
    return ViewState.parse(JSON.parse(text ?? ''))
  } catch {
    return DEFAULT_VIEW
  }
}

export function writeView(store: Reachable, view: ViewState): void {
  run(store, 'insert or replace into view_state (one, state) values (1, ?)', JSON.stringify(view))
}

export function blobHash(bytes: Uint8Array): BlobHash {
  return createHash('sha256').update(bytes).digest('hex') as BlobHash
}

export function insertBlob(db: Connection, bytes: Uint8Array): BlobHash {
  const hash = blobHash(bytes)
  db.prepare('insert into blob (hash, data) values (?, ?) on conflict do nothing').run(
    Buffer.from(hash, 'hex'),
    bytes,
  )
  return hash
}

/** @throws InlayError `project.damaged` when the bytes are missing or not what the hash says. */
export function readBlob(store: Reachable, hash: BlobHash): Uint8Array {
  const bytes = guarded(store.path, () =>
    store.db
      .prepare<Uint8Array>('select data from blob where hash = ?')
      .pluck()
      .get(Buffer.from(hash, 'hex')),
  )
  if (bytes && blobHash(bytes) === hash) return bytes
  throw new InlayError(
    'project.damaged',
    'A colour profile is missing or damaged in the project file. Save what can still be read as a new project.',
  )
}

export function readOriginal(store: Reachable): Original | null {
  return guarded(store.path, () => {
    const row = store.db.prepare<{ name: string; data: Uint8Array }>('select name, data from original').get()
    return row ? { name: row.name, bytes: row.data } : null
  })
}

export function writeRequest(store: Reachable, candidate: CandidateId, request: unknown): void {
  run(
    store,
    'insert into generation (candidate, time, request) values (?, ?, ?) on conflict do nothing',
    candidate,
    Date.now(),
    JSON.stringify(request),
  )
}

/** The request a candidate was made from, as it was recorded; undefined for an unknown candidate. */
export function readRequest(store: Reachable, candidate: CandidateId): unknown {
  const text = guarded(store.path, () =>
    store.db.prepare<string>('select request from generation where candidate = ?').pluck().get(candidate),
  )
  return text === undefined ? undefined : JSON.parse(text)
}

export function writeThumbnail(store: Reachable, seq: number, png: Uint8Array): void {
  run(store, 'insert or replace into thumbnail (command, png) values (?, ?)', seq, png)
}

export function readThumbnail(store: Reachable, seq: number): Uint8Array | null {
  return guarded(
    store.path,
    () =>
      store.db.prepare<Uint8Array>('select png from thumbnail where command = ?').pluck().get(seq) ?? null,
  )
}

export function writeComposite(store: Reachable, png: Uint8Array): void {
  run(store, 'insert or replace into composite (one, png) values (1, ?)', png)
}

export function readComposite(store: Reachable): Uint8Array | null {
  return guarded(
    store.path,
    () => store.db.prepare<Uint8Array>('select png from composite').pluck().get() ?? null,
  )
}

function run(store: Reachable, sql: string, ...parameters: (string | number | Uint8Array)[]): void {
  guarded(store.path, () => store.db.prepare(sql).run(...parameters))
}
