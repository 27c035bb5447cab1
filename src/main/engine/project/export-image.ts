/**
 * The picture as a file for others: everything visible, flattened, with the document's profile and the original's metadata.
 *
 * Invariant: numbers leave as they are in the document; an untagged document leaves untagged. The target is whole or as it
 * was before.
 */
import { throwIfCancelled } from '../../../shared/errors.ts'
import { renderDocument } from '../imaging/export-render.ts'
import { encodePieces } from '../imaging/image-encode.ts'
import { formatOfPath } from '../imaging/image-encode-format.ts'
import { openImage } from '../imaging/image-file.ts'
import { requireWritablePlace, writeWholeFile } from '../imaging/image-file-write.ts'
import type { ImageMetadata, WritableFormat } from '../imaging/metadata.ts'
import type { ProjectSession } from './project-session.ts'

export interface ExportSettings {
  /** From the file's extension when not given. */
  readonly format?: WritableFormat
  /** 1..100; ignored by lossless formats. */
  readonly quality?: number
  /** Leaves out EXIF, XMP and IPTC. */
  readonly stripMetadata?: boolean
}

export interface ExportControl {
  readonly signal?: AbortSignal
  /** Called with 0..1, never falling. */
  readonly onProgress?: (fraction: number) => void
}

/** The share of the work that composing is; the rest is encoding, which cannot tell how far it is. */
const COMPOSING = 0.6

/**
 * Writes the visible picture to a file, replacing one that is there.
 * @returns the bytes written, and what the format could not hold
 * @throws InlayError `image.unsupported`, `image.too-large`, `file.missing`, `file.denied`, `disk.full`, `cancelled`
 */
export async function exportImage(
  session: ProjectSession,
  file: string,
  settings: ExportSettings = {},
  { signal, onProgress }: ExportControl = {},
): Promise<{ readonly bytes: number; readonly notices: readonly string[] }> {
  const format = settings.format ?? formatOfPath(file)
  await requireWritablePlace(file)
  const { document } = session
  const metadata = settings.stripMetadata ? null : await originalMetadata(session)
  const rgba = await renderDocument(document, session.tiles, {
    ...(signal ? { signal } : {}),
    onProgress: (fraction) => onProgress?.(fraction * COMPOSING),
  })
  const { pieces, byteLength, notices } = await encodePieces(rgba, {
    ...document.canvas,
    format,
    quality: settings.quality,
    icc: document.profile.hash ? session.blob(document.profile.hash) : null,
    metadata,
  })
  throwIfCancelled(signal)
  onProgress?.(0.98)
  await writeWholeFile(file, pieces)
  onProgress?.(1)
  return { bytes: byteLength, notices }
}

/** What the imported file said about itself; null for a canvas that began empty. */
async function originalMetadata(session: ProjectSession): Promise<ImageMetadata | null> {
  const original = session.original()
  return original ? (await openImage(original.bytes)).metadata : null
}
