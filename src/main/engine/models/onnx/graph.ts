/**
 * A small builder of ONNX graphs: nodes in order, values by name, weights left where they lie in the checkpoint.
 *
 * Invariant: every value has one producer and a name of its own, so what is built is a valid graph in topological order.
 * Weights become external data (a file below one folder, offset, length); only constants are carried in the graph itself.
 * Everything is computed in the graph's one precision, but its border is float32 and int64 always: a float16 graph casts
 * just inside. What needs more range than float16 has is written with `float32` constants and cast by `settle`.
 * The wire encoding is the protobuf library's; field numbers of onnx.proto (IR version 10, opset 18) stand beside their names.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { InlayError } from '../../../../shared/errors.ts'
import type { StoredTensor, TensorType } from '../safetensors.ts'
import { carriedBytes, type Paths, placeBelow, placesOf } from './external-data.ts'
import { addLowRank, type LowRank } from './low-rank.ts'

/** A value in the graph: the output of a node, an input or a constant. */
export interface Value {
  readonly name: string
}

/** What a graph computes in. float16 halves weights and activations where a provider has it; the CPU has not. */
export type Precision = 'float32' | 'float16'

/** How attention is written: as one fused node, or in standard operators for a device whose fused kernel errs. */
export type AttentionForm = 'fused' | 'standard'

export interface GraphOptions {
  readonly precision?: Precision
  /** Fused unless told. */
  readonly attention?: AttentionForm
  /** What is added to a weight at load, by the weight's name. */
  readonly adapters?: ReadonlyMap<string, readonly LowRank[]>
}

type Attribute = number | string | readonly number[] | { readonly float: number }

/** An input or output on the border of a graph; a text is a dimension that varies. */
export interface Border {
  readonly name: string
  readonly type: 'float32' | 'int64'
  readonly shape: readonly (number | string)[]
}

/** A graph as bytes, and the folder its external data lies in or below (null when it has none). */
export interface BuiltGraph {
  readonly bytes: Uint8Array
  readonly folder: string | null
  readonly inputs: readonly Border[]
  readonly outputs: readonly Border[]
}

const ELEMENT = { float32: 1, int64: 7, float16: 10 } as const
const STORED: Partial<Record<TensorType, number>> = { F32: 1, F16: 10, F64: 11, BF16: 16 }
const EXTERNAL = 1

export class Graph {
  readonly precision: Precision
  readonly attention: AttentionForm
  private readonly adapters: NonNullable<GraphOptions['adapters']>
  private readonly nodes: Uint8Array[] = []
  private readonly initializers: Uint8Array[] = []
  private readonly stored: {
    readonly name: string
    readonly tensor: StoredTensor
    readonly dims: readonly number[]
  }[] = []
  private readonly inputs: Border[] = []
  private readonly outputs: Border[] = []
  private readonly constants = new Map<string, Value>()
  private count = 0

  constructor({ precision = 'float32', attention = 'fused', adapters = new Map() }: GraphOptions = {}) {
    this.precision = precision
    this.attention = attention
    this.adapters = adapters
  }

  /** An input in the graph's precision, or, where it is `exact`, in float32 as it comes in. */
  input(name: string, type: Border['type'], shape: Border['shape'], exact = false): Value {
    this.inputs.push({ name, type, shape })
    return type === 'int64' || exact ? { name } : this.settle({ name })
  }

  output(name: string, value: Value, shape: Border['shape']): void {
    const half = this.precision === 'float16'
    this.nodes.push(
      half
        ? encodeNode('Cast', [value.name], [name], { to: ELEMENT.float32 })
        : encodeNode('Identity', [value.name], [name], {}),
    )
    this.outputs.push({ name, type: 'float32', shape })
  }

  /** A float32 value in the graph's precision. */
  settle(value: Value): Value {
    return this.precision === 'float32' ? value : this.node('Cast', [value], { to: ELEMENT.float16 })
  }

  /** A value in the graph's precision as float32, for a step that must not round or overflow. */
  widen(value: Value): Value {
    return this.precision === 'float32' ? value : this.node('Cast', [value], { to: ELEMENT.float32 })
  }

  /** Adds a node with one output. A null input is an optional one that is left out. */
  node(
    operator: string,
    inputs: readonly (Value | null)[],
    attributes: Record<string, Attribute> = {},
  ): Value {
    const out = `${operator}_${this.count++}`
    const names = inputs.map((value) => value?.name ?? '')
    this.nodes.push(encodeNode(operator, names, [out], attributes))
    return { name: out }
  }

  /**
   * A stored tensor in the graph's precision and of the given shape (its elements in their order), with what its adapters add.
   * Casts and sums are of constants, so the runtime does them once, at load.
   */
  weight(name: string, tensor: StoredTensor, shape: readonly number[]): Value {
    return this.adapted(name, tensor, shape, this.adapters.get(name) ?? [])
  }

  /** One of `of` equal shares of a weight's rows. Rows lie one after the other in the file, so nothing is cut out or copied. */
  rows(name: string, tensor: StoredTensor, shape: readonly number[], index: number, of: number): Value {
    const share = (whole: StoredTensor): StoredTensor => {
      const length = whole.length / of
      const [first = 0, ...rest] = whole.shape
      return { ...whole, offset: whole.offset + index * length, length, shape: [first / of, ...rest] }
    }
    const adapters = (this.adapters.get(name) ?? []).map((adapter) => ({
      ...adapter,
      name: `${adapter.name}.${index}`,
      up: share(adapter.up),
    }))
    const [first = 0, ...rest] = shape
    return this.adapted(`${name}.${index}`, share(tensor), [first / of, ...rest], adapters)
  }

  private adapted(
    name: string,
    tensor: StoredTensor,
    shape: readonly number[],
    adapters: readonly LowRank[],
  ): Value {
    if (adapters.length === 0) return this.tensor(name, tensor, shape, this.precision)
    return this.settle(addLowRank(this, name, tensor, shape, adapters))
  }

  /** A stored tensor in one precision and of the given shape, adapted by nothing. */
  tensor(name: string, tensor: StoredTensor, shape: readonly number[], precision: Precision): Value {
    const type = STORED[tensor.type]
    if (type === undefined)
      throw new InlayError(
        'model.unsupported',
        `${name} in ${tensor.file} holds ${tensor.type}, which Inlay cannot compute with.`,
      )
    this.stored.push({ name, tensor, dims: shape })
    const to = ELEMENT[precision]
    return type === to ? { name } : this.node('Cast', [{ name }], { to })
  }

  floats(
    values: readonly number[] | Float32Array,
    shape: readonly number[] = [values.length],
    precision: Precision = this.precision,
  ): Value {
    const numbers = precision === 'float16' ? Float16Array.from(values) : Float32Array.from(values)
    return this.constant(precision, new Uint8Array(numbers.buffer), shape)
  }

  integers(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    return this.constant('int64', new Uint8Array(BigInt64Array.from(values, BigInt).buffer), shape)
  }

  /** Equal constants are one. */
  private constant(type: keyof typeof ELEMENT, raw: Uint8Array, shape: readonly number[]): Value {
    const key = `${type} ${shape} ${Buffer.from(raw).toString('base64')}`
    const known = this.constants.get(key)
    if (known) return known
    const name = `constant_${this.count++}`
    const writer = encodeTensor(name, ELEMENT[type], shape)
    writer.tag(9, WireType.LengthDelimited).bytes(raw) // raw_data
    this.initializers.push(writer.finish())
    this.constants.set(key, { name })
    return { name }
  }

  /** The ModelProto. `paths` are the platform's. */
  build(paths?: Paths): BuiltGraph {
    const { folder, carried } = placesOf(
      this.stored.map(({ tensor }) => tensor),
      paths,
    )
    const weights = this.stored.map(({ name, tensor, dims }) =>
      carried.has(tensor.file)
        ? encodeTensor(name, STORED[tensor.type]!, dims)
            .tag(9, WireType.LengthDelimited) // raw_data
            .bytes(carriedBytes(tensor))
            .finish()
        : encodeExternal(name, tensor, dims, placeBelow(folder!, tensor.file, paths)),
    )
    const writer = new BinaryWriter()
    writer.tag(1, WireType.Varint).int64(10) // ir_version
    writer.tag(7, WireType.LengthDelimited).fork() // graph
    for (const node of this.nodes) writer.tag(1, WireType.LengthDelimited).bytes(node) // node
    writer.tag(2, WireType.LengthDelimited).string('inlay') // name
    for (const tensor of [...this.initializers, ...weights])
      writer.tag(5, WireType.LengthDelimited).bytes(tensor) // initializer
    for (const border of this.inputs) writer.tag(11, WireType.LengthDelimited).bytes(encodeBorder(border)) // input
    for (const border of this.outputs) writer.tag(12, WireType.LengthDelimited).bytes(encodeBorder(border)) // output
    writer.join()
    for (const [domain, version] of [['', 18] as const, ['com.microsoft', 1] as const]) {
      writer.tag(8, WireType.LengthDelimited).fork() // opset_import
      writer.tag(1, WireType.LengthDelimited).string(domain).tag(2, WireType.Varint).int64(version).join()
    }
    return { bytes: writer.finish(), folder, inputs: this.inputs, outputs: this.outputs }
  }
}

/** Operators that ONNX Runtime adds to the standard, computed in one fused kernel. */
const FUSED = new Set(['MultiHeadAttention', 'Gelu'])

/** The head of a TensorProto: what it is, but not its values. */
function encodeTensor(name: string, type: number, dims: readonly number[]): BinaryWriter {
  const writer = new BinaryWriter()
  for (const size of dims) writer.tag(1, WireType.Varint).int64(size) // dims
  writer.tag(2, WireType.Varint).int32(type) // data_type
  return writer.tag(8, WireType.LengthDelimited).string(name) // name
}

function encodeExternal(
  name: string,
  tensor: StoredTensor,
  dims: readonly number[],
  location: string,
): Uint8Array {
  const writer = encodeTensor(name, STORED[tensor.type]!, dims)
  const place = { location, offset: tensor.offset, length: tensor.length }
  for (const [key, value] of Object.entries(place)) {
    writer.tag(13, WireType.LengthDelimited).fork() // external_data
    writer.tag(1, WireType.LengthDelimited).string(key) // key
    writer.tag(2, WireType.LengthDelimited).string(String(value)).join() // value
  }
  return writer.tag(14, WireType.Varint).int32(EXTERNAL).finish() // data_location
}

function encodeNode(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Record<string, Attribute>,
): Uint8Array {
  const writer = new BinaryWriter()
  for (const name of inputs) writer.tag(1, WireType.LengthDelimited).string(name) // input
  for (const name of outputs) writer.tag(2, WireType.LengthDelimited).string(name) // output
  writer.tag(3, WireType.LengthDelimited).string(outputs[0] ?? operator) // name
  writer.tag(4, WireType.LengthDelimited).string(operator) // op_type
  for (const [name, value] of Object.entries(attributes)) {
    writer.tag(5, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).string(name) // attribute, name
    encodeAttribute(writer, value)
    writer.join()
  }
  if (FUSED.has(operator)) writer.tag(7, WireType.LengthDelimited).string('com.microsoft') // domain
  return writer.finish()
}

function encodeAttribute(writer: BinaryWriter, value: Attribute): void {
  if (typeof value === 'number')
    writer.tag(3, WireType.Varint).int64(value).tag(20, WireType.Varint).int32(2) // i, INT
  else if (typeof value === 'string')
    writer.tag(4, WireType.LengthDelimited).string(value).tag(20, WireType.Varint).int32(3) // s, STRING
  else if ('float' in value)
    writer.tag(2, WireType.Bit32).float(value.float).tag(20, WireType.Varint).int32(1) // f, FLOAT
  else {
    for (const one of value) writer.tag(8, WireType.Varint).int64(one) // ints
    writer.tag(20, WireType.Varint).int32(7) // INTS
  }
}

function encodeBorder(border: Border): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, WireType.LengthDelimited).string(border.name) // name
  writer.tag(2, WireType.LengthDelimited).fork().tag(1, WireType.LengthDelimited).fork() // type, tensor_type
  writer.tag(1, WireType.Varint).int32(ELEMENT[border.type]) // elem_type
  writer.tag(2, WireType.LengthDelimited).fork() // shape
  for (const size of border.shape) {
    writer.tag(1, WireType.LengthDelimited).fork() // dim
    if (typeof size === 'number')
      writer.tag(1, WireType.Varint).int64(size) // dim_value
    else writer.tag(2, WireType.LengthDelimited).string(size) // dim_param
    writer.join()
  }
  writer.join().join().join()
  return writer.finish()
}
