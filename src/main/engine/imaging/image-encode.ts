/**
 * Writing pictures: the one door through which pixels leave.
 *
 * Invariant: numbers are never converted; the profile is only attached. At most one full RGBA copy of the picture is
 * held: the caller's own buffer, or the one that is filled band by band. A file appears whole or not at all.
 */
import type { Sharp } from 'sharp'
import { InlayError } from '../../../shared/errors.ts'
import { MAX_PIXELS, MAX_SIDE } from '../../../shared/pixels.ts'
import { TILE_SIZE } from '../../../shared/tiles.ts'
import { FORMAT_MAX_SIDE, formatOfPath, withEncoder } from './image-encode-format.ts'
import { sharp } from './image-file-sharp.ts'
import { requireWritablePlace, writeWholeFile } from './image-file-write.ts'
import { hasMetadata, type ImageMetadata, NO_METADATA, type WritableFormat } from './metadata.ts'
import { correctMetadata } from './metadata-correct.ts'
import { embed } from './metadata-embed.ts'

export interface EncodeOptions {
  readonly width: number
  readonly height: number
  readonly format: WritableFormat
  /** 1..100; for JPEG, WebP and AVIF (there 100 is lossless). */
  readonly quality?: number | undefined
  /** The profile the numbers belong to; null writes an untagged file. */
  readonly icc: Uint8Array | null
  /** What to keep; null strips. Orientation and sizes in it are corrected here. */
  readonly metadata: ImageMetadata | null
}

/**
 * Fills `into` with rows [firstRow, firstRow + rowCount) of the picture as straight RGBA, rowCount * width * 4 bytes.
 * Called once for each band of up to 256 rows, from the top.
 */
export type RowSource = (firstRow: number, rowCount: number, into: Uint8Array) => void | Promise<void>

/** The whole picture as straight RGBA (width * height * 4 bytes, read only), or a source of its rows. */
export type PictureInput = Uint8Array | RowSource

export interface EncodedPicture {
  /** The file, as pieces to be written one after the other. */
  readonly pieces: readonly Uint8Array[]
  readonly byteLength: number
  /** Sentences about what the format could not hold. */
  readonly notices: readonly string[]
}

/**
 * Encodes a picture in memory.
 * @throws InlayError `image.too-large` when the format cannot hold the size, `usage` for a quality outside 1..100.
 */
export async function encodePieces(input: PictureInput, options: EncodeOptions): Promise<EncodedPicture> {
  const { width, height, format, quality } = options
  requireEncodable(options)
  const rgba = typeof input === 'function' ? await fill(input, width, height) : input
  if (rgba.byteLength !== width * height * 4) {
    throw new RangeError(
      `${width} x ${height} RGBA pixels take ${width * height * 4} bytes, not ${rgba.byteLength}.`,
    )
  }
  const isOpaque = hasNoTransparency(rgba)
  const isFlattened = format === 'jpeg' && !isOpaque
  let pipeline = sharp(rgba, { raw: { width, height, channels: 4 }, limitInputPixels: MAX_PIXELS })
  if (isFlattened) pipeline = pipeline.flatten({ background: '#ffffff' })
  else if (isOpaque) pipeline = pipeline.removeAlpha()
  const encoded = await encodePixels(withEncoder(pipeline, format, quality, width * height), format)

  const metadata = options.metadata ?? NO_METADATA
  const blocks = hasMetadata(metadata) ? correctMetadata(metadata, width, height) : metadata
  const { pieces, leftOut } = embed(format, encoded, { ...blocks, icc: options.icc })
  const notices = leftOut.map(
    (name) => `${format.toUpperCase()} has no room for the picture's ${name}; it was left out.`,
  )
  if (isFlattened) notices.unshift('JPEG has no transparency; the picture was placed on white.')
  return { pieces, byteLength: pieces.reduce((sum, piece) => sum + piece.byteLength, 0), notices }
}

/** As `encodePieces`, in one buffer. */
export async function encodeImage(input: PictureInput, options: EncodeOptions): Promise<Buffer> {
  const { pieces } = await encodePieces(input, options)
  return Buffer.concat(pieces)
}

/**
 * Encodes a picture into a file, whose extension decides the format. An existing file is replaced at the last moment.
 * @returns the size written and what the format could not hold.
 * @throws InlayError `image.unsupported`, `image.too-large`, `usage`, `file.missing` (no such folder), `file.denied`
 * or `disk.full`; then the target is as it was and nothing else is left behind.
 */
export async function encodeToFile(
  path: string,
  input: PictureInput,
  options: Omit<EncodeOptions, 'format'>,
): Promise<{ readonly byteLength: number; readonly notices: readonly string[] }> {
  const format = formatOfPath(path)
  await requireWritablePlace(path)
  const { pieces, byteLength, notices } = await encodePieces(input, { ...options, format })
  await writeWholeFile(path, pieces)
  return { byteLength, notices }
}

function requireEncodable({ width, height, format, quality }: EncodeOptions): void {
  if (
    !(width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS)
  ) {
    throw new RangeError(`A picture of ${width} x ${height} pixels cannot be encoded.`)
  }
  const limit = FORMAT_MAX_SIDE[format]
  if (width > limit || height > limit) {
    throw new InlayError(
      'image.too-large',
      `${format.toUpperCase()} holds at most ${limit} pixels a side and this picture is ${width} × ${height}; ` +
        'save it as PNG or TIFF.',
    )
  }
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100)) {
    throw new InlayError('usage', `The quality is ${quality}; give a whole number from 1 to 100.`)
  }
}

/** The WebP encoder gives up on the largest pictures, depending on what they show. */
async function encodePixels(pipeline: Sharp, format: WritableFormat): Promise<Buffer> {
  try {
    return await pipeline.toBuffer()
  } catch (cause) {
    if (!/unable to encode/.test(String(cause))) throw cause
    throw new InlayError(
      'image.too-large',
      `The picture is too large for ${format.toUpperCase()} at this quality; save it as PNG or TIFF.`,
      { cause },
    )
  }
}

async function fill(rows: RowSource, width: number, height: number): Promise<Uint8Array> {
  const rgba = new Uint8Array(width * height * 4)
  for (let first = 0; first < height; first += TILE_SIZE) {
    const count = Math.min(TILE_SIZE, height - first)
    await rows(first, count, rgba.subarray(first * width * 4, (first + count) * width * 4))
  }
  return rgba
}

/** Files without transparency get no alpha channel. */
function hasNoTransparency(rgba: Uint8Array): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false
  return true
}
