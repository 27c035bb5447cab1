/**
 * A mask for an edit that nobody drew one for: where the made latents differ from the picture's own.
 *
 * Invariant: whole cells, 255 for what changed. Grown by two cells, so that what the decoder is told to keep is far from what
 * changed.
 */
import type { Size } from '../../../../shared/geometry.ts'
import { grownCells } from '../latent-mask.ts'
import { CHANNELS, cellsOf, FACTOR } from '../pipelines/latents.ts'

/** Mean difference over a cell's values, in spreads of scaled latents, from which on it has changed. */
const CHANGED = 0.3
const GROWN = 2

/** @param known the picture's likeliest latents @returns a byte a pixel */
export function changedHole(known: Float32Array, made: Float32Array, size: Size): Uint8Array {
  const cells = cellsOf(size)
  const area = cells.width * cells.height
  const changed = new Float32Array(area)
  for (let i = 0; i < area; i++) {
    let sum = 0
    for (let k = 0; k < CHANNELS; k++) sum += Math.abs(made[k * area + i]! - known[k * area + i]!)
    if (sum / CHANNELS > CHANGED) changed[i] = 1
  }
  const grown = grownCells(changed, cells, GROWN)
  return Uint8Array.from({ length: size.width * size.height }, (_, i) => {
    const [x, y] = [Math.floor((i % size.width) / FACTOR), Math.floor(Math.floor(i / size.width) / FACTOR)]
    return grown[y * cells.width + x]! * 255
  })
}
