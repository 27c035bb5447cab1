/**
 * Files that appear whole or not at all.
 *
 * Invariant: bytes go to a temporary file beside the target, reach the disk, and only then take the target's name. On
 * any error the temporary file is removed and the target is as it was. Folders are never made.
 */
import { randomBytes } from 'node:crypto'
import { access, constants, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errorCode, fileError } from './image-file-errors.ts'

/**
 * Says early what would fail late: before a picture is encoded for nothing.
 * @throws InlayError `file.missing` when the folder is not there, `file.denied` when the place may not be written to.
 */
export async function requireWritablePlace(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK | constants.X_OK)
    const existing = await statOrNull(path)
    if (existing === null) return
    if (existing.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' })
    await access(path, constants.W_OK)
  } catch (cause) {
    throw fileError(cause, path, 'write')
  }
}

/** @throws InlayError `file.missing`, `file.denied` or `disk.full`. */
export async function writeWholeFile(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  let temporary: string | undefined
  try {
    // A link stays a link: what it points to is replaced.
    const existing = await statOrNull(path)
    const target = existing === null ? path : await realpath(path)
    temporary = join(dirname(target), `.inlay-${randomBytes(8).toString('hex')}.tmp`)
    const file = await open(temporary, 'wx', existing === null ? 0o666 : existing.mode & 0o777)
    try {
      await writePieces(file, pieces)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
    await syncFolder(dirname(target))
  } catch (cause) {
    if (temporary !== undefined) await rm(temporary, { force: true })
    throw fileError(cause, path, 'write')
  }
}

async function writePieces(file: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    let written = 0
    while (written < piece.byteLength) {
      const { bytesWritten } = await file.write(piece, written, piece.byteLength - written)
      written += bytesWritten
    }
  }
}

/** Makes the new name itself durable. Some systems cannot open a folder; there it is as durable as it gets. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  if (handle === null) return
  await handle.sync().catch(() => undefined)
  await handle.close()
}

async function statOrNull(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}
