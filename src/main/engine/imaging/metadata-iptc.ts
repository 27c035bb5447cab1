/**
 * IPTC data and the Photoshop image resources it travels in.
 *
 * Invariant: reading stays inside the bytes it is given. An image resource is `8BIM`, a 16-bit id, a Pascal name padded
 * to even length, a 32-bit size and the data, padded to even length (Adobe Photoshop file format, "Image Resource Blocks").
 */
import { viewOf } from './metadata-ifd.ts'

const IPTC_RESOURCE = 0x0404
const HEADER = 'Photoshop 3.0\0'

/** Whether a block is a row of IIM data sets. */
export function isIptc(block: Uint8Array): boolean {
  return block.byteLength >= 5 && block[0] === 0x1c && block[1]! >= 1 && block[1]! <= 9
}

/** The IPTC resource among Photoshop's image resources, with or without the JPEG header before them; null if none. */
export function findIptc(block: Uint8Array): Uint8Array | null {
  const view = viewOf(block)
  let at = Buffer.from(block.subarray(0, HEADER.length)).toString('latin1') === HEADER ? HEADER.length : 0
  while (at + 12 <= block.byteLength && view.getUint32(at) === 0x3842494d) {
    const id = view.getUint16(at + 4)
    const nameLength = 1 + block[at + 6]!
    const sizeAt = at + 6 + nameLength + (nameLength & 1)
    if (sizeAt + 4 > block.byteLength) return null
    const size = view.getUint32(sizeAt)
    const dataAt = sizeAt + 4
    if (dataAt + size > block.byteLength) return null
    const data = block.subarray(dataAt, dataAt + size)
    if (id === IPTC_RESOURCE) return isIptc(data) ? data : null
    at = dataAt + size + (size & 1)
  }
  return null
}

/** IPTC as the one Photoshop resource block that PNG and (after its header) JPEG carry. */
export function iptcResource(iptc: Uint8Array): Buffer {
  const head = Buffer.alloc(12)
  head.write('8BIM', 0, 'latin1')
  head.writeUInt16BE(IPTC_RESOURCE, 4)
  head.writeUInt32BE(iptc.byteLength, 8)
  return Buffer.concat([head, iptc, Buffer.alloc(iptc.byteLength & 1)])
}

/** The payload of a JPEG APP13 segment. */
export function iptcSegment(iptc: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(HEADER, 'latin1'), iptcResource(iptc)])
}
