/**
 * The formats we write, their file extensions and what each of them makes of a quality.
 *
 * Invariant: a file's format is decided by its extension and nothing else; quality is a whole number from 1 to 100.
 */
import { extname } from 'node:path'
import type { Sharp } from 'sharp'
import { InlayError } from '../../../shared/errors.ts'
import type { WritableFormat } from './metadata.ts'

const EXTENSIONS: Readonly<Record<string, WritableFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
  '.tif': 'tiff',
  '.tiff': 'tiff',
  '.avif': 'avif',
}

/** What is used when no quality is asked for. PNG and TIFF are always lossless and have none. */
export const DEFAULT_QUALITY: Readonly<Record<'jpeg' | 'webp' | 'avif', number>> = {
  jpeg: 92,
  webp: 90,
  avif: 75,
}

/** Longest side a format can hold, in pixels. */
export const FORMAT_MAX_SIDE: Readonly<Record<WritableFormat, number>> = {
  png: 0x7fffffff,
  jpeg: 65_500,
  webp: 16_383,
  tiff: 0x7fffffff,
  avif: 16_384,
}

/** @throws InlayError `image.unsupported` that names the extensions we know. */
export function formatOfPath(path: string): WritableFormat {
  const extension = extname(path).toLowerCase()
  const format = EXTENSIONS[extension]
  if (format !== undefined) return format
  const what = extension === '' ? 'A file name without an extension' : `“${extension}”`
  throw new InlayError(
    'image.unsupported',
    `${what} names no format Inlay writes; end the name in ${Object.keys(EXTENSIONS).join(', ')}.`,
  )
}

/** Above this the encoders' thorough settings take minutes, and hold a second picture's worth of coefficients. */
const THOROUGH_PIXELS = 16_000_000

/**
 * Sets the encoder up. JPEG has chroma at full resolution from quality 90 on; WebP and AVIF are lossless at 100.
 * The caller has flattened the picture for JPEG.
 */
export function withEncoder(
  pipeline: Sharp,
  format: WritableFormat,
  quality: number | undefined,
  pixels: number,
): Sharp {
  const isThorough = pixels <= THOROUGH_PIXELS
  switch (format) {
    case 'png':
      // Filters chosen by row with a light deflate: smaller than heavy deflate without them, in about the same time.
      return pipeline.png({ compressionLevel: 3, adaptiveFiltering: true })
    case 'tiff':
      return pipeline.tiff({ compression: 'deflate', predictor: 'horizontal' })
    case 'jpeg': {
      const q = quality ?? DEFAULT_QUALITY.jpeg
      const chromaSubsampling = q >= 90 ? '4:4:4' : '4:2:0'
      return pipeline.jpeg({ quality: q, chromaSubsampling, optimiseCoding: isThorough })
    }
    case 'webp': {
      const q = quality ?? DEFAULT_QUALITY.webp
      const effort = isThorough ? 4 : 2
      return pipeline.webp(
        q === 100 ? { lossless: true, exact: true, effort } : { quality: q, exact: true, effort },
      )
    }
    case 'avif': {
      const q = quality ?? DEFAULT_QUALITY.avif
      const effort = isThorough ? 2 : 0
      return pipeline.avif(
        q === 100 ? { lossless: true, effort } : { quality: q, chromaSubsampling: '4:4:4', effort },
      )
    }
  }
}
