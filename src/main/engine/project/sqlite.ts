/**
 * The one door to SQLite: opening a connection, running a transaction, and turning SQLite's errors into ours.
 *
 * Invariant: no SQLite error leaves this folder. Paths are absolute before SQLite sees them (so that no name is taken
 * for an option or a URI), and a name that the binding would silently change is refused.
 */
/// <reference path="./better-sqlite3.d.ts" />
import path from 'node:path'
import Database, { type Options, type SqliteValue } from 'better-sqlite3'
import { InlayError } from '../../../shared/errors.ts'

export type { SqliteValue }
export type Connection = Database

/**
 * The absolute form of a path. @throws InlayError `file.denied` for names SQLite cannot be given: the binding trims white
 * space, so `a.inlay ` would open another file.
 */
export function filePath(given: string): string {
  const absolute = path.resolve(given)
  if (absolute !== absolute.trim() || absolute.includes('\0'))
    throw new InlayError(
      'file.denied',
      `Inlay cannot use the file name "${path.basename(absolute)}": it ends with a space. Rename the file.`,
    )
  return absolute
}

/** Opens a connection to an absolute path. @throws InlayError as `asInlayError`. */
export function connect(file: string, options: Options, about = file): Connection {
  return guarded(about, () => new Database(file, options))
}

/** Runs `body` and throws its SQLite and file-system errors as InlayErrors about `file`. */
export function guarded<T>(file: string, body: () => T): T {
  try {
    return body()
  } catch (error) {
    throw asInlayError(error, file)
  }
}

/** Runs `body` as one transaction that takes the write lock at once; throws what `body` throws, nothing being kept. */
export function transact<T>(db: Connection, body: () => T): T {
  let result: { readonly value: T } | undefined
  db.transaction(() => {
    result = { value: body() }
  }).immediate()
  if (!result) throw new Error('the transaction did not run')
  return result.value
}

/** SQLite's name for what went wrong ("SQLITE_FULL"), or Node's ("ENOENT"); empty for anything else. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}

/** Translates an error of SQLite or the file system; anything else comes back as it is. */
export function asInlayError(error: unknown, file: string): unknown {
  if (error instanceof InlayError) return error
  const name = `"${path.basename(file)}"`
  const say = (code: InlayError['code'], message: string): InlayError =>
    new InlayError(code, message, { cause: error })
  const code = errorCode(error)
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT')
    return say('disk.full', `The disk is full: ${name} was left as it was. Free some space and try again.`)
  if (code.startsWith('SQLITE_CORRUPT'))
    return say(
      'project.damaged',
      `The project ${name} is damaged. Save what can still be read as a new project.`,
    )
  if (code === 'SQLITE_NOTADB')
    return say('project.foreign', `${name} is not an Inlay project, or its beginning is destroyed.`)
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return say(
      'project.read-only',
      `Another program is using ${name}. Close it there, or save a copy elsewhere.`,
    )
  if (code === 'SQLITE_READONLY_DBMOVED')
    return say('file.missing', `${name} was moved or deleted while it was open. Save a copy elsewhere.`)
  if (code.startsWith('SQLITE_READONLY'))
    return say('project.read-only', `${name} may only be read. Save a copy elsewhere to go on working.`)
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return say('file.missing', `${name} or its folder is not there: ${path.dirname(file)}.`)
  if (code === 'EEXIST') return say('file.exists', `${name} is there already. Choose another name.`)
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_CANTOPEN') || code.startsWith('SQLITE_PERM'))
    return say(
      'file.denied',
      `${name} cannot be read or written here (${code}). Check the disk and the folder.`,
    )
  if (/^E[A-Z]+$/.test(code))
    return say('file.denied', `${name} may not be read or written (${code}). Check its permissions.`)
  return error
}
