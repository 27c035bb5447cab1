/**
 * The project file as a database: creating, opening, closing.
 *
 * Invariant: a `ProjectStore` has the current schema. A writable one holds the project's lock and is in WAL mode with
 * `synchronous=full`; closing it checkpoints and leaves one file in rollback mode, because a file left in WAL mode cannot
 * be opened from read-only media. A read-only store never changes the file.
 */
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import { migrate, SCHEMA_VERSION, schemaVersion } from './migrations/index.ts'
import { retain } from './open-files.ts'
import { APPLICATION_ID, checkHeader, isLeftInWal } from './project-header.ts'
import { acquireLock, type LockRefusal, type ProjectLock, removeQuietly } from './project-lock.ts'
import { replaceFile } from './replace-file.ts'
import { SIDECARS } from './sidecars.ts'
import { asInlayError, type Connection, connect, filePath, guarded, transact } from './sqlite.ts'

const PAGE_SIZE = 16_384
/** Checkpoints are done when idle; this is where SQLite does one by itself, in the middle of a commit. */
const AUTOCHECKPOINT_PAGES = (64 << 20) / PAGE_SIZE

export interface ProjectStore {
  readonly path: string
  readonly db: Connection
  readonly readOnly: boolean
  /** Why it is read-only: one sentence each. */
  readonly notices: readonly string[]
  /**
   * Gives the file another name and goes on in it; a file that is there is replaced.
   * @throws InlayError `project.read-only` when either file is open elsewhere, `file.missing`, `file.denied`, `disk.full`;
   * the project then goes on where it was.
   */
  moveTo(path: string): void
  close(): void
}

/**
 * Makes a new project file; `fill` writes its first rows in the same transaction as the schema.
 * @param about the file that errors name, where that is another one.
 * @throws InlayError `file.exists`, `file.missing` (the folder), `file.denied`, `disk.full`; nothing is left behind.
 */
export function createStore(given: string, fill: (db: Connection) => void, about = given): ProjectStore {
  const file = filePath(given)
  guarded(about, () => fs.closeSync(fs.openSync(file, 'wx')))
  let db: Connection | undefined
  let lock: ProjectLock | undefined
  try {
    lock = writerLock(file, about)
    db = connect(file, {}, about)
    db.pragma(`page_size = ${PAGE_SIZE}`)
    db.pragma(`application_id = ${APPLICATION_ID}`)
    migrate(db, path.basename(about))
    const filled = db
    transact(db, () => fill(filled))
    prepareWriting(db)
    return writableStore(file, db, lock)
  } catch (error) {
    db?.close()
    for (const suffix of ['', ...SIDECARS]) removeQuietly(file + suffix)
    lock?.release()
    throw asInlayError(error, about)
  }
}

function writerLock(file: string, about = file): ProjectLock {
  guarded(about, () => fs.statSync(path.dirname(file)))
  const lock = acquireLock(file)
  if (typeof lock !== 'string') return lock
  throw lockRefused(lock, about)
}

/** What to say when a file cannot be written because there is no lock for it. */
export function lockRefused(refusal: LockRefusal, file: string): InlayError {
  const name = `"${path.basename(file)}"`
  switch (refusal) {
    case 'busy':
      return new InlayError('project.read-only', `${name} is open in another window. Close it there first.`)
    case 'unwritable':
      return new InlayError('file.denied', `The folder of ${name} may not be written. Choose another folder.`)
    case 'full':
      return new InlayError(
        'disk.full',
        `There is no room on the disk for ${name}. Free some space and try again.`,
      )
  }
}

const READING_ONLY: Readonly<Record<LockRefusal, string>> = {
  busy: 'Another window has this project open, so here it can only be looked at.',
  unwritable: 'The folder of this project may not be written, so it can only be looked at.',
  full: 'The disk is full, so this project can only be looked at.',
}

/**
 * Opens a project, for writing if that is possible and wanted.
 * @throws InlayError `file.missing`, `file.denied`, `project.foreign`, `project.newer`, `project.damaged`, `disk.full`.
 */
export function openStore(given: string, options: { readonly readOnly?: boolean } = {}): ProjectStore {
  const file = filePath(given)
  checkHeader(file)
  const why = options.readOnly ? 'asked' : mayWrite(file)
  if (why !== null) return openReadOnly(file, why === 'asked' ? [] : [why])
  const lock = acquireLock(file)
  if (typeof lock === 'string') return openReadOnly(file, [READING_ONLY[lock]])
  let db: Connection | undefined
  try {
    db = connect(file, { fileMustExist: true })
    prepareConnection(db)
    migrate(db, path.basename(file))
    prepareWriting(db)
    return writableStore(file, db, lock)
  } catch (error) {
    db?.close()
    lock.release()
    const known = asInlayError(error, file)
    if (known instanceof InlayError && known.code === 'disk.full')
      return openReadOnly(file, [READING_ONLY.full])
    throw known
  }
}

/** Null, or the sentence that says why the file is only read. The permission bits are respected even for root. */
function mayWrite(file: string): string | null {
  const readable = 'may not be written, so the project can only be looked at.'
  try {
    if ((fs.statSync(file).mode & 0o222) === 0) return `The file ${readable}`
    fs.accessSync(file, fs.constants.W_OK)
  } catch {
    return `The file ${readable}`
  }
  return null
}

function prepareConnection(db: Connection): void {
  db.pragma('foreign_keys = on')
  db.pragma('trusted_schema = off')
  db.pragma('cell_size_check = on')
  db.pragma('temp_store = memory')
}

function prepareWriting(db: Connection): void {
  prepareConnection(db)
  db.pragma('journal_mode = wal')
  db.pragma('synchronous = full')
  db.pragma(`wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`)
  db.pragma(`journal_size_limit = ${64 << 20}`)
}

function writableStore(file: string, db: Connection, lock: ProjectLock): ProjectStore {
  let at = { file, db, lock, forget: retain(file) }
  return {
    get path() {
      return at.file
    },
    get db() {
      return at.db
    },
    readOnly: false,
    notices: [],
    moveTo(given) {
      const target = filePath(given)
      const taken = writerLock(target)
      try {
        emptyJournal(at.db, at.file)
        at.db.close()
        at.forget()
        let moved = at.file
        try {
          replaceFile(at.file, target)
          moved = target
        } finally {
          at = { ...at, file: moved, db: reconnect(moved), forget: retain(moved) }
        }
        at.lock.release()
        at.lock = taken
      } catch (error) {
        taken.release()
        throw asInlayError(error, target)
      }
    },
    close() {
      if (!at.db.open) return
      leaveOneFile(at.db)
      at.db.close()
      at.forget()
      at.lock.release()
    },
  }
}

function reconnect(file: string): Connection {
  const db = connect(file, { fileMustExist: true })
  prepareWriting(db)
  return db
}

/** @throws InlayError `project.read-only` when a reader keeps the journal from being emptied: the file cannot move then. */
function emptyJournal(db: Connection, file: string): void {
  guarded(file, () => db.pragma('journal_mode = delete'))
}

/** Moves the journal's content into the file and leaves WAL mode. */
function leaveOneFile(db: Connection): void {
  try {
    db.pragma('journal_mode = delete')
  } catch {
    // A reader is there (the last one to close does it), or the disk is full (the journal keeps what was committed).
  }
}

function openReadOnly(file: string, notices: readonly string[]): ProjectStore {
  let db: Connection | undefined
  try {
    db = connect(file, { readonly: true, fileMustExist: true })
    prepareConnection(db)
    // The first read is where SQLite finds out that it cannot use the journal here.
    const current = schemaVersion(db) === SCHEMA_VERSION
    db.prepare('select 1 from sqlite_schema').get()
    if (current) return readOnlyStore(file, db, notices)
    db.close()
  } catch (error) {
    db?.close()
    if (!isLeftInWal(file)) throw asInlayError(error, file)
  }
  return openCopy(file, notices)
}

function readOnlyStore(file: string, db: Connection, notices: readonly string[]): ProjectStore {
  const forget = retain(file)
  return {
    path: file,
    db,
    readOnly: true,
    notices,
    moveTo: refuseMove,
    close() {
      if (!db.open) return
      db.close()
      forget()
      settle(file)
    },
  }
}

function refuseMove(): never {
  throw new InlayError('project.read-only', 'This project may only be read. Save a copy instead.')
}

/** The last one to leave a file in WAL mode makes it one file again, if it may. */
function settle(file: string): void {
  try {
    if (!isLeftInWal(file) || mayWrite(file) !== null) return
    const lock = acquireLock(file)
    if (typeof lock === 'string') return
    const db = connect(file, { fileMustExist: true, timeout: 0 })
    leaveOneFile(db)
    db.close()
    lock.release()
  } catch {
    // Nothing depends on it: the next writer does the same.
  }
}

/**
 * Reads from a private copy: for a file whose journal was left behind and cannot be used where it lies (read-only
 * media), and for one with an older schema that may not be changed.
 */
function openCopy(file: string, notices: readonly string[]): ProjectStore {
  const folder = path.join(os.tmpdir(), `inlay-${randomUUID()}`)
  let db: Connection | undefined
  const drop = (): void => fs.rmSync(folder, { recursive: true, force: true })
  try {
    fs.mkdirSync(folder, { mode: 0o700 })
    const copy = path.join(folder, 'project')
    for (const suffix of ['', '-wal', '-journal'])
      if (fs.existsSync(file + suffix)) {
        fs.copyFileSync(file + suffix, copy + suffix)
        fs.chmodSync(copy + suffix, 0o600)
      }
    db = connect(copy, { fileMustExist: true })
    prepareConnection(db)
    migrate(db, path.basename(file))
    const opened = db
    return {
      path: file,
      db,
      readOnly: true,
      notices,
      moveTo: refuseMove,
      close() {
        if (!opened.open) return
        opened.close()
        drop()
      },
    }
  } catch (error) {
    db?.close()
    drop()
    throw asInlayError(error, file)
  }
}
