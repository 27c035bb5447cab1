/**
 * Bytes of a picture, wherever they are: a file that is read piece by piece, or a buffer in memory.
 *
 * Invariant: opening tells every way a file can be unusable apart (missing, denied, folder, empty) with one error that
 * names the file; reading never goes past the end and never reads more than was asked for.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import { fileError } from './image-file-errors.ts'

/** Random access to bytes. `read` returns fewer bytes than asked at the end, and none past it. */
export interface ByteReader {
  readonly byteLength: number
  read(offset: number, length: number): Uint8Array
}

export interface PictureBytes extends ByteReader {
  /** How error messages call the picture: its quoted file name, or `The picture`. */
  readonly label: string
  /** Lower-case extension with its dot, or an empty string. */
  readonly extension: string
  /** What the decoder is given: the path, or the bytes. */
  readonly input: string | Uint8Array
  close(): void
}

export function bufferReader(bytes: Uint8Array): ByteReader {
  return {
    byteLength: bytes.byteLength,
    read(offset, length) {
      if (offset < 0 || length < 0) return bytes.subarray(0, 0)
      return bytes.subarray(offset, offset + length)
    },
  }
}

/**
 * Opens a picture's bytes. The caller closes what it gets.
 * @throws InlayError `file.missing`, `file.denied`, or `image.unreadable` for a folder, a device or an empty file.
 */
export function openBytes(source: string | Uint8Array): PictureBytes {
  const opened = typeof source === 'string' ? openFile(source) : fromBuffer(source)
  if (opened.byteLength > 0) return opened
  opened.close()
  throw new InlayError('image.unreadable', `${opened.label} is empty; choose another file.`)
}

function fromBuffer(bytes: Uint8Array): PictureBytes {
  return { ...bufferReader(bytes), label: 'The picture', extension: '', input: bytes, close() {} }
}

function openFile(path: string): PictureBytes {
  const label = `“${basename(path)}”`
  const { fd, size } = openRegularFile(path, label)
  const dot = label.lastIndexOf('.')
  return {
    byteLength: size,
    label,
    extension: dot < 0 ? '' : label.slice(dot, -1).toLowerCase(),
    input: path,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset))
      const bytes = new Uint8Array(wanted)
      let filled = 0
      while (filled < wanted) {
        const got = readSync(fd, bytes, filled, wanted - filled, offset + filled)
        if (got === 0) break
        filled += got
      }
      return bytes.subarray(0, filled)
    },
    close() {
      closeSync(fd)
    },
  }
}

/** Looks before it opens: opening a named pipe would wait for a writer for ever. */
function openRegularFile(path: string, label: string): { readonly fd: number; readonly size: number } {
  try {
    const stat = statSync(path)
    if (stat.isFile()) return { fd: openSync(path, 'r'), size: stat.size }
    const what = stat.isDirectory() ? 'a folder' : 'not a regular file'
    throw new InlayError('image.unreadable', `${label} is ${what}; choose a picture file.`)
  } catch (cause) {
    throw fileError(cause, path, 'read')
  }
}
