/**
 * Profile and metadata in JPEG: APP1 (EXIF, XMP), APP2 (ICC, in numbered parts) and APP13 (IPTC) segments.
 *
 * Invariant: a segment holds at most 65,533 bytes; only an ICC profile may be split. A larger block is left out, never cut.
 */
import type { Attachments, Embedded } from './metadata.ts'
import { iptcSegment } from './metadata-iptc.ts'

const MAX_PAYLOAD = 65_533
const ICC_MARK = Buffer.from('ICC_PROFILE\0', 'latin1')
const EXIF_MARK = Buffer.from('Exif\0\0', 'latin1')
const XMP_MARK = Buffer.from('http://ns.adobe.com/xap/1.0/\0', 'latin1')

export function embedInJpeg(encoded: Uint8Array, { icc, exif, xmp, iptc }: Attachments): Embedded {
  const segments: Uint8Array[] = []
  const leftOut: string[] = []
  const add = (name: string, marker: number, ...payload: readonly Uint8Array[]) => {
    const length = payload.reduce((sum, part) => sum + part.byteLength, 0)
    if (length > MAX_PAYLOAD) leftOut.push(name)
    else segments.push(segmentHead(marker, length), ...payload)
  }
  if (exif) add('EXIF', 0xe1, EXIF_MARK, exif)
  if (xmp) add('XMP', 0xe1, XMP_MARK, xmp)
  if (iptc) add('IPTC', 0xed, iptcSegment(iptc))
  if (icc) {
    const partLength = MAX_PAYLOAD - ICC_MARK.byteLength - 2
    const parts = Math.ceil(icc.byteLength / partLength)
    if (parts > 255) leftOut.push('colour profile')
    for (let part = 0; parts <= 255 && part < parts; part++) {
      const bytes = icc.subarray(part * partLength, (part + 1) * partLength)
      add('colour profile', 0xe2, ICC_MARK, Uint8Array.of(part + 1, parts), bytes)
    }
  }
  const at = endOfJfif(encoded)
  return { pieces: [encoded.subarray(0, at), ...segments, encoded.subarray(at)], leftOut }
}

function segmentHead(marker: number, payload: number): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(payload + 2, 2)
  return head
}

/** JFIF wants its APP0 segment first, so ours come after it. */
function endOfJfif(encoded: Uint8Array): number {
  const hasJfif = encoded[2] === 0xff && encoded[3] === 0xe0
  return hasJfif ? 4 + encoded[4]! * 256 + encoded[5]! : 2
}
