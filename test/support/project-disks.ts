/** Real disks to break things on: small ones and read-only ones. They need root and permission to mount. */
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'

export interface Disk {
  readonly folder: string
  /** Makes it read-only media, or writable again. */
  readOnly(yes: boolean): void
  /** Gives it more room. */
  grow(bytes: number): void
  remove(): void
}

/** A file system in memory of that many bytes; null where this machine does not allow mounting. */
export function mountDisk(bytes: number): Disk | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inlay-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder])
  if (mounted.status !== 0) {
    fs.rmdirSync(folder)
    return null
  }
  return {
    folder,
    readOnly(yes) {
      execFileSync('mount', ['-o', `remount,${yes ? 'ro' : 'rw'}`, folder])
    },
    grow(more) {
      execFileSync('mount', ['-o', `remount,size=${more}`, folder])
    },
    remove() {
      execFileSync('umount', ['-l', folder])
      fs.rmdirSync(folder)
    },
  }
}
