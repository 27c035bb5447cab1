/** Writes a small .safetensors file from plain numbers, in any of the float types: what checkpoints and LoRA files are made of in tests. */
import { writeFileSync } from 'node:fs'

type FloatType = 'F64' | 'F32' | 'F16' | 'BF16'

export interface TensorToWrite {
  readonly shape: readonly number[]
  readonly values: readonly number[] | Float32Array
  /** F32 unless told. */
  readonly type?: FloatType
}

export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, TensorToWrite>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  let at = 0
  const header: Record<string, unknown> = { __metadata__: metadata }
  const parts: Uint8Array[] = []
  for (const [name, { shape, values, type = 'F32' }] of Object.entries(tensors)) {
    const bytes = encode(values, type)
    header[name] = { dtype: type, shape, data_offsets: [at, at + bytes.length] }
    at += bytes.length
    parts.push(bytes)
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const length = new Uint8Array(new BigUint64Array([BigInt(json.length)]).buffer)
  writeFileSync(file, Buffer.concat([length, json, ...parts]))
}

function encode(values: readonly number[] | Float32Array, type: FloatType): Uint8Array {
  if (type === 'F64') return new Uint8Array(Float64Array.from(values).buffer)
  if (type === 'F16') return new Uint8Array(Float16Array.from(values).buffer)
  const floats = Float32Array.from(values)
  if (type === 'F32') return new Uint8Array(floats.buffer)
  const words = new Uint16Array(floats.buffer)
  return new Uint8Array(Uint16Array.from({ length: floats.length }, (_, i) => words[2 * i + 1]!).buffer)
}
