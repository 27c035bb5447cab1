/**
 * Reading what can be read of a damaged project.
 *
 * Invariant: nothing is guessed. An entry of the history is kept when its document can be told, from a snapshot or from
 * its parent's; an entry whose parent is lost stands as a first one.
 */
import { apply } from '../../../shared/document/apply.ts'
import type { Command } from '../../../shared/document/commands.ts'
import { type Document, emptyDocument } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { CommandId } from '../../../shared/ids.ts'
import {
  type EntryRow,
  type LoadedLog,
  type LogEntry,
  readCommand,
  readRoot,
  readSnapshot,
  SNAPSHOT_EVERY,
} from './command-log.ts'
import type { ProjectStore } from './project-store.ts'

export interface Salvage {
  readonly log: LoadedLog & { readonly head: LogEntry }
  /** The document at the head. */
  readonly document: Document
  /** The document after every kept entry, by `seq`. */
  readonly documents: ReadonlyMap<number, Document>
  /** Commands that can be read, by `seq`. An entry without one is known by its snapshot only. */
  readonly commands: ReadonlyMap<number, Command>
  readonly root: Document
  readonly lostEntries: number
  /** One sentence for the person. */
  readonly notice: string
}

/** @throws InlayError `project.damaged`, with `damage` as its cause, when nothing can be read. */
export function salvage(store: ProjectStore, damage: InlayError): Salvage {
  const last = lastSeq(store)
  const entries = new Map<number, LogEntry>()
  const documents = new Map<number, Document>()
  const commands = new Map<number, Command>()
  let root = attempt(() => readRoot(store))
  let lost = 0
  for (let seq = 1; seq <= last; seq++) {
    const row = attempt(() => readRow(store, seq))
    const parent = row?.parent ? entries.get(row.parent) : undefined
    const entry = row && keptEntry(row, parent)
    const command = entry && attempt(() => readCommand(store, entry))
    const before = parent ? documents.get(parent.seq) : row?.parent === null ? root : undefined
    const document =
      (command && before && attempt(() => apply(before, command))) ??
      (row && row.depth % SNAPSHOT_EVERY === 0 ? attempt(() => readSnapshot(store, seq)) : null)
    if (!entry || !document) {
      lost++
      continue
    }
    root ??= emptyDocument(document.canvas, document.profile)
    entries.set(seq, entry)
    documents.set(seq, document)
    if (command && before) commands.set(seq, command)
  }
  const head = entries.get(recordedHead(store)) ?? [...entries.values()].at(-1)
  const document = head && documents.get(head.seq)
  // No entry was ever there: what was wrong says more than that nothing was found.
  if (last === 0) throw damage
  if (!head || !document || !root)
    throw new InlayError('project.damaged', 'The project file is damaged and nothing in it can be read.', {
      cause: damage,
    })
  return {
    log: { entries: [...entries.values()], redo: readRedo(store, entries), head },
    document,
    documents,
    commands,
    root,
    lostEntries: lost,
    notice: noticeOf(lost),
  }
}

function noticeOf(lost: number): string {
  const entries =
    lost === 0 ? '' : ` ${lost} ${lost === 1 ? 'entry' : 'entries'} of its history cannot be read.`
  return `This project is damaged and can only be looked at.${entries} Save a copy to keep what can be read.`
}

function keptEntry(row: EntryRow, parent: LogEntry | undefined): LogEntry {
  return {
    ...row,
    id: row.id as CommandId,
    parent: parent?.id ?? null,
    parentSeq: parent?.seq ?? null,
    depth: parent ? parent.depth + 1 : 0,
  }
}

function readRow(store: ProjectStore, seq: number): EntryRow | null {
  return (
    store.db
      .prepare<EntryRow>('select seq, id, parent, depth, label, origin, time from command where seq = ?')
      .get(seq) ?? null
  )
}

/** The last `seq` there may be: the log's own end, or what other tables know of it. */
function lastSeq(store: ProjectStore): number {
  const known = [
    'select max(seq) from command',
    'select command from head',
    'select max(child) from redo',
    'select max(command) from snapshot',
  ].map((sql) => attempt(() => store.db.prepare<number | null>(sql).pluck().get() ?? 0) ?? 0)
  return Math.max(...known)
}

function recordedHead(store: ProjectStore): number {
  return attempt(() => store.db.prepare<number>('select command from head').pluck().get() ?? 0) ?? 0
}

function readRedo(store: ProjectStore, kept: ReadonlyMap<number, LogEntry>): Map<number, number> {
  const rows =
    attempt(() =>
      store.db.prepare<{ parent: number; child: number }>('select parent, child from redo').all(),
    ) ?? []
  return new Map(
    rows
      .filter(({ parent, child }) => kept.get(child)?.parentSeq === parent)
      .map(({ parent, child }) => [parent, child]),
  )
}

/** The value, or null when it cannot be read. */
export function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
