/**
 * Latents of one picture and their arithmetic.
 *
 * Invariant: latents are a Float32Array of channels x height x width cells, one picture, scaled as the denoiser knows them
 * unless a name says otherwise. Several evaluations of one step are rows of a batch.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { Size } from '../../../../shared/geometry.ts'
import type { Tensor } from '../tensors.ts'

/** Pixels of a latent cell and values of a latent, in every family that Inlay runs. */
export const FACTOR = 8
export const CHANNELS = 4

/** @throws InlayError `usage` for sides that are no whole cells */
export function cellsOf({ width, height }: Size): Size {
  if (width < FACTOR || height < FACTOR || width % FACTOR !== 0 || height % FACTOR !== 0)
    throw new InlayError(
      'usage',
      `The model cannot make ${width} x ${height} pixels; give sides that are multiples of ${FACTOR}.`,
    )
  return { width: width / FACTOR, height: height / FACTOR }
}

export function latentCount(size: Size): number {
  const { width, height } = cellsOf(size)
  return CHANNELS * width * height
}

/** Rows of equal length one after the other. */
export function joined(rows: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0))
  let at = 0
  for (const row of rows) {
    out.set(row, at)
    at += row.length
  }
  return out
}

/** The same tensors as one batch. */
export function batched(rows: readonly Tensor[]): Tensor {
  const shape = [rows.length, ...rows[0]!.shape.slice(1)]
  return { data: joined(rows.map(floats)), shape }
}

export function rowsOf(batch: Tensor): Float32Array[] {
  const [count = 1] = batch.shape
  const data = floats(batch)
  const length = data.length / count
  return Array.from({ length: count }, (_, i) => data.subarray(i * length, (i + 1) * length))
}

export function floats({ data }: Tensor): Float32Array {
  if (data instanceof Float32Array) return data
  throw new Error('a network gave whole numbers where latents were expected')
}

/** @throws InlayError `model.unreadable` where a network gave something that is no number */
export function finite(values: Float32Array, source: string): Float32Array {
  if (values.every(Number.isFinite)) return values
  throw new InlayError(
    'model.unreadable',
    `${source} computed values that are no numbers; try it in float32, or download it again.`,
  )
}

/** Per value: `changed` where the mask (one value a cell, 0..1) is 1, `known` where it is 0. */
export function blended(known: Float32Array, changed: Float32Array, mask: Float32Array): Float32Array {
  return changed.map((value, i) => {
    const share = mask[i % mask.length]!
    return (1 - share) * known[i]! + share * value
  })
}
