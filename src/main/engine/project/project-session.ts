/**
 * A live project: the document, its history and its file, in step.
 *
 * Invariant: this is the only sequencer. Every change is one transaction (new tiles, command, head) and is in the file
 * before the document changes in memory or a watcher hears of it; when the transaction fails nothing has changed
 * anywhere. Everything here is synchronous, so no two edits can interleave.
 */
import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { apply } from '../../../shared/document/apply.ts'
import { type Change, Command } from '../../../shared/document/commands.ts'
import type { Document } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { History, HistoryEntry, ProjectEvent, ViewState } from '../../../shared/history.ts'
import type { BlobHash, CandidateId, CommandId, SessionId } from '../../../shared/ids.ts'
import { CommandLog, type LogEntry, loadLog, walk } from './command-log.ts'
import { copyProject } from './copy.ts'
import { isDraft } from './drafts.ts'
import { IdleWork } from './idle-work.ts'
import { refuseLocked } from './locked.ts'
import { createProject, type NewProject } from './new-project.ts'
import { OwnFile } from './own-file.ts'
import * as records from './project-records.ts'
import { openStore, type ProjectStore } from './project-store.ts'
import { recoverTo } from './recover.ts'
import { salvage } from './salvage.ts'
import { guarded, transact } from './sqlite.ts'
import { tilesOfChanges } from './tile-references.ts'
import { DEFAULT_TILE_LIMITS, type TileLimits, TileStore } from './tile-store.ts'
import { type Watcher, Watchers } from './watchers.ts'

export interface Edit {
  readonly label: string
  readonly origin: string
  readonly changes: readonly Change[]
}

/** The same command as the schema types it: mutable inside, where ours is read-only. */
type CommandOnWire = Extract<ProjectEvent, { type: 'committed' }>['command']

/** Raw tiles compressed in one slice of idle work: about 6 ms. */
const IDLE_TILES = 4

export class ProjectSession {
  readonly id = randomUUID() as SessionId
  readonly tiles: TileStore
  readonly #store: ProjectStore
  readonly #log: CommandLog
  readonly #watchers = new Watchers()
  readonly #idle: IdleWork
  readonly #file: OwnFile
  #document: Document
  #revision = 0
  #view: ViewState
  readonly #name: string
  readonly #importNotices: readonly string[]
  /** Set once the file turned out to be damaged: from then on it is only read. */
  #damage: string | null = null
  #viewIsSaved = true
  #closed = false

  private constructor(store: ProjectStore, limits: TileLimits, damage?: InlayError) {
    this.#store = store
    this.tiles = new TileStore(store, limits, (error) => this.#noteDamage(error))
    if (damage) {
      const saved = salvage(store, damage)
      this.#log = new CommandLog(store, saved.log)
      this.#document = saved.document
      this.#damage = saved.notice
    } else {
      this.#log = new CommandLog(store, loadLog(store))
      this.#document = this.#log.documentAtHead()
      this.tiles.refuseMissing(this.#document)
    }
    this.#view = records.readView(store)
    this.#name = records.readName(store)
    this.#importNotices = records.readNotices(store)
    this.#file = new OwnFile(store)
    this.#idle = new IdleWork(() => this.#idleSlice())
    if (!this.readOnly) this.#idle.touch()
  }

  /**
   * Makes a new project with an empty canvas; its first `commit` is the first entry of its history.
   * @throws InlayError `file.exists`, `file.missing` (the folder), `file.denied`, `disk.full`; nothing is left behind.
   */
  static create(file: string, project: NewProject, limits: TileLimits = DEFAULT_TILE_LIMITS): ProjectSession {
    return new ProjectSession(createProject(file, project), limits)
  }

  /**
   * Opens a project: for writing if it can, else for reading with a notice that says why. A damaged one is opened for
   * reading at the last state that can be read.
   * @throws InlayError `file.missing`, `file.denied`, `project.foreign`, `project.newer`, `project.damaged` (nothing can
   * be read, or its import never finished).
   */
  static open(file: string, options: { readOnly?: boolean; limits?: TileLimits } = {}): ProjectSession {
    const limits = options.limits ?? DEFAULT_TILE_LIMITS
    let store: ProjectStore | undefined
    try {
      store = openStore(file, options)
      const session = new ProjectSession(store, limits)
      session.#log.requireBegun()
      return session
    } catch (error) {
      store?.close()
      if (!(error instanceof InlayError) || error.code !== 'project.damaged') throw error
      return ProjectSession.#openDamaged(file, limits, error)
    }
  }

  static #openDamaged(file: string, limits: TileLimits, damage: InlayError): ProjectSession {
    const store = openStore(file, { readOnly: true })
    try {
      return new ProjectSession(store, limits, damage)
    } catch (error) {
      store.close()
      throw error
    }
  }

  get path(): string {
    return this.#store.path
  }

  get draft(): boolean {
    return isDraft(this.path)
  }

  /** The file's name without its extension; a draft has the name of its photograph. */
  get name(): string {
    return this.draft ? this.#name : path.basename(this.path).replace(/\.inlay$/i, '')
  }

  get readOnly(): boolean {
    return this.#store.readOnly || this.#damage !== null
  }

  get notices(): readonly string[] {
    return [...(this.#damage ? [this.#damage] : []), ...this.#store.notices, ...this.#importNotices]
  }

  get document(): Document {
    return this.#document
  }

  /** Grows by one with every event that changes the document or its state; begins at 0 with each opening. */
  get revision(): number {
    return this.#revision
  }

  /** @throws InlayError `project.damaged` before the first commit. */
  get history(): History {
    return this.#log.history
  }

  get view(): ViewState {
    return this.#view
  }

  /** Records an edit the engine has made. @throws InlayError as `dispatch`, but locks are the caller's business. */
  commit(edit: Edit): Command {
    const parsed = Command.safeParse({ ...edit, id: randomUUID() })
    if (!parsed.success)
      throw new Error('the engine made an edit that no project can keep', { cause: parsed.error })
    const command = parsed.data as Command
    this.#append(command)
    return command
  }

  /**
   * Records a command made elsewhere, after checking all of it.
   * @throws InlayError `document.conflict` when it does not fit the document, names tiles that are not there, changes a
   * locked layer or reuses an id; `project.read-only`, `disk.full`, `file.missing`. Nothing has changed then.
   */
  dispatch(command: Command): void {
    const parsed = Command.safeParse(command)
    if (!parsed.success) throw new InlayError('document.conflict', 'The edit is not one that Inlay knows.')
    const checked = parsed.data as Command
    if (this.#log.entry(checked.id))
      throw new InlayError('document.conflict', 'This edit is in the history already.')
    refuseLocked(this.#document, checked)
    this.#append(checked)
  }

  /** Goes back one entry. @throws InlayError `document.conflict` at the first one. */
  undo(): void {
    const parent = this.#log.head?.parent
    if (!parent) throw new InlayError('document.conflict', 'There is nothing to undo.')
    this.jump(parent)
  }

  /** Goes on to the entry visited last. @throws InlayError `document.conflict` when there is none. */
  redo(): void {
    const { redo } = this.#log
    if (!redo) throw new InlayError('document.conflict', 'There is nothing to redo.')
    this.jump(redo)
  }

  /** Goes to any entry of the history. @throws InlayError `document.conflict` for an unknown one. */
  jump(to: CommandId): void {
    this.#refuseReadOnly()
    const steps = this.#log.stepsTo(to)
    if (steps.length === 0) return
    const document = walk(this.#document, steps)
    const head = this.#transact(() => this.#log.move(to, steps))
    this.#log.committed(head, null, steps)
    this.#advance(document)
    this.#watchers.tell({
      type: 'moved',
      revision: this.#revision,
      head: to,
      redo: this.#log.redo,
      steps: steps.map(({ command, direction }) => ({ command: command as CommandOnWire, direction })),
    })
  }

  /** @returns what ends the watching. A watcher is called after each change, in order, and must not edit. */
  watch(watcher: Watcher): () => void {
    return this.#watchers.add(watcher)
  }

  /** @throws InlayError `project.damaged` when there are no such bytes. */
  blob(hash: BlobHash): Uint8Array {
    return records.readBlob(this.#store, hash)
  }

  putBlob(bytes: Uint8Array): BlobHash {
    return this.#transact(() => records.insertBlob(this.#store.db, bytes))
  }

  original(): records.Original | null {
    return records.readOriginal(this.#store)
  }

  recordRequest(candidate: CandidateId, request: unknown): void {
    this.#transact(() => records.writeRequest(this.#store, candidate, request))
  }

  request(candidate: CandidateId): unknown {
    return records.readRequest(this.#store, candidate)
  }

  /** Remembers the view; it is saved with the next edit, when idle or at close (never in a project that is only read). */
  setView(view: ViewState): void {
    this.#view = view
    this.#viewIsSaved = false
    if (!this.readOnly) this.#idle.touch()
  }

  /** Keeps a small PNG of the picture after an entry. Does nothing in a project that is only read. */
  setThumbnail(id: CommandId, png: Uint8Array): void {
    const entry = this.#log.entry(id)
    if (!entry || this.readOnly) return
    this.#transact(() => records.writeThumbnail(this.#store, entry.seq, png))
    this.#watchers.tell({ type: 'thumbnail', command: id })
  }

  thumbnail(id: CommandId): Uint8Array | null {
    const entry = this.#log.entry(id)
    return entry ? records.readThumbnail(this.#store, entry.seq) : null
  }

  /** Keeps a flattened preview that other programs can take out. Does nothing in a project that is only read. */
  setComposite(png: Uint8Array): void {
    if (!this.readOnly) this.#transact(() => records.writeComposite(this.#store, png))
  }

  composite(): Uint8Array | null {
    return records.readComposite(this.#store)
  }

  /** Compresses tiles for about 6 ms. @returns whether there is more to do. */
  compressSome(): boolean {
    return !this.readOnly && this.tiles.compressSome(IDLE_TILES) === IDLE_TILES
  }

  /**
   * Writes a compact copy, history and all; a file that is there is replaced once the copy is whole. Of a damaged
   * project it writes what can be read.
   * @throws InlayError `file.missing`, `file.denied`, `disk.full`, `project.read-only` (the target is open),
   * `project.damaged`; nothing half-made is left.
   */
  saveCopy(file: string): { readonly bytes: number } {
    try {
      if (this.#damage === null) return copyProject(this.#store, file)
    } catch (error) {
      if (!(error instanceof InlayError) || error.code !== 'project.damaged') throw error
      this.#noteDamage(error)
    }
    return recoverTo(this.#store, file)
  }

  /** Gives the project another file and goes on in it; a file that is there is replaced. */
  moveTo(file: string): void {
    this.#refuseReadOnly()
    if (path.resolve(file) === this.path) return
    this.#store.moveTo(file)
    this.#file.moved()
    this.#watchers.tell({ type: 'renamed', name: this.name, draft: this.draft })
  }

  /** Closes the file, leaving it whole in one piece. Once is enough; nothing else may be called afterwards. */
  close(): void {
    if (this.#closed) return
    this.#watchers.clear()
    if (!this.readOnly) this.#tidy()
    this.#closed = true
    this.#idle.stop()
    this.#store.close()
  }

  #append(command: Command): void {
    this.#refuseReadOnly()
    const document = apply(this.#document, command)
    const references = tilesOfChanges(command.changes)
    this.tiles.refuseUnknown(references)
    const time = Date.now()
    const written = this.#transact(() => {
      const settle = this.tiles.persist(references)
      return { settle, entry: this.#log.append(command, time, document) }
    })
    written.settle()
    this.#log.committed(written.entry, command)
    this.#advance(document)
    this.#watchers.tell({
      type: 'committed',
      revision: this.#revision,
      command: command as CommandOnWire,
      entry: entryOnWire(written.entry),
      redo: this.#log.redo,
    })
  }

  /** Runs `body` as one transaction, after making sure that the file is still ours. */
  #transact<T>(body: () => T): T {
    this.#refuseReadOnly()
    this.#file.refuseMoved()
    try {
      const result = guarded(this.path, () =>
        transact(this.#store.db, () => {
          this.#file.refuseForeignChange(this.#log)
          if (!this.#viewIsSaved) records.writeView(this.#store, this.#view)
          return body()
        }),
      )
      this.#viewIsSaved = true
      this.#idle.touch()
      return result
    } catch (error) {
      if (error instanceof InlayError && error.code === 'project.damaged') this.#noteDamage(error)
      throw error
    }
  }

  #refuseReadOnly(): void {
    if (this.#closed) throw new Error('the project is closed')
    if (this.readOnly)
      throw new InlayError(
        'project.read-only',
        `"${this.name}" can only be looked at here. Save a copy to go on working.`,
      )
  }

  #noteDamage(error: InlayError): void {
    if (this.#damage !== null) return
    this.#damage = error.message
    this.#revision++
    this.#watchers.tell({ type: 'reset', revision: this.#revision })
  }

  #advance(document: Document): void {
    this.#document = document
    this.#revision++
  }

  #idleSlice(): boolean {
    if (!this.#viewIsSaved) this.#transact(() => {})
    if (this.compressSome()) return true
    this.#store.db.pragma('wal_checkpoint(passive)')
    return false
  }

  /** The last writes before closing; not worth failing for. */
  #tidy(): void {
    try {
      if (!this.#viewIsSaved) this.#transact(() => {})
      this.tiles.dropEarly()
    } catch {
      // The disk is full or the file was moved: what was committed is safe, and this was only housekeeping.
    }
  }
}

function entryOnWire({ id, parent, label, origin, time }: LogEntry): HistoryEntry {
  return { id, parent, label, origin, time }
}
