/**
 * EXIF in TIFF files: taken out of their directories, and put back into them.
 *
 * Invariant: what goes from a TIFF into `ImageMetadata.exif` is a block of its own that stands without the file: the
 * descriptive tags of the first directory and the whole EXIF and GPS directories. Values are rewritten in little-endian
 * order. Maker notes keep their bytes, but some makers' notes point into the original file and cannot follow.
 */
import type { ByteReader } from './image-file-source.ts'
import { bufferReader } from './image-file-source.ts'
import type { Attachments, Embedded } from './metadata.ts'
import { type Ifd, type IfdEntry, readIfdFile, SUB_DIRECTORY, SUB_DIRECTORY_TAGS } from './metadata-ifd.ts'

/** Tags of the first directory that say something about the picture rather than about how its pixels are stored. */
const DESCRIPTIVE_TAGS = new Set<number>([
  0x010e,
  0x010f,
  0x0110,
  0x0112,
  0x0131,
  0x0132,
  0x013b,
  0x013c,
  0x8298,
  0x9286,
  0xc4a5,
  ...[0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f],
  SUB_DIRECTORY.exif,
  SUB_DIRECTORY.gps,
])

/** An entry of a directory that is about to be written; `bytes` little-endian. */
interface NewEntry {
  readonly tag: number
  readonly type: number
  readonly count: number
  readonly bytes: Uint8Array
  readonly child?: readonly NewEntry[]
}

/** The EXIF block of a TIFF file, or null when the file says nothing worth keeping. */
export function exifOfTiff(data: ByteReader): Uint8Array | null {
  const file = readIfdFile(data)
  if (!file) return null
  const entries = describe(file.first, file.littleEndian)
  if (!entries.some(({ tag }) => tag !== 0x0112)) return null
  const head = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0])
  return Uint8Array.from(Buffer.concat([head, serialiseIfd(entries, 8)]))
}

/** The entries by which a TIFF's first directory carries an EXIF block; none when the block makes no sense. */
function exifEntries(block: Uint8Array): readonly NewEntry[] {
  const file = readIfdFile(bufferReader(block))
  return file ? describe(file.first, file.littleEndian) : []
}

function describe(first: Ifd, littleEndian: boolean): readonly NewEntry[] {
  return toNewEntries(
    { ...first, entries: first.entries.filter(({ tag }) => DESCRIPTIVE_TAGS.has(tag)) },
    littleEndian,
  )
}

/** A pointer whose directory could not be read is left out: in another file it would point anywhere. */
function toNewEntries(ifd: Ifd, littleEndian: boolean): readonly NewEntry[] {
  return ifd.entries
    .filter(({ tag, child }) => child !== undefined || !SUB_DIRECTORY_TAGS.includes(tag))
    .map((entry) => toNewEntry(entry, littleEndian))
}

function toNewEntry(entry: IfdEntry, littleEndian: boolean): NewEntry {
  const { tag, type, count } = entry
  const bytes = littleEndian ? entry.bytes : swapped(entry.bytes, type)
  if (!entry.child) return { tag, type, count, bytes }
  return { tag, type, count, bytes, child: toNewEntries(entry.child, littleEndian) }
}

/** Bytes that make one number, by type id: what has to be turned round between the two byte orders. */
const NUMBER_BYTES = [1, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4]

function swapped(bytes: Uint8Array, type: number): Uint8Array {
  const size = NUMBER_BYTES[type] ?? 1
  const copy = Uint8Array.from(bytes)
  for (let at = 0; at + size <= copy.byteLength; at += size) copy.subarray(at, at + size).reverse()
  return copy
}

/**
 * Writes a directory (little-endian, no next one) for a place in a file: its table, then its values, then the
 * directories below it. Entries are sorted by tag, as TIFF wants; of two with one tag the first is kept.
 * @param offset where in the file the result will stand; even.
 */
function serialiseIfd(entries: readonly NewEntry[], offset: number): Buffer {
  const unique = new Map<number, NewEntry>()
  for (const entry of entries) if (!unique.has(entry.tag)) unique.set(entry.tag, entry)
  const sorted = [...unique.values()].sort((a, b) => a.tag - b.tag)
  const table = Buffer.alloc(2 + sorted.length * 12 + 4)
  table.writeUInt16LE(sorted.length, 0)
  const parts: Uint8Array[] = [table]
  let length = table.byteLength
  const append = (bytes: Uint8Array): number => {
    const at = offset + length
    const padding = bytes.byteLength & 1
    parts.push(bytes, Buffer.alloc(padding))
    length += bytes.byteLength + padding
    return at
  }
  sorted.forEach((entry, i) => {
    const at = 2 + i * 12
    table.writeUInt16LE(entry.tag, at)
    table.writeUInt16LE(entry.type, at + 2)
    table.writeUInt32LE(entry.count, at + 4)
    if (entry.child) table.writeUInt32LE(append(serialiseIfd(entry.child, offset + length)), at + 8)
    else if (entry.bytes.byteLength <= 4) table.set(entry.bytes, at + 8)
    else table.writeUInt32LE(append(entry.bytes), at + 8)
  })
  return Buffer.concat(parts)
}

const TIFF_TAG = { xmp: 700, iptc: 33_723, icc: 34_675 } as const

/**
 * Profile and metadata in TIFF. The directory is written again at the end of the file with the new entries in it, and
 * the header points there; the pixels stay where they are.
 */
export function embedInTiff(encoded: Uint8Array, { icc, exif, xmp, iptc }: Attachments): Embedded {
  const file = readIfdFile(bufferReader(encoded))
  if (!file?.littleEndian) throw new Error('The TIFF encoder wrote no little-endian directory.')
  const entries: NewEntry[] = [...toNewEntries(file.first, true)]
  if (icc) entries.push(blockEntry(TIFF_TAG.icc, 7, icc))
  if (xmp) entries.push(blockEntry(TIFF_TAG.xmp, 1, xmp))
  if (iptc) entries.push(blockEntry(TIFF_TAG.iptc, 7, iptc))
  if (exif) entries.push(...exifEntries(exif))
  const padding = Buffer.alloc(encoded.byteLength & 1)
  const offset = encoded.byteLength + padding.byteLength
  const head = Buffer.from(encoded.subarray(0, 8))
  head.writeUInt32LE(offset, 4)
  return { pieces: [head, encoded.subarray(8), padding, serialiseIfd(entries, offset)], leftOut: [] }
}

/** An entry whose value is a block of bytes (type 1) or of undefined content (type 7). */
function blockEntry(tag: number, type: 1 | 7, bytes: Uint8Array): NewEntry {
  return { tag, type, count: bytes.byteLength, bytes }
}
