/**
 * From what the decoder and the container give to `ImageMetadata`.
 *
 * Invariant: never throws; a block that makes no sense becomes null. The blocks describe the file as it was, its
 * orientation included: they are corrected when a picture is written (`metadata-correct`).
 */
import type { PictureHeader } from './image-file-header.ts'
import { type ByteReader, bufferReader } from './image-file-source.ts'
import { type ImageMetadata, MAX_BLOCK_BYTES } from './metadata.ts'
import { readIfdFile } from './metadata-ifd.ts'
import { findIptc, isIptc } from './metadata-iptc.ts'
import { readPngIptc } from './metadata-png.ts'
import { exifOfTiff } from './metadata-tiff.ts'

export function readMetadataBlocks(
  data: ByteReader,
  header: Pick<PictureHeader, 'format' | 'blocks'>,
): ImageMetadata {
  const { blocks, format } = header
  return {
    exif: format === 'tiff' ? exifOfTiff(data) : cleanExif(blocks.exif),
    xmp: cleanXmp(blocks.xmp),
    iptc:
      cleanIptc(blocks.iptc) ??
      cleanIptc(blocks.tifftagPhotoshop) ??
      (format === 'png' ? readPngIptc(data) : null),
  }
}

/** Some containers put `Exif\0\0` or a four-byte offset before the block. */
function cleanExif(found: Uint8Array | undefined): Uint8Array | null {
  if (!isSane(found)) return null
  for (const skip of [0, 4, 6, 10]) {
    const block = found.subarray(skip)
    if (readIfdFile(bufferReader(block)) !== null) return Uint8Array.from(block)
  }
  return null
}

function cleanXmp(found: Uint8Array | undefined): Uint8Array | null {
  if (!isSane(found)) return null
  const text = new TextDecoder('utf-8', { fatal: false }).decode(found)
  return text.includes('<rdf:RDF') || text.includes('<x:xmpmeta') ? Uint8Array.from(found) : null
}

function cleanIptc(found: Uint8Array | undefined): Uint8Array | null {
  if (!isSane(found)) return null
  const iptc = isIptc(found) ? found : findIptc(found)
  return iptc && Uint8Array.from(iptc)
}

function isSane(found: Uint8Array | undefined): found is Uint8Array {
  return found !== undefined && found.byteLength > 0 && found.byteLength <= MAX_BLOCK_BYTES
}
