/**
 * The project files this process has open through SQLite.
 *
 * Invariant: kept by device and inode, because one file may have several names. Looking a file up does not open it.
 */
import fs from 'node:fs'

const open = new Map<string, number>()

/** Notes a file as open. @returns what takes the note back, to be called after closing. */
export function retain(file: string): () => void {
  const key = identityOf(file)
  if (key === null) return () => {}
  open.set(key, (open.get(key) ?? 0) + 1)
  return () => {
    const left = (open.get(key) ?? 1) - 1
    if (left > 0) open.set(key, left)
    else open.delete(key)
  }
}

export function isOpenHere(file: string): boolean {
  const key = identityOf(file)
  return key !== null && open.has(key)
}

/** Device and inode of a file, or null when it is not there (or may not be looked at). */
export function identityOf(file: string): string | null {
  try {
    const stat = fs.statSync(file, { bigint: true })
    return `${stat.dev}:${stat.ino}`
  } catch {
    return null
  }
}
