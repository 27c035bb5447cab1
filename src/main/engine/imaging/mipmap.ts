/**
 * Mipmap levels of tiles: smaller pictures of the same 256-pixel square.
 *
 * Invariant: level n is computed from level 0 and rounded once: every pixel is the mean of its 2^n x 2^n block, colour
 * weighted by alpha, so transparent pixels never bleed. A level needs no neighbouring tile.
 */
import type { TileHash } from '../../../shared/ids.ts'
import { BYTES_PER_PIXEL, type PixelFormat } from '../../../shared/pixels.ts'
import { MAX_MIP_LEVEL, mipSide, TILE_SIZE, tileBytes } from '../../../shared/tiles.ts'
import type { TileReader } from './tile-access.ts'

/** A reader that can also give smaller levels, from a cache or a store of its own. */
export interface MipReader extends TileReader {
  /** The tile at a level 1..8: (256 >> level)^2 pixels. The caller must not write into it. */
  mip(hash: TileHash, format: PixelFormat, level: number): Uint8Array
}

/** A level 1..8 of a tile from its level 0 pixels. */
export function mipTile(format: PixelFormat, pixels: Uint8Array, level: number): Uint8Array {
  return format === 'gray8' ? grayLevel(pixels, level) : rgbaLevel(pixels, level)
}

/** All levels of a tile; `[0]` is level 1. Sums are kept whole from level to level, so each equals `mipTile`. */
export function mipChain(format: PixelFormat, pixels: Uint8Array): Uint8Array[] {
  let sums = format === 'gray8' ? grayQuads(pixels) : rgbaQuads(pixels)
  const levels: Uint8Array[] = []
  for (let level = 1; level <= MAX_MIP_LEVEL; level++) {
    if (level > 1) sums = halve(sums, mipSide(level), BYTES_PER_PIXEL[format])
    levels.push(format === 'gray8' ? grayOf(sums, 4 ** level) : rgbaOf(sums, 4 ** level))
  }
  return levels
}

/**
 * Level 1 as sums of four pixels, colour multiplied by alpha. 32 bits hold every level's sums: those of the whole tile are
 * at most 65,536 x 255 x 255.
 */
function rgbaQuads(pixels: Uint8Array): Uint32Array {
  const side = mipSide(1)
  const out = new Uint32Array(side * side * 4)
  const row = TILE_SIZE * 4
  for (let y = 0, o = 0; y < side; y++)
    for (let x = 0, i = y * 2 * row; x < side; x++, i += 8, o += 4) {
      const j = i + row
      const a = pixels[i + 3]!
      const b = pixels[i + 7]!
      const c = pixels[j + 3]!
      const d = pixels[j + 7]!
      out[o] = pixels[i]! * a + pixels[i + 4]! * b + pixels[j]! * c + pixels[j + 4]! * d
      out[o + 1] = pixels[i + 1]! * a + pixels[i + 5]! * b + pixels[j + 1]! * c + pixels[j + 5]! * d
      out[o + 2] = pixels[i + 2]! * a + pixels[i + 6]! * b + pixels[j + 2]! * c + pixels[j + 6]! * d
      out[o + 3] = a + b + c + d
    }
  return out
}

function grayQuads(pixels: Uint8Array): Uint32Array {
  const side = mipSide(1)
  const out = new Uint32Array(side * side)
  for (let y = 0, o = 0; y < side; y++)
    for (let x = 0, i = y * 2 * TILE_SIZE; x < side; x++, i += 2)
      out[o++] = pixels[i]! + pixels[i + 1]! + pixels[i + TILE_SIZE]! + pixels[i + TILE_SIZE + 1]!
  return out
}

function halve(sums: Uint32Array, side: number, channels: number): Uint32Array {
  const out = new Uint32Array(side * side * channels)
  const row = side * 2 * channels
  let o = 0
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const i = y * 2 * row + x * 2 * channels
      for (let c = 0; c < channels; c++)
        out[o++] = sums[i + c]! + sums[i + channels + c]! + sums[i + row + c]! + sums[i + row + channels + c]!
    }
  return out
}

function grayOf(sums: Uint32Array, count: number): Uint8Array {
  const out = new Uint8Array(sums.length)
  for (let i = 0; i < sums.length; i++) out[i] = Math.floor(sums[i]! / count + 0.5)
  return out
}

function rgbaOf(sums: Uint32Array, count: number): Uint8Array {
  const out = new Uint8Array(sums.length)
  for (let i = 0; i < sums.length; i += 4)
    writeMean(out, i, sums[i]!, sums[i + 1]!, sums[i + 2]!, sums[i + 3]!, count)
  return out
}

function writeMean(
  out: Uint8Array,
  o: number,
  r: number,
  g: number,
  b: number,
  a: number,
  count: number,
): void {
  if (a === 0) return
  out[o] = Math.floor(r / a + 0.5)
  out[o + 1] = Math.floor(g / a + 0.5)
  out[o + 2] = Math.floor(b / a + 0.5)
  out[o + 3] = Math.floor(a / count + 0.5)
}

function rgbaLevel(pixels: Uint8Array, level: number): Uint8Array {
  const step = 1 << level
  const out = new Uint8Array(tileBytes('rgba8', level))
  let o = 0
  for (let y = 0; y < TILE_SIZE; y += step)
    for (let x = 0; x < TILE_SIZE; x += step, o += 4) {
      let r = 0
      let g = 0
      let b = 0
      let a = 0
      for (let v = 0; v < step; v++) {
        let i = ((y + v) * TILE_SIZE + x) * 4
        for (const end = i + step * 4; i < end; i += 4) {
          const alpha = pixels[i + 3]!
          r += pixels[i]! * alpha
          g += pixels[i + 1]! * alpha
          b += pixels[i + 2]! * alpha
          a += alpha
        }
      }
      writeMean(out, o, r, g, b, a, step * step)
    }
  return out
}

function grayLevel(pixels: Uint8Array, level: number): Uint8Array {
  const step = 1 << level
  const out = new Uint8Array(tileBytes('gray8', level))
  let o = 0
  for (let y = 0; y < TILE_SIZE; y += step)
    for (let x = 0; x < TILE_SIZE; x += step) {
      let sum = 0
      for (let v = 0; v < step; v++) {
        const row = (y + v) * TILE_SIZE + x
        for (let u = 0; u < step; u++) sum += pixels[row + u]!
      }
      out[o++] = Math.floor(sum / (step * step) + 0.5)
    }
  return out
}

/** Puts a bounded memory of mipmap levels before a reader; what was not used longest goes first. */
export class MipCache implements MipReader {
  readonly #tiles: TileReader | MipReader
  readonly #limit: number
  readonly #kept = new Map<string, Uint8Array>()
  #bytes = 0

  /** @param limit bytes kept; level 0 is never kept here. */
  constructor(tiles: TileReader | MipReader, limit = 32 * 1024 * 1024) {
    this.#tiles = tiles
    this.#limit = limit
  }

  get bytes(): number {
    return this.#bytes
  }

  read(hash: TileHash): Uint8Array {
    return this.#tiles.read(hash)
  }

  mip(hash: TileHash, format: PixelFormat, level: number): Uint8Array {
    const key = `${hash}/${level}`
    const kept = this.#kept.get(key)
    if (kept) {
      this.#kept.delete(key)
      this.#kept.set(key, kept)
      return kept
    }
    const made = readLevel(this.#tiles, hash, format, level)
    this.#kept.set(key, made)
    this.#bytes += made.byteLength
    for (const [oldest, pixels] of this.#kept) {
      if (this.#bytes <= this.#limit) break
      this.#kept.delete(oldest)
      this.#bytes -= pixels.byteLength
    }
    return made
  }
}

/** A tile at any level through whatever the reader offers. */
export function readLevel(
  tiles: TileReader | MipReader,
  hash: TileHash,
  format: PixelFormat,
  level: number,
): Uint8Array {
  if (level === 0) return tiles.read(hash)
  return 'mip' in tiles ? tiles.mip(hash, format, level) : mipTile(format, tiles.read(hash), level)
}
