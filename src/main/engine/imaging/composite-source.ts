/**
 * Cuts the pixels of a document rectangle out of a layer's or a mask's tiles.
 *
 * Invariant: rectangles and offsets are in pixels of the mipmap level asked for. Where a rectangle is exactly one tile
 * the tile itself is handed out, so nobody may write into a result.
 */
import type { Point, Rect } from '../../../shared/geometry.ts'
import { BYTES_PER_PIXEL, type PixelFormat } from '../../../shared/pixels.ts'
import { mipSide, type TileMap, tileKey } from '../../../shared/tiles.ts'
import { type MipReader, readLevel } from './mipmap.ts'
import type { TileReader } from './tile-access.ts'

export interface Sampler {
  readonly tiles: TileReader | MipReader
  readonly level: number
}

/**
 * The pixels of `rect`, row-major, or null where no tile of the map touches it.
 * @param offset where the map's pixel (0, 0) lies @param outside the value of every sample that has no tile
 */
export function gather(
  { tiles, level }: Sampler,
  map: TileMap,
  format: PixelFormat,
  offset: Point,
  rect: Rect,
  outside: number,
): Uint8Array | null {
  const side = mipSide(level)
  const channels = BYTES_PER_PIXEL[format]
  const left = rect.x - offset.x
  const top = rect.y - offset.y
  const tx1 = Math.floor((left + rect.width - 1) / side)
  const ty1 = Math.floor((top + rect.height - 1) / side)
  let out: Uint8Array | null = null
  for (let ty = Math.floor(top / side); ty <= ty1; ty++)
    for (let tx = Math.floor(left / side); tx <= tx1; tx++) {
      const hash = map[tileKey(tx, ty)]
      if (!hash) continue
      const pixels = readLevel(tiles, hash, format, level)
      const dx = tx * side - left
      const dy = ty * side - top
      if (dx === 0 && dy === 0 && rect.width === side && rect.height === side) return pixels
      out ??= new Uint8Array(rect.width * rect.height * channels).fill(outside)
      const x0 = Math.max(0, dx)
      const bytes = (Math.min(rect.width, dx + side) - x0) * channels
      const y1 = Math.min(rect.height, dy + side)
      for (let y = Math.max(0, dy); y < y1; y++) {
        const from = ((y - dy) * side + x0 - dx) * channels
        out.set(pixels.subarray(from, from + bytes), (y * rect.width + x0) * channels)
      }
    }
  return out
}

/** Whether every pixel of an rgba8 picture is opaque. */
export function isOpaque(pixels: Uint8Array): boolean {
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i] !== 255) return false
  return true
}

/** The value that all samples of a gray8 picture have, or null. */
export function uniformValue(samples: Uint8Array): number | null {
  const first = samples[0]!
  for (let i = 1; i < samples.length; i++) if (samples[i] !== first) return null
  return first
}
