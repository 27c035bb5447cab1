/**
 * A small picture of what latents show, cheap enough to be made at every step.
 *
 * Invariant: a pixel a cell, from that cell's four values by a linear map that was fitted to the published autoencoders.
 */
import type { Size } from '../../../../shared/geometry.ts'
import type { Family } from '../../models/checkpoint/checkpoint.ts'

/** Red, green and blue in -1..1 of each channel of scaled latents. */
const FIRST: readonly (readonly [number, number, number])[] = [
  [0.298, 0.207, 0.208],
  [0.187, 0.286, 0.173],
  [-0.158, 0.189, 0.264],
  [-0.184, -0.271, -0.473],
]
const LARGE: readonly (readonly [number, number, number])[] = [
  [0.3816, 0.493, 0.532],
  [-0.3753, 0.1631, 0.1739],
  [0.177, 0.3588, -0.2048],
  [-0.435, -0.2644, -0.4289],
]

/** @returns three bytes a cell */
export function latentPreview(latents: Float32Array, cells: Size, family: Family | null): Uint8Array {
  const map = family === 'sdxl' ? LARGE : FIRST
  const area = cells.width * cells.height
  const rgb = new Uint8Array(3 * area)
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) {
      let value = 0
      for (const [k, factors] of map.entries()) value += factors[c]! * latents[k * area + i]!
      rgb[3 * i + c] = Math.round(Math.min(1, Math.max(0, (value + 1) / 2)) * 255)
    }
  return rgb
}
