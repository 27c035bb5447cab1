/**
 * Image file directories: the tagged tables that TIFF files and EXIF blocks are made of.
 *
 * Invariant: reading never trusts an offset or a count. A table or value that does not lie inside the data is left out,
 * loops end, and no more than `MAX_TOTAL` bytes are ever copied. Structure as in TIFF 6.0 (1992), section 2, and
 * Exif 3.0 (CIPA DC-008-2023), section 4.6.
 */
import type { ByteReader } from './image-file-source.ts'

/** Bytes of one value of each TIFF type, by type id; 0 for ids that are not used. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4]

const MAX_ENTRIES = 1024
const MAX_VALUE = 1 << 20
const MAX_TOTAL = 8 << 20
const MAX_DEPTH = 3

/** Tags whose value is the offset of a further directory. */
export const SUB_DIRECTORY = { exif: 0x8769, gps: 0x8825, interoperability: 0xa005 } as const
export const SUB_DIRECTORY_TAGS: readonly number[] = Object.values(SUB_DIRECTORY)

export interface IfdEntry {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** The value's bytes in the file's own byte order. */
  readonly bytes: Uint8Array
  /** Where those bytes begin, from the start of the data. */
  readonly position: number
  /** The directory this entry points to. */
  readonly child?: Ifd
}

export interface Ifd {
  readonly entries: readonly IfdEntry[]
  /** Where the offset of the next directory is written, and that offset (0: none). */
  readonly nextPosition: number
  readonly next: number
}

export interface IfdFile {
  readonly littleEndian: boolean
  readonly first: Ifd
}

/** Reads the byte-order mark and the first directory with those below it; null when there is none that makes sense. */
export function readIfdFile(data: ByteReader): IfdFile | null {
  const head = data.read(0, 8)
  if (head.byteLength < 8) return null
  const mark = String.fromCharCode(head[0]!, head[1]!)
  if (mark !== 'II' && mark !== 'MM') return null
  const littleEndian = mark === 'II'
  const view = viewOf(head)
  if (view.getUint16(2, littleEndian) !== 42) return null
  const budget = { bytes: MAX_TOTAL }
  const first = readIfd(data, view.getUint32(4, littleEndian), littleEndian, budget, 0)
  return first && { littleEndian, first }
}

/** Reads the directory at an offset; null when it does not lie inside the data. */
export function readIfd(
  data: ByteReader,
  offset: number,
  littleEndian: boolean,
  budget = { bytes: MAX_TOTAL },
  depth = MAX_DEPTH,
): Ifd | null {
  if (offset < 8) return null
  const counted = data.read(offset, 2)
  if (counted.byteLength < 2) return null
  const count = viewOf(counted).getUint16(0, littleEndian)
  if (count === 0 || count > MAX_ENTRIES) return null
  const table = data.read(offset + 2, count * 12 + 4)
  if (table.byteLength < count * 12 || table.byteLength > budget.bytes) return null
  // Tables count too: a directory that points to itself a thousand times must end soon.
  budget.bytes -= table.byteLength
  const view = viewOf(table)
  const entries: IfdEntry[] = []
  for (let i = 0; i < count; i++) {
    const entry = readEntry(data, view, i * 12, offset + 2 + i * 12, littleEndian, budget, depth)
    if (entry) entries.push(entry)
  }
  const next = table.byteLength >= count * 12 + 4 ? view.getUint32(count * 12, littleEndian) : 0
  return { entries, nextPosition: offset + 2 + count * 12, next }
}

function readEntry(
  data: ByteReader,
  table: DataView,
  at: number,
  position: number,
  littleEndian: boolean,
  budget: { bytes: number },
  depth: number,
): IfdEntry | null {
  const tag = table.getUint16(at, littleEndian)
  const type = table.getUint16(at + 2, littleEndian)
  const count = table.getUint32(at + 4, littleEndian)
  const length = (TYPE_BYTES[type] ?? 0) * count
  if (length === 0 || length > MAX_VALUE || length > budget.bytes) return null
  const valuePosition = length <= 4 ? position + 8 : table.getUint32(at + 8, littleEndian)
  const bytes = data.read(valuePosition, length)
  if (bytes.byteLength < length) return null
  budget.bytes -= length
  const entry = { tag, type, count, bytes, position: valuePosition }
  if (!SUB_DIRECTORY_TAGS.includes(tag) || depth >= MAX_DEPTH || length !== 4) return entry
  const child = readIfd(data, viewOf(bytes).getUint32(0, littleEndian), littleEndian, budget, depth + 1)
  return child ? { ...entry, child } : null
}

export function findEntry(ifd: Ifd | undefined, tag: number): IfdEntry | undefined {
  return ifd?.entries.find((entry) => entry.tag === tag)
}

/** The first value of an unsigned whole-number entry (BYTE, SHORT or LONG); undefined for any other. */
export function entryNumber(entry: IfdEntry | undefined, littleEndian: boolean): number | undefined {
  if (!entry) return undefined
  const view = viewOf(entry.bytes)
  if (entry.type === 1) return view.getUint8(0)
  if (entry.type === 3) return view.getUint16(0, littleEndian)
  if (entry.type === 4) return view.getUint32(0, littleEndian)
  return undefined
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
