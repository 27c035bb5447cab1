/**
 * A model of one node, as bytes: Y = A x B with float32 matrices of SIDE x SIDE. Small enough to run on anything, real
 * enough to prove that a provider compiles and runs a graph.
 *
 * Invariant: the bytes follow onnx.proto (ONNX IR version 8, opset 13); field numbers are written beside their names.
 */
export const SIDE = 16

const FLOAT = 1
const VARINT = 0
const BYTES = 2

/** The serialized ModelProto. */
export function probeModel(): Uint8Array {
  const node = message(text(1, 'A'), text(1, 'B'), text(2, 'Y'), text(4, 'MatMul')) // input, input, output, op_type
  const graph = message(
    field(1, node),
    text(2, 'probe'),
    field(11, matrix('A')), // input
    field(11, matrix('B')),
    field(12, matrix('Y')), // output
  )
  const opset = message(text(1, ''), varint(2, 13)) // domain, version
  return message(varint(1, 8), field(7, graph), field(8, opset)) // ir_version, graph, opset_import
}

/** ValueInfoProto of a SIDE x SIDE float tensor. */
function matrix(name: string): Uint8Array {
  const dim = message(varint(1, SIDE)) // dim_value
  const shape = message(field(1, dim), field(1, dim))
  const tensor = message(varint(1, FLOAT), field(2, shape)) // elem_type, shape
  return message(text(1, name), field(2, message(field(1, tensor)))) // name, type.tensor_type
}

function message(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A length-delimited field. Everything in this model is shorter than 16384 bytes, so a length takes at most two bytes. */
function field(number: number, content: Uint8Array): Uint8Array {
  return message(tag(number, BYTES), base128(content.length), content)
}

function text(number: number, value: string): Uint8Array {
  return field(number, new TextEncoder().encode(value))
}

function varint(number: number, value: number): Uint8Array {
  return message(tag(number, VARINT), base128(value))
}

function tag(number: number, wireType: number): Uint8Array {
  return base128((number << 3) | wireType)
}

function base128(value: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest & 127) | 128)
  }
}
