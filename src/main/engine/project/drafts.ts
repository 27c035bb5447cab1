/**
 * Drafts: projects that have no name yet, kept in the user's data folder.
 *
 * Invariant: every photograph that was opened and not saved under a name is one file here, offered again at the next
 * start until it is discarded or given a file of its own.
 */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import { acquireLock, isLocked } from './project-lock.ts'
import { readName } from './project-records.ts'
import { openStore } from './project-store.ts'
import { SIDECARS } from './sidecars.ts'
import { guarded } from './sqlite.ts'

export interface Draft {
  readonly path: string
  readonly name: string
  /** When it was changed last, in milliseconds since 1970. */
  readonly time: number
}

/** The folder for what Inlay keeps about a user; `INLAY_DATA` overrides the system's convention. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env, home = os.homedir()): string {
  if (environment['INLAY_DATA']) return path.resolve(environment['INLAY_DATA'])
  if (process.platform === 'win32')
    return path.join(environment['APPDATA'] ?? path.join(home, 'AppData', 'Roaming'), 'Inlay')
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Inlay')
  // The XDG base directory specification says that relative values are to be ignored.
  const xdg = environment['XDG_DATA_HOME']
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'share'), 'inlay')
}

export function draftsFolder(): string {
  return path.join(dataFolder(), 'drafts')
}

/** A path for a new draft; makes the folder. @throws InlayError `file.denied`, `disk.full`. */
export function newDraftPath(): string {
  const folder = draftsFolder()
  guarded(folder, () => fs.mkdirSync(folder, { recursive: true, mode: 0o700 }))
  return path.join(folder, `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}.inlay`)
}

export function isDraft(file: string): boolean {
  return path.dirname(path.resolve(file)) === path.resolve(draftsFolder())
}

/** Drafts nobody has open, newest first. A damaged one is listed too: opening it says what is wrong. */
export function listDrafts(): readonly Draft[] {
  const folder = draftsFolder()
  if (!fs.existsSync(folder)) return []
  const names = guarded(folder, () => fs.readdirSync(folder))
  return names
    .filter((name) => name.endsWith('.inlay'))
    .map((name) => path.join(folder, name))
    .filter((file) => !isLocked(file))
    .flatMap(describe)
    .sort((a, b) => b.time - a.time)
}

/** Removes a draft for good. @throws InlayError `project.read-only` when it is open, `file.denied` when it is no draft. */
export function discardDraft(file: string): void {
  if (!isDraft(file))
    throw new InlayError('file.denied', 'Only drafts can be discarded; this is a file of yours.')
  const lock = acquireLock(file)
  if (lock === 'busy') throw new InlayError('project.read-only', 'This draft is open. Close it first.')
  guarded(file, () => {
    for (const suffix of ['', ...SIDECARS]) fs.rmSync(file + suffix, { force: true })
  })
  if (typeof lock !== 'string') lock.release()
}

function describe(file: string): Draft[] {
  try {
    const time = Math.max(...['', '-wal'].map((suffix) => modified(file + suffix)))
    return summary(file, time)
  } catch {
    // Gone since the folder was read.
    return []
  }
}

function summary(file: string, time: number): Draft[] {
  try {
    const store = openStore(file, { readOnly: true })
    try {
      const begun = store.db.prepare('select 1 from head').get() !== undefined
      return begun ? [{ path: file, name: readName(store), time }] : []
    } finally {
      store.close()
    }
  } catch {
    return [{ path: file, name: path.basename(file, '.inlay'), time }]
  }
}

function modified(file: string): number {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
