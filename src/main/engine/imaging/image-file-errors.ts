/**
 * System errors said as sentences, and the two refusals every picture can meet.
 *
 * Invariant: whatever the file system or the decoder throws leaves here as an `InlayError` with its cause kept.
 */
import { basename, dirname } from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import { MAX_PIXELS, MAX_SIDE } from '../../../shared/pixels.ts'

/** What was being done to the file when the error came. */
type FileVerb = 'read' | 'write'

/** Turns an error of `node:fs` into the one a person reads; anything unknown is passed on as it is. */
export function fileError(cause: unknown, path: string, verb: FileVerb): unknown {
  const name = `“${basename(path)}”`
  const folder = `“${dirname(path)}”`
  switch (errorCode(cause)) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return verb === 'read'
        ? new InlayError('file.missing', `There is no file ${name}; check the path.`, { cause })
        : new InlayError('file.missing', `The folder ${folder} does not exist; make it first.`, { cause })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return verb === 'read'
        ? new InlayError('file.denied', `${name} may not be read; check its permissions.`, { cause })
        : new InlayError('file.denied', `${folder} may not be written to; choose another folder.`, { cause })
    case 'EISDIR':
      return new InlayError('file.denied', `${name} is a folder; choose another name.`, { cause })
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new InlayError(
        'disk.full',
        `There is no room left for ${name}; free some space and try again.`,
        {
          cause,
        },
      )
    default:
      return cause
  }
}

export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** Refuses a size before anything is decoded. @throws InlayError `image.too-large` with the numbers. */
export function requireOpenableSize(label: string, width: number, height: number): void {
  if (width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS) return
  const format = new Intl.NumberFormat('en')
  const megapixels = format.format(Math.round((width * height) / 1e6))
  throw new InlayError(
    'image.too-large',
    `${label} is ${format.format(width)} × ${format.format(height)} pixels (${megapixels} megapixels); Inlay opens ` +
      `up to 100 megapixels and ${format.format(MAX_SIDE)} pixels a side: reduce it first.`,
  )
}

/** The decoder gave up. `detail` is for the log (it stays in `cause`), the sentence is for the person. */
export function unreadable(label: string, cause?: unknown): InlayError {
  return new InlayError(
    'image.unreadable',
    `${label} is damaged, cut off or not really a picture; try another copy of the file.`,
    { cause },
  )
}
