/**
 * The few facts of a TIFF that the decoder does not tell.
 *
 * Invariant: facts that cannot be read (a BigTIFF, a damaged table) come out as null, and the decoder has the last word.
 */
import type { ByteReader } from './image-file-source.ts'
import { entryNumber, findEntry, readIfdFile } from './metadata-ifd.ts'

const TAG = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  subIfds: 330,
  extraSamples: 338,
  dngVersion: 50706,
} as const

export interface TiffFacts {
  readonly width: number
  readonly height: number
  /** The first extra sample is alpha that is already multiplied into the colours (TIFF 6.0, section 18). */
  readonly isPremultiplied: boolean
  /** A camera's raw file: the first directory is only a small preview of what lies in the others. */
  readonly isCameraRaw: boolean
}

export function readTiffFacts(data: ByteReader): TiffFacts | null {
  const file = readIfdFile(data)
  if (!file) return null
  const number = (tag: number) => entryNumber(findEntry(file.first, tag), file.littleEndian)
  const isPreview = ((number(TAG.newSubfileType) ?? 0) & 1) === 1
  return {
    width: number(TAG.imageWidth) ?? 0,
    height: number(TAG.imageLength) ?? 0,
    isPremultiplied: number(TAG.extraSamples) === 1,
    isCameraRaw:
      findEntry(file.first, TAG.dngVersion) !== undefined ||
      (isPreview && findEntry(file.first, TAG.subIfds) !== undefined),
  }
}
