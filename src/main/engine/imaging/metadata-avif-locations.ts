/**
 * The `iloc` box: where in the file each item's bytes lie (ISO 14496-12, 8.11.3).
 *
 * Invariant: the new box has the layout of the old one; offsets into the file (construction method 0) are moved by
 * `shift`, offsets into the `meta` box's own data are left alone.
 */
import { type Box, box } from './metadata-avif-boxes.ts'
import { viewOf } from './metadata-ifd.ts'

export interface NewLocation {
  readonly id: number
  readonly offset: number
  readonly length: number
}

export function appendLocations(iloc: Box, shift: number, added: readonly NewLocation[]): Buffer {
  const old = viewOf(iloc.bytes)
  const version = old.getUint8(8)
  const [offsetBytes, lengthBytes] = nibbles(old.getUint8(12))
  const [baseBytes, indexBytes] = nibbles(old.getUint8(13))
  if (version > 1 || offsetBytes !== 4 || lengthBytes !== 4 || (baseBytes !== 0 && baseBytes !== 4)) {
    throw new Error('The AVIF encoder wrote item locations in an unknown layout.')
  }
  const bytes = Buffer.from(iloc.bytes)
  const count = old.getUint16(14)
  let at = 16
  for (let i = 0; i < count; i++) {
    at += 2
    const isInFile = version === 0 || (old.getUint16(at) & 15) === 0
    if (version === 1) at += 2
    at += 2 + baseBytes
    const extents = old.getUint16(at)
    at += 2
    for (let extent = 0; extent < extents; extent++) {
      at += version === 1 ? indexBytes : 0
      if (isInFile) bytes.writeUInt32BE(old.getUint32(at) + shift, at)
      at += 8
    }
  }
  bytes.writeUInt16BE(count + added.length, 14)
  const extentIndex = version === 1 ? indexBytes : 0
  const entries = added.map(({ id, offset, length }) => {
    const head = 2 + (version === 1 ? 2 : 0) + 2 + baseBytes
    const entry = Buffer.alloc(head + 2 + extentIndex + 8)
    entry.writeUInt16BE(id, 0)
    entry.writeUInt16BE(1, head)
    entry.writeUInt32BE(offset, head + 2 + extentIndex)
    entry.writeUInt32BE(length, head + 2 + extentIndex + 4)
    return entry
  })
  return box('iloc', bytes.subarray(8, at), ...entries)
}

function nibbles(byte: number): readonly [number, number] {
  return [byte >> 4, byte & 15]
}
