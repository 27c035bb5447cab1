/**
 * ISO media boxes: a 32-bit size, four letters, then content or further boxes.
 *
 * Invariant: a box never reaches past its parent. Sizes of 0 and 1 (to the end, 64-bit) are not used by our encoder.
 */
import { viewOf } from './metadata-ifd.ts'

export interface Box {
  readonly type: string
  /** Where the box begins in its parent's bytes. */
  readonly start: number
  /** The whole box, its head included. */
  readonly bytes: Uint8Array
}

export function topLevelBoxes(file: Uint8Array): readonly Box[] {
  return boxesIn(file, 0)
}

/** The boxes inside a box, from a distance (8 for a plain box, 12 for one with version and flags). */
export function childrenOf(parent: Box, from: number): readonly Box[] {
  return boxesIn(parent.bytes, from)
}

export function requireBox(boxes: readonly Box[], type: string): Box {
  const found = boxes.find((candidate) => candidate.type === type)
  if (!found) throw new Error(`The AVIF encoder wrote no ${type} box.`)
  return found
}

function boxesIn(bytes: Uint8Array, from: number): readonly Box[] {
  const view = viewOf(bytes)
  const boxes: Box[] = []
  let start = from
  while (start + 8 <= bytes.byteLength) {
    const size = view.getUint32(start)
    if (size < 8 || start + size > bytes.byteLength)
      throw new Error('The AVIF encoder wrote a box of impossible size.')
    const type = Buffer.from(bytes.subarray(start + 4, start + 8)).toString('latin1')
    boxes.push({ type, start, bytes: bytes.subarray(start, start + size) })
    start += size
  }
  return boxes
}

export function box(type: string, ...content: readonly Uint8Array[]): Buffer {
  const size = 8 + content.reduce((sum, part) => sum + part.byteLength, 0)
  return Buffer.concat([u32(size), Buffer.from(type, 'latin1'), ...content], size)
}

export function fullBox(
  type: string,
  version: number,
  flags: number,
  ...content: readonly Uint8Array[]
): Buffer {
  return box(type, u32(version * 0x1000000 + flags), ...content)
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
