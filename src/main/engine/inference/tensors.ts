/**
 * Values that go into a network and come out of it.
 *
 * Invariant: outside of this file there are float32 and int64 only. A network that somebody else exported may want other
 * types on its border; values are converted here, to the type that it states.
 */
import { ort } from './runtime.ts'

/** float32 values, or ids as int64, and their shape. */
export interface Tensor {
  readonly data: Float32Array | BigInt64Array
  readonly shape: readonly number[]
}

/** In the type that a network states for an input; a single value may be a scalar there. */
export function toRuntime({ data, shape }: Tensor, type: string, rank: number): ort.Tensor {
  const dims = rank === 0 && data.length === 1 ? [] : shape
  switch (type) {
    case 'float32':
      return new ort.Tensor(
        'float32',
        data instanceof Float32Array ? data : Float32Array.from(data, Number),
        dims,
      )
    case 'float16':
      return new ort.Tensor('float16', new Uint16Array(Float16Array.from(data, Number).buffer), dims)
    case 'float64':
      return new ort.Tensor('float64', Float64Array.from(data, Number), dims)
    case 'int64':
      return new ort.Tensor(
        'int64',
        data instanceof BigInt64Array ? data : BigInt64Array.from(data, (value) => BigInt(Math.round(value))),
        dims,
      )
    case 'int32':
      return new ort.Tensor('int32', Int32Array.from(data, Number), dims)
    default:
      throw new Error(`no input can be given as ${type}`)
  }
}

/** Whole numbers as int64, all others as float32. */
export function fromRuntime(tensor: ort.Tensor): Tensor {
  const { data, dims: shape } = tensor
  if (data instanceof Float32Array || data instanceof BigInt64Array) return { data, shape }
  if (tensor.type === 'float16') {
    const bits = data as Uint16Array
    return { data: Float32Array.from(new Float16Array(bits.buffer, bits.byteOffset, bits.length)), shape }
  }
  if (data instanceof Int32Array) return { data: BigInt64Array.from(data, BigInt), shape }
  if (data instanceof Float64Array) return { data: Float32Array.from(data), shape }
  throw new Error(`no output can be taken as ${tensor.type}`)
}
