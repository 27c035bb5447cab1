/**
 * Pictures as bytes, three a pixel, and as the planes of -1..1 that networks know.
 *
 * Invariant: bytes to planes and back gives the bytes. Values beyond -1..1 are cut off, others rounded to the nearest byte.
 */
import type { Size } from '../../../../shared/geometry.ts'
import type { Planes } from '../reflection-padding.ts'

export function planesOf(rgb: Uint8Array, { width, height }: Size): Planes {
  const area = width * height
  const data = new Float32Array(3 * area)
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) data[c * area + i] = (2 * rgb[3 * i + c]!) / 255 - 1
  return { channels: 3, width, height, data }
}

export function bytesOf({ width, height, data }: Planes): Uint8Array {
  const area = width * height
  const rgb = new Uint8Array(3 * area)
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = Math.floor(unit(data[c * area + i]!) * 255 + 0.5)
  return rgb
}

/** Three numbers of 0..1 a pixel, not rounded. */
export function interleaved({ width, height, data }: Planes): Float32Array {
  const area = width * height
  const values = new Float32Array(3 * area)
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) values[3 * i + c] = unit(data[c * area + i]!)
  return values
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, (value + 1) / 2))
}

/** A soft mask cut at one half: 255 for what is made anew, 0 for what is kept. */
export function hardMask(mask: Uint8Array): Uint8Array {
  return mask.map((value) => (value >= 128 ? 255 : 0))
}
