/** Small pictures, and what sharp itself makes of a file: the witness that opened pictures are held against. */
import sharp from 'sharp'
import { expect } from 'vitest'
import { photo } from './pictures.ts'

/** A photograph of 300 x 200 as the decoder of sharp gives it: the witness for exactness. */
export async function small(): Promise<Buffer> {
  return sharp(photo('pink-house.jpg')).resize(300, 200, { fit: 'fill' }).removeAlpha().raw().toBuffer()
}

export function rgb(pixels: Buffer, width = 300, height = 200) {
  return sharp(pixels, { raw: { width, height, channels: 3 } })
}

export function withAlpha(pixels: Uint8Array): Uint8Array {
  const rgba = new Uint8Array((pixels.length / 3) * 4)
  for (let i = 0; i < pixels.length / 3; i++) {
    rgba.set([pixels[i * 3]!, pixels[i * 3 + 1]!, pixels[i * 3 + 2]!, 255], i * 4)
  }
  return rgba
}

export function largestDifference(a: Uint8Array, b: Uint8Array): number {
  expect(a.length).toBe(b.length)
  let largest = 0
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!))
  return largest
}
export async function decoded(file: Buffer): Promise<Buffer> {
  return sharp(file).ensureAlpha().raw().toBuffer()
}
