/**
 * Putting a finished file in the place of another.
 *
 * Invariant: at every instant the target is the old file or the whole new one. A database that is replaced takes its
 * journal with it: a journal left behind would be played into the new file.
 */
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { SIDECARS } from './sidecars.ts'
import { errorCode } from './sqlite.ts'

/** A name in the target's folder for what is not finished yet. */
export function partPath(target: string): string {
  return path.join(path.dirname(target), `.${randomBytes(6).toString('hex')}.inlay-part`)
}

/**
 * Moves a closed file to `target`, over disks too. @throws what the file system says; the source is then still there.
 */
export function replaceFile(source: string, target: string): void {
  for (const suffix of SIDECARS) fs.rmSync(target + suffix, { force: true })
  try {
    fs.renameSync(source, target)
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error
    moveOverDisks(source, target)
  }
  syncFolder(path.dirname(target))
}

function moveOverDisks(source: string, target: string): void {
  const part = partPath(target)
  try {
    fs.copyFileSync(source, part, fs.constants.COPYFILE_EXCL)
    syncFile(part)
    fs.renameSync(part, target)
  } catch (error) {
    fs.rmSync(part, { force: true })
    throw error
  }
  fs.rmSync(source, { force: true })
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
