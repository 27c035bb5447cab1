/**
 * The history in the file: an append-only tree of commands, the head, and where redo goes.
 *
 * Invariant: replaying the commands from the root document to any entry gives that entry's document (law 3). On the way
 * from the first entry to the head every entry's `redo` is the next one. A snapshot of the whole document is kept every
 * `SNAPSHOT_EVERY` commands along each branch, so that opening replays only a few. The methods that write are called
 * inside a transaction of the caller and change memory only in `committed`, once it has succeeded.
 */
import { apply, invert } from '../../../shared/document/apply.ts'
import type { Command } from '../../../shared/document/commands.ts'
import type { Document } from '../../../shared/document/model.ts'
import { parseCommand, parseDocument } from '../../../shared/document/upcast.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { History, HistoryEntry } from '../../../shared/history.ts'
import type { CommandId } from '../../../shared/ids.ts'
import type { ProjectStore } from './project-store.ts'
import { guarded } from './sqlite.ts'

export const SNAPSHOT_EVERY = 50

/** Commands kept parsed, so that undo and redo need not read them again. */
const KEPT_COMMANDS = 64

export interface LogEntry extends HistoryEntry {
  readonly seq: number
  readonly parentSeq: number | null
  /** Entries from the first to this one, less one. */
  readonly depth: number
}

/** One step along the tree: a command to apply or to take back. */
export interface Step {
  readonly command: Command
  readonly direction: 'redo' | 'undo'
}

/** The tree as read from a file, oldest entry first; `redo` from parent to child by `seq`. */
export interface LoadedLog {
  readonly entries: readonly LogEntry[]
  readonly redo: ReadonlyMap<number, number>
  readonly head: LogEntry | null
}

export interface EntryRow {
  seq: number
  id: string
  parent: number | null
  depth: number
  label: string
  origin: string
  time: number
}

export class CommandLog {
  readonly #store: ProjectStore
  readonly #entries: LogEntry[] = []
  readonly #bySeq = new Map<number, LogEntry>()
  readonly #byId = new Map<CommandId, LogEntry>()
  readonly #redo: Map<number, number>
  readonly #commands = new Map<CommandId, Command>()
  #head: LogEntry | null
  #history: History | null = null

  constructor(store: ProjectStore, loaded: LoadedLog) {
    this.#store = store
    for (const entry of loaded.entries) this.#add(entry)
    this.#redo = new Map(loaded.redo)
    this.#head = loaded.head
  }

  get head(): LogEntry | null {
    return this.#head
  }

  get entries(): readonly LogEntry[] {
    return this.#entries
  }

  entry(id: CommandId): LogEntry | undefined {
    return this.#byId.get(id)
  }

  get redo(): CommandId | null {
    const child = this.#head && this.#redo.get(this.#head.seq)
    return (child && this.#bySeq.get(child)?.id) || null
  }

  /** @throws InlayError `project.damaged` while there is no entry: a project whose import never finished. */
  get history(): History {
    if (!this.#head) throw unfinished()
    this.#history ??= {
      entries: this.#entries.map(({ id, parent, label, origin, time }) => ({
        id,
        parent,
        label,
        origin,
        time,
      })),
      head: this.#head.id,
      redo: this.redo,
    }
    return this.#history
  }

  /** @throws InlayError `project.damaged` while there is no entry. */
  requireBegun(): void {
    if (!this.#head) throw unfinished()
  }

  /** The document at the head, from the nearest snapshot. */
  documentAtHead(): Document {
    return this.#head ? this.documentAt(this.#head) : this.#root()
  }

  documentAt(entry: LogEntry): Document {
    const later: LogEntry[] = []
    let document: Document | null = null
    for (let at: LogEntry | null = entry; at; at = this.#parentOf(at)) {
      document = this.#snapshot(at)
      if (document) break
      later.push(at)
    }
    return later.reverse().reduce((now, at) => apply(now, this.command(at)), document ?? this.#root())
  }

  command(entry: LogEntry): Command {
    const kept = this.#commands.get(entry.id)
    if (kept) return kept
    const command = readCommand(this.#store, entry)
    this.#keep(command)
    return command
  }

  /** The steps from the head to an entry, over their common ancestor. @throws `document.conflict` for an unknown one. */
  stepsTo(target: CommandId): Step[] {
    const to = this.#byId.get(target)
    if (!to || !this.#head) throw new InlayError('document.conflict', 'The history has no such entry.')
    const back: Step[] = []
    const forth: Step[] = []
    let a = this.#head
    let b = to
    while (a !== b)
      if (a.depth >= b.depth) {
        back.push({ command: this.command(a), direction: 'undo' })
        a = this.#parent(a)
      } else {
        forth.push({ command: this.command(b), direction: 'redo' })
        b = this.#parent(b)
      }
    return [...back, ...forth.reverse()]
  }

  /** Writes a command as the new head. @returns the entry, to be given to `committed`. */
  append(command: Command, time: number, after: Document): LogEntry {
    const db = this.#store.db
    const parent = this.#head
    const depth = parent ? parent.depth + 1 : 0
    const { lastInsertRowid } = db
      .prepare(
        'insert into command (id, parent, depth, label, origin, time, changes) values (?, ?, ?, ?, ?, ?, ?)',
      )
      .run(
        command.id,
        parent?.seq ?? null,
        depth,
        command.label,
        command.origin,
        time,
        JSON.stringify(command.changes),
      )
    const entry: LogEntry = {
      seq: Number(lastInsertRowid),
      id: command.id,
      parent: parent?.id ?? null,
      parentSeq: parent?.seq ?? null,
      depth,
      label: command.label,
      origin: command.origin,
      time,
    }
    if (depth % SNAPSHOT_EVERY === 0)
      db.prepare('insert into snapshot (command, document) values (?, ?)').run(
        entry.seq,
        JSON.stringify(after),
      )
    this.#writeHead(entry)
    return entry
  }

  /** Writes another head. @returns the entry, to be given to `committed`. */
  move(target: CommandId, steps: readonly Step[]): LogEntry {
    for (const { command, direction } of steps) {
      const entry = this.#byId.get(command.id)
      if (direction === 'redo' && entry) this.#writeRedo(entry)
    }
    const entry = this.#byId.get(target) as LogEntry
    this.#writeHead(entry)
    return entry
  }

  /** Takes over in memory what the transaction has written. */
  committed(head: LogEntry, made: Command | null, steps: readonly Step[] = []): void {
    if (made) {
      this.#add(head)
      this.#keep(made)
    }
    for (const { command, direction } of steps) {
      const entry = this.#byId.get(command.id)
      if (direction === 'redo' && entry?.parentSeq) this.#redo.set(entry.parentSeq, entry.seq)
    }
    if (head.parentSeq) this.#redo.set(head.parentSeq, head.seq)
    this.#head = head
    this.#history = null
  }

  /** Whether the file still says what memory says: false when another program has written to it. */
  isCurrent(): boolean {
    const row = this.#store.db
      .prepare<{ head: number | null; last: number | null }>(
        'select (select command from head) as head, (select max(seq) from command) as last',
      )
      .get()
    return (row?.head ?? null) === (this.#head?.seq ?? null) && (row?.last ?? 0) === this.#lastSeq()
  }

  #lastSeq(): number {
    return this.#entries.at(-1)?.seq ?? 0
  }

  #add(entry: LogEntry): void {
    this.#entries.push(entry)
    this.#bySeq.set(entry.seq, entry)
    this.#byId.set(entry.id, entry)
  }

  #keep(command: Command): void {
    this.#commands.set(command.id, command)
    for (const oldest of this.#commands.keys()) {
      if (this.#commands.size <= KEPT_COMMANDS) break
      this.#commands.delete(oldest)
    }
  }

  #writeHead(entry: LogEntry): void {
    this.#store.db
      .prepare(
        'insert into head (one, command) values (1, ?) on conflict do update set command = excluded.command',
      )
      .run(entry.seq)
    this.#writeRedo(entry)
  }

  #writeRedo(entry: LogEntry): void {
    if (entry.parentSeq === null) return
    this.#store.db
      .prepare(
        'insert into redo (parent, child) values (?, ?) on conflict do update set child = excluded.child',
      )
      .run(entry.parentSeq, entry.seq)
  }

  #parentOf(entry: LogEntry): LogEntry | null {
    return entry.parentSeq === null ? null : (this.#bySeq.get(entry.parentSeq) ?? null)
  }

  #parent(entry: LogEntry): LogEntry {
    const parent = this.#parentOf(entry)
    if (!parent) throw brokenTree()
    return parent
  }

  #snapshot(entry: LogEntry): Document | null {
    if (entry.depth % SNAPSHOT_EVERY !== 0) return null
    return readSnapshot(this.#store, entry.seq)
  }

  #root(): Document {
    return readRoot(this.#store)
  }
}

/** Reads the tree without its payloads. @throws InlayError `project.damaged` when it does not hang together. */
export function loadLog({ db, path }: ProjectStore): LoadedLog {
  return guarded(path, () => {
    const known = new Map<number, LogEntry>()
    const rows = db.prepare<EntryRow>(
      'select seq, id, parent, depth, label, origin, time from command order by seq',
    )
    for (const row of rows.iterate()) known.set(row.seq, entryOf(row, known))
    const redo = new Map<number, number>()
    for (const row of db
      .prepare<{ parent: number; child: number }>('select parent, child from redo')
      .iterate())
      redo.set(row.parent, row.child)
    const seq = db.prepare<number>('select command from head').pluck().get()
    const head = seq === undefined ? null : (known.get(seq) ?? null)
    if (known.size > 0 && !head) throw brokenTree()
    return { entries: [...known.values()], redo, head }
  })
}

/** Carries a document along steps. */
export function walk(document: Document, steps: readonly Step[]): Document {
  return steps.reduce(
    (now, { command, direction }) => apply(now, direction === 'redo' ? command : invert(command)),
    document,
  )
}

/** The entry of a row; its parent must be among `known`, as parents are always older. */
export function entryOf(row: EntryRow, known: ReadonlyMap<number, LogEntry>): LogEntry {
  const parent = row.parent === null ? null : known.get(row.parent)
  if (parent === undefined) throw brokenTree()
  return {
    seq: row.seq,
    id: row.id as CommandId,
    parent: parent?.id ?? null,
    parentSeq: row.parent,
    depth: row.depth,
    label: row.label,
    origin: row.origin,
    time: row.time,
  }
}

/** @throws InlayError `project.damaged`. */
export function readCommand(store: Pick<ProjectStore, 'db' | 'path'>, entry: LogEntry): Command {
  const { id, label, origin } = entry
  return guarded(store.path, () => {
    const text = store.db.prepare<string>('select changes from command where seq = ?').pluck().get(entry.seq)
    return parseCommand({ id, label, origin, changes: parseJson(text) })
  })
}

/** The document kept after a command, if one was. @throws InlayError `project.damaged`. */
export function readSnapshot(store: Pick<ProjectStore, 'db' | 'path'>, seq: number): Document | null {
  return guarded(store.path, () => {
    const text = store.db.prepare<string>('select document from snapshot where command = ?').pluck().get(seq)
    return text === undefined ? null : parseDocument(parseJson(text))
  })
}

/** The empty document every history begins with. @throws InlayError `project.damaged`. */
export function readRoot(store: Pick<ProjectStore, 'db' | 'path'>): Document {
  return guarded(store.path, () => {
    const text = store.db.prepare<string>("select value from meta where key = 'root'").pluck().get()
    return parseDocument(parseJson(text))
  })
}

export function parseJson(text: string | undefined): unknown {
  if (text === undefined) throw brokenTree()
  try {
    return JSON.parse(text)
  } catch {
    throw brokenTree()
  }
}

function brokenTree(): InlayError {
  return new InlayError(
    'project.damaged',
    'The history in the project file does not hang together. Save what can still be read as a new project.',
  )
}

function unfinished(): InlayError {
  return new InlayError(
    'project.damaged',
    'This project holds nothing yet: its import was interrupted. Open the photograph again.',
  )
}
