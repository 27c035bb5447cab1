/**
 * Puts a colour profile and metadata into a finished picture file.
 *
 * Invariant: the pixels are never touched, so embedding a profile never converts a number; only containers are spliced.
 * The result is a list of pieces to be written one after the other: a large file is not copied.
 */

import type { Attachments, Embedded, WritableFormat } from './metadata.ts'
import { embedInAvif } from './metadata-avif.ts'
import { embedInJpeg } from './metadata-jpeg.ts'
import { embedInPng } from './metadata-png.ts'
import { embedInTiff } from './metadata-tiff.ts'
import { embedInWebp } from './metadata-webp.ts'

/**
 * @param encoded a whole file as our encoder wrote it, without profile and metadata.
 * @param attachments blocks that are already true of this picture (`correctMetadata`).
 */
export function embed(format: WritableFormat, encoded: Uint8Array, attachments: Attachments): Embedded {
  const { icc, exif, xmp, iptc } = attachments
  if (!icc && !exif && !xmp && !iptc) return { pieces: [encoded], leftOut: [] }
  switch (format) {
    case 'jpeg':
      return embedInJpeg(encoded, attachments)
    case 'png':
      return embedInPng(encoded, attachments)
    case 'webp':
      return embedInWebp(encoded, attachments)
    case 'tiff':
      return embedInTiff(encoded, attachments)
    case 'avif':
      return embedInAvif(encoded, attachments)
  }
}
