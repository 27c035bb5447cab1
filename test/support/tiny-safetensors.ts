/** Reads a small, sound .safetensors file whole: an oracle of its own for tests, float16 and float32 widened to numbers. */
import { readFileSync } from 'node:fs'

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}
interface TinyTensor {
  readonly shape: readonly number[]
  read(): Float32Array
}

export function readTiny(file: string): {
  readonly tensors: ReadonlyMap<string, TinyTensor>
  readonly metadata: Readonly<Record<string, string>>
} {
  const bytes = readFileSync(file)
  const start = 8 + Number(bytes.readBigUInt64LE(0))
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    Entry
  > & { __metadata__?: Record<string, string> }
  const tensors = Object.entries(entries as Record<string, Entry>).map(([name, entry]) => {
    const data = bytes.subarray(start + entry.data_offsets[0], start + entry.data_offsets[1])
    return [name, { shape: entry.shape, read: () => widen(entry.dtype, data) }] as const
  })
  return { tensors: new Map(tensors), metadata }
}

function widen(dtype: string, data: Buffer): Float32Array {
  if (dtype === 'F32')
    return Float32Array.from({ length: data.length / 4 }, (_, i) => data.readFloatLE(4 * i))
  if (dtype === 'F16')
    return Float32Array.from({ length: data.length / 2 }, (_, i) => half(data.readUInt16LE(2 * i)))
  return Float32Array.from({ length: data.length / 8 }, (_, i) => Number(data.readBigInt64LE(8 * i)))
}

/** IEEE 754 binary16: sign, five bits of exponent, ten of fraction. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
}
