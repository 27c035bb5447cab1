/**
 * Who may write a project: one process at a time, by a lock that dies with it.
 *
 * Invariant: the lock is an exclusive transaction held open on a tiny SQLite file beside the project (`<file>-lock`),
 * so it is an operating-system lock: after `kill -9` it is gone, whatever the file beside looks like. The file is
 * removed while the lock is still held; whoever waited on the removed file notices (SQLite refuses to write to a file
 * that has moved) and tries again. Readers take no lock.
 */
import fs from 'node:fs'
import path from 'node:path'
import { type Connection, connect, errorCode } from './sqlite.ts'

export interface ProjectLock {
  /** Gives the lock back and removes its file. Once is enough. */
  release(): void
}

/** Why there is no lock: another process writes, nobody can write in this folder, or the disk has no room for it. */
export type LockRefusal = 'busy' | 'unwritable' | 'full'

const ATTEMPTS = 20

export function lockPath(file: string): string {
  return `${file}-lock`
}

/**
 * Tries to become the writer of a project.
 * @param patience how long to wait for another, in milliseconds: long enough for one who only asks (`isLocked`).
 */
export function acquireLock(file: string, patience = 100): ProjectLock | LockRefusal {
  const beside = lockPath(file)
  try {
    fs.accessSync(path.dirname(file), fs.constants.W_OK)
  } catch {
    return 'unwritable'
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcome = tryLock(beside, patience)
    if (outcome !== 'moved') return outcome
  }
  return 'busy'
}

function tryLock(beside: string, patience: number): ProjectLock | LockRefusal | 'moved' {
  let db: Connection | undefined
  try {
    db = connect(beside, { timeout: patience })
    db.pragma('synchronous = off')
    // SQLite checks that a file is still the one at its path before it writes, but not when the file is empty. So the
    // file gets some content first; the write that is checked and never committed comes in the transaction that stays.
    db.pragma('journal_mode = memory')
    db.exec('begin exclusive; create table if not exists holder (process integer); commit')
    db.pragma('journal_mode = delete')
    db.exec(`begin exclusive; insert into holder values (${process.pid})`)
    removeQuietly(`${beside}-journal`)
  } catch (error) {
    db?.close()
    const code = errorCode(error instanceof Error && error.cause ? error.cause : error)
    if (code.startsWith('SQLITE_BUSY')) return 'busy'
    if (code === 'SQLITE_FULL') {
      // Nobody holds it: whoever tries to on this disk fails like we did.
      removeQuietly(beside)
      return 'full'
    }
    if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
      // Left by a crash in its first write, or not a lock at all: nobody can hold it.
      removeQuietly(beside)
      return 'moved'
    }
    if (code === 'SQLITE_READONLY_DBMOVED' || code === 'SQLITE_IOERR_FSTAT') return 'moved'
    // Whatever lies at the lock's name is not a lock file: without one, nobody writes.
    return 'unwritable'
  }
  return lockHeldBy(db, beside)
}

function lockHeldBy(db: Connection, beside: string): ProjectLock {
  return {
    release() {
      if (!db.open) return
      // Windows refuses to remove an open file, so there it goes afterwards (and stays if another has opened it).
      if (process.platform !== 'win32') removeQuietly(beside)
      db.close()
      if (process.platform === 'win32') removeQuietly(beside)
    },
  }
}

/** Whether a living process has the project open for writing. */
export function isLocked(file: string): boolean {
  if (!fs.existsSync(lockPath(file))) return false
  const lock = acquireLock(file, 0)
  if (typeof lock === 'string') return lock === 'busy'
  lock.release()
  return false
}

/** Removes a file if it can be removed. */
export function removeQuietly(file: string): void {
  try {
    fs.unlinkSync(file)
  } catch {
    // Not there, or Windows holds it: neither matters.
  }
}
