/**
 * Putting a finished file in the place of another.
 *
 * Invariant: the target is the old file or the whole new one, never a part. A database that is replaced takes its
 * journal with it: a journal left behind would be played into the new file.
 */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { SIDECARS } from './sidecars.ts'

/** A name in the target's folder for what is not finished yet. */
export function partPath(target: string): string {
  return path.join(path.dirname(target), `.${randomBytes(6).toString('hex')}.inlay-part`)
}

/**
 * Moves a closed file to `target`, over disks too. @throws what the file system says; both files are then as they were.
 */
export function replaceFile(source: string, target: string): void {
  const folder = path.dirname(target)
  if (fs.statSync(source).dev === fs.statSync(folder).dev) swapIn(source, target)
  else {
    const part = partPath(target)
    try {
      fs.copyFileSync(source, part, fs.constants.COPYFILE_EXCL)
      syncFile(part)
      swapIn(part, target)
    } catch (error) {
      fs.rmSync(part, { force: true })
      throw error
    }
    fs.rmSync(source, { force: true })
  }
  syncFolder(folder)
}

/** The old journal goes first: for an instant there may be the old file without it, but never the new file with it. */
function swapIn(source: string, target: string): void {
  for (const suffix of SIDECARS) fs.rmSync(target + suffix, { force: true })
  fs.renameSync(source, target)
}

function syncFile(file: string): void {
  const handle = fs.openSync(file, 'r+')
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}

/** Makes a rename survive a power cut; Windows has no such call and does not need it. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}
