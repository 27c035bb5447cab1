/**
 * Contact sheets: rows of pictures of one size, side by side.
 *
 * Invariant: pictures are size.width * size.height * 3 bytes; a hole in one is shown grey, where a fill has to show nothing else.
 */
import sharp, { type Sharp } from 'sharp'
import type { Size } from '../../src/shared/geometry.ts'

const GAP = 8
const WHITE = { r: 255, g: 255, b: 255 }

export function sheet(rows: readonly (readonly Uint8Array[])[], { width, height }: Size): Sharp {
  const columns = Math.max(...rows.map((row) => row.length))
  const canvas = {
    width: columns * (width + GAP) - GAP,
    height: rows.length * (height + GAP) - GAP,
    channels: 3 as const,
    background: WHITE,
  }
  const tiles = rows.flatMap((row, y) =>
    row.map((pixels, x) => ({
      input: Buffer.from(pixels),
      raw: { width, height, channels: 3 as const },
      left: x * (width + GAP),
      top: y * (height + GAP),
    })),
  )
  return sharp({ create: canvas }).composite(tiles)
}

/** The photograph with a mid-grey hole. */
export function withHole(rgb: Uint8Array, hole: Uint8Array): Uint8Array {
  return rgb.map((value, i) => (hole[Math.floor(i / 3)]! > 0 ? 128 : value))
}

/** Values of 0..1 as bytes. */
export function asBytes(made: Float32Array): Uint8Array {
  return Uint8Array.from(made, (value) => Math.round(Math.min(1, Math.max(0, value)) * 255))
}
