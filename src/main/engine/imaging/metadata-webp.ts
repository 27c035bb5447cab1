/**
 * Profile and metadata in WebP: `ICCP`, `EXIF` and `XMP ` chunks of the extended layout (RFC 9649). WebP has no place
 * for IPTC.
 *
 * Invariant: chunks keep the order the format asks for: `VP8X`, `ICCP`, the picture, `EXIF`, `XMP `.
 */
import type { Attachments, Embedded } from './metadata.ts'
import { viewOf } from './metadata-ifd.ts'

const FLAG = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const
const RIFF_HEAD = 12
const VP8X_CHUNK = 18

export function embedInWebp(encoded: Uint8Array, { icc, exif, xmp, iptc }: Attachments): Embedded {
  const isExtended = fourCc(encoded, RIFF_HEAD) === 'VP8X'
  const header = isExtended
    ? Buffer.from(encoded.subarray(RIFF_HEAD, RIFF_HEAD + VP8X_CHUNK))
    : extendedHeader(encoded)
  header[8] = header[8]! | (icc ? FLAG.icc : 0) | (exif ? FLAG.exif : 0) | (xmp ? FLAG.xmp : 0)
  const picture = encoded.subarray(RIFF_HEAD + (isExtended ? VP8X_CHUNK : 0))
  const chunks = [
    header,
    ...webpChunk('ICCP', icc),
    picture,
    ...webpChunk('EXIF', exif),
    ...webpChunk('XMP ', xmp),
  ]
  const riff = Buffer.from(encoded.subarray(0, RIFF_HEAD))
  riff.writeUInt32LE(4 + chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0), 4)
  return { pieces: [riff, ...chunks], leftOut: iptc ? ['IPTC'] : [] }
}

function webpChunk(type: string, data: Uint8Array | null): readonly Uint8Array[] {
  if (!data) return []
  const head = Buffer.alloc(8)
  head.write(type, 0, 'latin1')
  head.writeUInt32LE(data.byteLength, 4)
  return [head, data, Buffer.alloc(data.byteLength & 1)]
}

/** The `VP8X` chunk for a file that has only a `VP8 ` (lossy, no alpha) or a `VP8L` (lossless) chunk. */
function extendedHeader(encoded: Uint8Array): Buffer {
  const view = viewOf(encoded)
  const data = RIFF_HEAD + 8
  let width: number
  let height: number
  let flags = 0
  if (fourCc(encoded, RIFF_HEAD) === 'VP8L') {
    const bits = view.getUint32(data + 1, true)
    width = (bits & 0x3fff) + 1
    height = ((bits >>> 14) & 0x3fff) + 1
    if ((bits >>> 28) & 1) flags = FLAG.alpha
  } else {
    width = view.getUint16(data + 6, true) & 0x3fff
    height = view.getUint16(data + 8, true) & 0x3fff
  }
  const header = Buffer.alloc(VP8X_CHUNK)
  header.write('VP8X', 0, 'latin1')
  header.writeUInt32LE(10, 4)
  header[8] = flags
  header.writeUIntLE(width - 1, 12, 3)
  header.writeUIntLE(height - 1, 15, 3)
  return header
}

function fourCc(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 4)).toString('latin1')
}
