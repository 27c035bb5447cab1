/**
 * Pictures as an evaluation compares them: width * height * 3 numbers of 0..1, interleaved.
 *
 * Invariant: nothing handed in is changed; what is decoded outside 0..1 is clamped, as it is before it is shown.
 */
import type { Rect, Size } from '../../../../shared/geometry.ts'
import type { Decoded } from '../asymmetric-decode.ts'
import type { Planes } from '../reflection-padding.ts'

export function unit(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (value) => value / 255)
}

/** As the networks take it: planes of -1..1. */
export function planesOf(rgb: Float32Array, { width, height }: Size): Planes {
  const area = width * height
  const data = new Float32Array(3 * area)
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) data[c * area + i] = 2 * rgb[3 * i + c]! - 1
  return { channels: 3, width, height, data }
}

export function interleaved({ width, height, data }: Planes): Float32Array {
  const area = width * height
  const out = new Float32Array(3 * area)
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) out[3 * i + c] = Math.min(1, Math.max(0, (data[c * area + i]! + 1) / 2))
  return out
}

/** What was decoded, at its place in a picture that shows through everywhere else. */
export function placed(truth: Float32Array, { planes, at }: Decoded, { width }: Size): Float32Array {
  const out = Float32Array.from(truth)
  const made = interleaved(planes)
  for (let y = 0; y < at.height; y++) out.set(rowOf(made, y, at), 3 * ((at.y + y) * width + at.x))
  return out
}

/** @param cover a byte a pixel of how much of what was made is taken */
export function pasted(truth: Float32Array, made: Float32Array, cover: Uint8Array): Float32Array {
  return truth.map((value, i) => {
    const share = cover[Math.floor(i / 3)]! / 255
    return share === 0 ? value : value + share * (made[i]! - value)
  })
}

/** 255 in the hole, 0 elsewhere. */
export function hardCover(hole: Uint8Array): Uint8Array {
  return hole.map((value) => (value > 0 ? 255 : 0))
}

function rowOf(rgb: Float32Array, y: number, { width }: Rect): Float32Array {
  return rgb.subarray(3 * y * width, 3 * (y + 1) * width)
}
