/**
 * Full-size checkpoints with random weights, as files.
 *
 * Invariant: the values are seeded and drawn evenly with the variance that keeps activations in range (1 / fan-in; norms
 * scale by 1), so that nothing overflows or turns denormal, which would change the time. A file is written in pieces of a few
 * megabytes; there are no holes in it, so reading it costs what reading a real one costs.
 */
import { closeSync, openSync, writeSync } from 'node:fs'

type StoredAs = 'F16' | 'F32'

/** A prime, so that the rows of a matrix never line up with the block they are cut from. */
const BLOCK = 1_048_573

/** Writes a `.safetensors` file of these shapes. */
export function writeRandom(
  file: string,
  tensors: Readonly<Record<string, readonly number[]>>,
  type: StoredAs,
  seed: number,
): void {
  const size = type === 'F16' ? 2 : 4
  const header: Record<string, unknown> = {}
  let end = 0
  for (const [name, shape] of Object.entries(tensors)) {
    const start = end
    end += countOf(shape) * size
    header[name] = { dtype: type, shape, data_offsets: [start, end] }
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  const uniform = uniformBlock(seed)
  const blocks = new Map<number, Uint8Array>()
  const handle = openSync(file, 'w')
  try {
    writeAll(handle, Buffer.concat([length, json]))
    let drawn = 0
    for (const [name, shape] of Object.entries(tensors)) {
      const bound = boundOf(name, shape)
      const block = blocks.get(bound) ?? scaled(uniform, bound, type)
      blocks.set(bound, block)
      for (let left = countOf(shape); left > 0; ) {
        const from = drawn % BLOCK
        const count = Math.min(left, BLOCK - from)
        writeAll(handle, block.subarray(from * size, (from + count) * size))
        left -= count
        drawn += count
      }
    }
  } finally {
    closeSync(handle)
  }
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1)
}

/** Values lie within this of 0; of 0 within nothing means that all are 1, as norms scale. */
function boundOf(name: string, shape: readonly number[]): number {
  if (shape.length === 1) return name.includes('norm') && name.endsWith('.weight') ? 0 : 0.01
  return Math.sqrt(3 / countOf(shape.slice(1)))
}

function scaled(uniform: Float32Array, bound: number, type: StoredAs): Uint8Array {
  const values = bound === 0 ? new Float32Array(BLOCK).fill(1) : uniform.map((value) => value * bound)
  return new Uint8Array((type === 'F16' ? new Float16Array(values) : values).buffer)
}

/** Values in -1..1 by xorshift32. */
function uniformBlock(seed: number): Float32Array {
  let state = seed
  return Float32Array.from({ length: BLOCK }, () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state / 2 ** 31
  })
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
}
