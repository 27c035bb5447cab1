/**
 * Makes old metadata true of the new picture.
 *
 * Invariant: after this the orientation says 1 (the pixels are already turned), the pixel dimensions are those of the
 * picture that is written, and no thumbnail of the old picture is left: it would show what was just removed. All else
 * stays byte for byte where it was, because maker notes point into the block by absolute offsets.
 */
import { bufferReader } from './image-file-source.ts'
import type { ImageMetadata } from './metadata.ts'
import {
  findEntry,
  type Ifd,
  type IfdEntry,
  readIfd,
  readIfdFile,
  SUB_DIRECTORY,
  viewOf,
} from './metadata-ifd.ts'

const TAG = {
  imageWidth: 0x0100,
  imageLength: 0x0101,
  orientation: 0x0112,
  thumbnailOffset: 0x0201,
  thumbnailLength: 0x0202,
  pixelXDimension: 0xa002,
  pixelYDimension: 0xa003,
} as const

/** Corrected copies of the blocks for a picture of this size; IPTC says nothing about pixels and passes through. */
export function correctMetadata(metadata: ImageMetadata, width: number, height: number): ImageMetadata {
  return {
    exif: metadata.exif && correctExif(metadata.exif, width, height),
    xmp: metadata.xmp && correctXmp(metadata.xmp, width, height),
    iptc: metadata.iptc,
  }
}

/** @returns a corrected copy, or null when the block is not EXIF. */
export function correctExif(block: Uint8Array, width: number, height: number): Uint8Array | null {
  const copy = Uint8Array.from(block)
  const file = readIfdFile(bufferReader(copy))
  if (!file) return null
  const { littleEndian, first } = file
  const view = viewOf(copy)
  const set = (ifd: Ifd | undefined, tag: number, value: number) => {
    const entry = findEntry(ifd, tag)
    if (entry) writeNumber(view, entry, value, littleEndian)
  }
  set(first, TAG.orientation, 1)
  set(first, TAG.imageWidth, width)
  set(first, TAG.imageLength, height)
  const exif = findEntry(first, SUB_DIRECTORY.exif)?.child
  set(exif, TAG.pixelXDimension, width)
  set(exif, TAG.pixelYDimension, height)
  return dropThumbnail(copy, first, littleEndian)
}

function writeNumber(view: DataView, entry: IfdEntry, value: number, littleEndian: boolean): void {
  if (entry.type === 3) view.setUint16(entry.position, value, littleEndian)
  else if (entry.type === 4) view.setUint32(entry.position, value, littleEndian)
}

/** Unlinks the second directory, which describes the thumbnail, and blanks or cuts off the thumbnail's bytes. */
function dropThumbnail(block: Uint8Array, first: Ifd, littleEndian: boolean): Uint8Array {
  if (first.next === 0 || first.nextPosition + 4 > block.byteLength) return block
  const view = viewOf(block)
  const second = readIfd(bufferReader(block), first.next, littleEndian)
  view.setUint32(first.nextPosition, 0, littleEndian)
  const offset = findEntry(second ?? undefined, TAG.thumbnailOffset)
  const length = findEntry(second ?? undefined, TAG.thumbnailLength)
  if (offset?.type !== 4 || length?.type !== 4) return block
  const start = view.getUint32(offset.position, littleEndian)
  const end = start + view.getUint32(length.position, littleEndian)
  if (start < 8 || end > block.byteLength) return block
  block.fill(0, start, end)
  return end === block.byteLength ? block.subarray(0, start) : block
}

/**
 * The same for XMP, where the facts are attributes or elements of a text. Works on single properties by pattern, so
 * that everything else keeps its exact form.
 */
export function correctXmp(packet: Uint8Array, width: number, height: number): Uint8Array {
  let text = new TextDecoder().decode(packet)
  const set = (property: string, value: number) => {
    text = text
      .replace(new RegExp(`(\\b${property}\\s*=\\s*["'])\\d{1,10}(["'])`, 'g'), `$1${value}$2`)
      .replace(new RegExp(`(<${property}>\\s*)\\d{1,10}(\\s*</${property}>)`, 'g'), `$1${value}$2`)
  }
  set('tiff:Orientation', 1)
  set('tiff:ImageWidth', width)
  set('tiff:ImageLength', height)
  set('exif:PixelXDimension', width)
  set('exif:PixelYDimension', height)
  return new TextEncoder().encode(withoutElement(text, 'xmp:Thumbnails'))
}

function withoutElement(text: string, name: string): string {
  const start = text.indexOf(`<${name}`)
  const closing = `</${name}>`
  const end = start < 0 ? -1 : text.indexOf(closing, start)
  return end < 0 ? text : text.slice(0, start) + text.slice(end + closing.length)
}
