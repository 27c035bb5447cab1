/**
 * What an ONNX file says of itself without its weights: its inputs, and which data it keeps in files beside it.
 *
 * Invariant: the file is walked field by field and weights are stepped over, so a graph of gigabytes costs a few reads; every
 * length is held against what encloses it, so a file that is cut short or no ONNX file ends in one error. Field numbers of
 * onnx.proto stand beside their names.
 */
import { type FileHandle, open } from 'node:fs/promises'
import { InlayError } from '../../../../shared/errors.ts'

/** Data of a tensor in another file; a length of null runs to that file's end. */
export interface OutsideData {
  readonly location: string
  readonly offset: number
  readonly length: number | null
}

export interface OnnxFile {
  /** Inputs by name; a dimension that varies is null. */
  readonly inputs: ReadonlyMap<string, readonly (number | null)[]>
  readonly outside: readonly OutsideData[]
}

const WINDOW = 64 * 1024
/** No name, path or shape is longer. */
const MOST_TEXT = 64 * 1024
const MOST_OUTSIDE = 100_000

/** @throws InlayError `model.unreadable` */
export async function readOnnxFile(file: string): Promise<OnnxFile> {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const walk = new Walk(handle, file)
    const found = { inputs: new Map<string, readonly (number | null)[]>(), outside: [] as OutsideData[] }
    let graphs = 0
    // ModelProto: graph
    for await (const field of walk.fields({ start: 0, end: size }))
      if (field.number === 7 && field.span) {
        graphs++
        await readGraph(walk, field.span, found)
      }
    if (graphs !== 1) throw walk.broken('it holds no graph')
    return found
  } finally {
    await handle.close()
  }
}

async function readGraph(
  walk: Walk,
  graph: Span,
  found: { inputs: Map<string, readonly (number | null)[]>; outside: OutsideData[] },
): Promise<void> {
  for await (const field of walk.fields(graph)) {
    if (!field.span) continue
    // GraphProto: initializer, input
    if (field.number === 5) {
      const outside = await outsideDataOf(walk, field.span)
      if (outside) found.outside.push(outside)
      if (found.outside.length > MOST_OUTSIDE) throw walk.broken('it names too much data')
    } else if (field.number === 11) {
      const [name, shape] = await inputOf(walk, field.span)
      found.inputs.set(name, shape)
    }
  }
}

/** TensorProto: external_data are pairs of texts: location, offset, length. */
async function outsideDataOf(walk: Walk, tensor: Span): Promise<OutsideData | null> {
  const pairs = new Map<string, string>()
  for await (const field of walk.fields(tensor)) {
    if (field.number !== 13 || !field.span) continue
    const texts: [string, string] = ['', '']
    // StringStringEntryProto: key, value
    for await (const part of walk.fields(field.span))
      if (part.span && (part.number === 1 || part.number === 2))
        texts[part.number - 1] = await walk.text(part.span)
    pairs.set(...texts)
  }
  const location = pairs.get('location')
  if (location === undefined) return null
  const number = (name: string, missing: string) => {
    const value = Number(pairs.get(name) ?? missing)
    if (!Number.isSafeInteger(value) || value < 0) throw walk.broken(`it names data at no sane ${name}`)
    return value
  }
  return {
    location,
    offset: number('offset', '0'),
    length: pairs.has('length') ? number('length', '') : null,
  }
}

/** ValueInfoProto: name, type; TypeProto: tensor_type; its shape; TensorShapeProto: dim; its dim_value. */
async function inputOf(walk: Walk, input: Span): Promise<[string, readonly (number | null)[]]> {
  let name = ''
  const shape: (number | null)[] = []
  for await (const field of walk.fields(input))
    if (field.number === 1 && field.span) name = await walk.text(field.span)
    else if (field.number === 2 && field.span)
      for await (const tensor of walk.fields(field.span))
        for await (const part of walk.inside(tensor, 1))
          for await (const dimension of walk.inside(part, 2)) {
            let size: number | null = null
            for await (const value of walk.inside(dimension, 1)) if (value.number === 1) size = value.value
            shape.push(size)
          }
  return [name, shape]
}

interface Span {
  readonly start: number
  readonly end: number
}

interface Field {
  readonly number: number
  /** Of a varint; null of anything else. */
  readonly value: number | null
  /** The bytes of a text, of bytes or of a message; null of a number. */
  readonly span: Span | null
}

/** Reads protobuf's wire format from a file through a window. */
class Walk {
  private readonly handle: FileHandle
  private readonly file: string
  private window = new Uint8Array(0)
  private windowStart = 0

  constructor(handle: FileHandle, file: string) {
    this.handle = handle
    this.file = file
  }

  broken(reason: string): InlayError {
    return new InlayError(
      'model.unreadable',
      `${this.file} is no sound ONNX file: ${reason}. Get the model again.`,
    )
  }

  /** The fields of a field that is a message with this number; none of any other. */
  async *inside(field: Field, number: number): AsyncGenerator<Field> {
    if (field.number === number && field.span) yield* this.fields(field.span)
  }

  async *fields({ start, end }: Span): AsyncGenerator<Field> {
    for (let at = start; at < end; ) {
      const [tag, afterTag] = await this.varint(at, end)
      const [number, wire] = [Math.floor(tag / 8), tag % 8]
      if (number === 0) throw this.broken('it begins as none does, or is damaged')
      if (wire === 0) {
        const [value, after] = await this.varint(afterTag, end)
        at = after
        yield { number, value, span: null }
      } else if (wire === 2) {
        const [length, from] = await this.varint(afterTag, end)
        at = from + length
        if (at > end) throw this.broken('it is cut short')
        yield { number, value: null, span: { start: from, end: at } }
      } else if (wire === 1 || wire === 5) {
        at = afterTag + (wire === 1 ? 8 : 4)
        if (at > end) throw this.broken('it is cut short')
        yield { number, value: null, span: null }
      } else throw this.broken('it begins as none does, or is damaged')
    }
  }

  async text({ start, end }: Span): Promise<string> {
    if (end - start > MOST_TEXT) throw this.broken('it holds a name without end')
    const bytes = new Uint8Array(end - start)
    for (let i = 0; i < bytes.length; i++) bytes[i] = await this.byte(start + i)
    return new TextDecoder().decode(bytes)
  }

  /** Up to ten bytes, seven bits each, the lowest first. Larger numbers than doubles hold come out as no safe integer. */
  private async varint(at: number, end: number): Promise<[number, number]> {
    let value = 0
    for (let i = 0; i < 10; i++) {
      if (at + i >= end) throw this.broken('it is cut short')
      const byte = await this.byte(at + i)
      value += (byte & 127) * 2 ** (7 * i)
      if (byte < 128) return [value, at + i + 1]
    }
    throw this.broken('it begins as none does, or is damaged')
  }

  private async byte(at: number): Promise<number> {
    if (at < this.windowStart || at >= this.windowStart + this.window.length) {
      const { buffer, bytesRead } = await this.handle.read(new Uint8Array(WINDOW), 0, WINDOW, at)
      this.window = buffer.subarray(0, bytesRead)
      this.windowStart = at
    }
    const byte = this.window[at - this.windowStart]
    if (byte === undefined) throw this.broken('it is cut short')
    return byte
  }
}
