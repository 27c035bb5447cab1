/**
 * Reading the header of a `.safetensors` file: 8 bytes of length (little endian), that many bytes of JSON, then raw tensors.
 *
 * Invariant: a header that comes out of here is true of its file. Every tensor has a known type, a sane shape, exactly the
 * bytes its shape needs, and the tensors tile the data from its first byte to its last without gap or overlap, as the
 * format demands. Anything else ends in one `model.unreadable` that names the file and the reason. Weights are never read.
 */
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import { checkJsonKeys } from './json-keys.ts'

/** Bytes of one element, by the format's type names. */
const ELEMENT_BYTES = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
} as const

export type TensorType = keyof typeof ELEMENT_BYTES

/** A tensor where it lies: `length` bytes from byte `offset` of `file`, row-major, little endian. */
export interface StoredTensor {
  readonly file: string
  readonly type: TensorType
  readonly shape: readonly number[]
  readonly offset: number
  readonly length: number
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: Readonly<Record<string, string>>
}

/** The format's own limit on the JSON part. */
const MOST_HEADER_BYTES = 100_000_000
const MOST_DIMENSIONS = 8
const PICKLES = new Set(['.ckpt', '.bin', '.pt', '.pth', '.pkl'])

/** Reads the header of the file at `file`. The tensors' `file` is the real path, symbolic links followed. */
export async function readSafetensors(file: string): Promise<SafetensorsHeader> {
  if (PICKLES.has(path.extname(file).toLowerCase()))
    throw new InlayError(
      'model.unsupported',
      `${file} is a pickle: opening one can run any program hidden in it, so Inlay never does. Get the same model as .safetensors.`,
    )
  const real = await realpath(file).catch((cause: unknown) => {
    throw new InlayError('file.missing', `${file} is not there or may not be read.`, { cause })
  })
  // Before it is opened: a named pipe would wait for ever.
  if (!(await stat(real)).isFile()) throw unreadable(file, 'it is not a file')
  const handle = await open(real, 'r').catch((cause: unknown) => {
    throw new InlayError('file.denied', `${file} may not be read; check its permissions.`, { cause })
  })
  try {
    const { size } = await handle.stat()
    const bytes = await headerBytes(handle, size, file)
    return parseSafetensors(bytes, size, real)
  } finally {
    await handle.close()
  }
}

async function headerBytes(handle: FileHandle, fileSize: number, file: string): Promise<Uint8Array> {
  const start = new Uint8Array(8)
  const { bytesRead } = await handle.read(start, 0, 8, 0)
  const length = headerLength(start.subarray(0, bytesRead), fileSize, file)
  const bytes = new Uint8Array(8 + length)
  for (let at = 0; at < bytes.length; ) {
    const read = await handle.read(bytes, at, bytes.length - at, at)
    if (read.bytesRead === 0) throw unreadable(file, 'it ends within its header')
    at += read.bytesRead
  }
  return bytes
}

function headerLength(start: Uint8Array, fileSize: number, file: string): number {
  if (start.length < 8 || fileSize < 8) throw unreadable(file, 'it is too short to hold a header')
  // All four bytes: a header of 19,280 bytes begins with the letters PK as well.
  if (start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4)
    throw unreadable(file, 'it is a zip archive, as pickles are, under another name')
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true)
  if (length > BigInt(MOST_HEADER_BYTES)) throw unreadable(file, mislabelled(start))
  if (Number(length) + 8 > fileSize) throw unreadable(file, 'its header claims more bytes than the file has')
  return Number(length)
}

/** What a file is that begins with no length: told by the first bytes of the formats that are met under this name. */
function mislabelled(start: Uint8Array): string {
  const text = String.fromCharCode(...start)
  if (start[0] === 0x80 && start[1]! <= 5) return 'it is a pickle under another name'
  if (text.startsWith('version ')) return 'it is a Git LFS pointer, not the file that it points to'
  if (text.startsWith('GGUF')) return 'it is a GGUF file under another name'
  if (/^\s*<(!|html)/i.test(text)) return 'it is a web page, as a download without permission gives'
  return 'its header claims an absurd length'
}

/** Parses `bytes`, the start of a file of `fileSize` bytes that holds at least the whole header. */
export function parseSafetensors(bytes: Uint8Array, fileSize: number, file: string): SafetensorsHeader {
  const length = headerLength(bytes.subarray(0, 8), fileSize, file)
  if (bytes.length < 8 + length) throw unreadable(file, 'it ends within its header')
  const json = parseJson(bytes.subarray(8, 8 + length), file)
  const tensors = new Map<string, StoredTensor>()
  let metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') metadata = stringsOf(value, file)
    else tensors.set(name, tensorOf(name, value, 8 + length, fileSize, file))
  }
  checkTiling(tensors, 8 + length, fileSize, file)
  return { tensors, metadata }
}

function parseJson(bytes: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  let json: unknown
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    checkJsonKeys(text)
    json = JSON.parse(text)
  } catch (cause) {
    throw unreadable(
      file,
      `its header is not sound (${cause instanceof Error ? cause.message : cause})`,
      cause,
    )
  }
  if (!isRecord(json)) throw unreadable(file, 'its header is not a list of tensors')
  return json
}

function stringsOf(value: unknown, file: string): Record<string, string> {
  if (!isRecord(value) || !Object.values(value).every((entry) => typeof entry === 'string'))
    throw unreadable(file, 'its metadata is not a list of texts')
  return value as Record<string, string>
}

function tensorOf(
  name: string,
  value: unknown,
  dataStart: number,
  fileSize: number,
  file: string,
): StoredTensor {
  const of = `the tensor ${JSON.stringify(name.slice(0, 200))}`
  if (!isRecord(value)) throw unreadable(file, `${of} is not described`)
  const { dtype, shape, data_offsets: offsets } = value
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_BYTES, dtype))
    throw unreadable(file, `${of} has a type that Inlay does not know`)
  const type = dtype as TensorType
  if (!isSizes(shape) || shape.length > MOST_DIMENSIONS) throw unreadable(file, `${of} has no sane shape`)
  if (!isSizes(offsets) || offsets.length !== 2) throw unreadable(file, `${of} has no sane place in the file`)
  const [begin, end] = offsets as [number, number]
  if (begin > end || dataStart + end > fileSize)
    throw unreadable(file, `${of} lies outside the file, which may be cut short`)
  const needed = shape.reduce((product, size) => product * size, ELEMENT_BYTES[type])
  if (needed !== end - begin)
    throw unreadable(file, `${of} has ${end - begin} bytes where its shape needs ${needed}`)
  return { file, type, shape, offset: dataStart + begin, length: end - begin }
}

function checkTiling(
  tensors: ReadonlyMap<string, StoredTensor>,
  dataStart: number,
  fileSize: number,
  file: string,
) {
  const sorted = [...tensors].sort(([, a], [, b]) => a.offset - b.offset || a.length - b.length)
  let at = dataStart
  for (const [name, tensor] of sorted) {
    if (tensor.offset < at) throw unreadable(file, `the tensor ${JSON.stringify(name)} overlaps another`)
    if (tensor.offset > at)
      throw unreadable(file, `there is a hole in front of the tensor ${JSON.stringify(name)}`)
    at += tensor.length
  }
  if (at !== fileSize) throw unreadable(file, `${fileSize - at} bytes at its end belong to no tensor`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0)
}

function unreadable(file: string, reason: string, cause?: unknown): InlayError {
  return new InlayError('model.unreadable', `${file} cannot be opened: ${reason}. Get the file again.`, {
    cause,
  })
}
