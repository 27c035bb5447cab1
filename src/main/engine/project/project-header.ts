/**
 * The first hundred bytes of the file, read before SQLite opens it.
 *
 * Invariant: a file that is not an Inlay project, or a newer one, is refused by name without being touched. Offsets are
 * those of "Database File Format", section 1.3 (sqlite.org/fileformat2.html). A file this process has open through
 * SQLite is never opened another way: closing any descriptor of it would drop SQLite's POSIX locks ("How To Corrupt An
 * SQLite Database File", section 2.2).
 */
import fs from 'node:fs'
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import { refuseNewer } from './migrations/index.ts'
import { isOpenHere } from './open-files.ts'
import { filePath, guarded } from './sqlite.ts'

/** "INLY": tells an Inlay project from any other SQLite file. */
export const APPLICATION_ID = 0x494e4c59

const MAGIC = 'SQLite format 3\0'

/** @throws InlayError `file.missing`, `file.denied`, `project.foreign`, `project.newer`. */
export function checkHeader(file: string): void {
  if (isOpenHere(file)) return
  const header = headerOf(file)
  const name = path.basename(file)
  if (header.length === 0)
    throw new InlayError('project.foreign', `"${name}" is empty. Choose an Inlay project or a photograph.`)
  if (header.length < 100 || header.toString('latin1', 0, 16) !== MAGIC)
    throw new InlayError(
      'project.foreign',
      `"${name}" is not an Inlay project. Choose an .inlay file or a photograph.`,
    )
  if (header.readUInt32BE(68) !== APPLICATION_ID)
    throw new InlayError(
      'project.foreign',
      `"${name}" is a database of another program, not an Inlay project.`,
    )
  refuseNewer(header.readUInt32BE(60), name)
}

/** Whether a file is an Inlay project by its content; false also for what cannot be read. Safe on open projects. */
export function isProjectFile(given: string): boolean {
  try {
    const file = filePath(given)
    return isOpenHere(file) || headerOf(file).readUInt32BE(68) === APPLICATION_ID
  } catch {
    return false
  }
}

/** Whether nobody here has the file open and its latest content may be in a write-ahead log beside it. */
export function isLeftInWal(file: string): boolean {
  if (isOpenHere(file)) return false
  const header = headerOf(file)
  return header.length >= 20 && header[18] === 2
}

function headerOf(file: string): Buffer {
  return guarded(file, () => {
    if (fs.statSync(file).isDirectory())
      throw new InlayError('file.denied', `"${path.basename(file)}" is a folder, not a project.`)
    const handle = fs.openSync(file, 'r')
    try {
      const bytes = Buffer.alloc(100)
      return bytes.subarray(0, fs.readSync(handle, bytes, 0, 100, 0))
    } finally {
      fs.closeSync(handle)
    }
  })
}
