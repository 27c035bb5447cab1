import { createHash, randomBytes } from 'node:crypto'
import { deflateRawSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  decodeTile,
  encodeTile,
  hashTile,
  isEmptyTile,
  PREFERRED_CODEC,
  TILE_CODEC,
} from '../../src/main/engine/imaging/tile-codec.ts'
import type { PixelFormat } from '../../src/shared/pixels.ts'
import { tileBytes } from '../../src/shared/tiles.ts'

const FORMATS: readonly PixelFormat[] = ['rgba8', 'gray8']
const CODECS = Object.values(TILE_CODEC)

/** Smooth, so that it compresses. */
function gradient(format: PixelFormat): Uint8Array {
  return Uint8Array.from({ length: tileBytes(format) }, (_, i) => (i >> 10) & 255)
}

describe('encodeTile and decodeTile', () => {
  for (const format of FORMATS) {
    for (const codec of CODECS) {
      it(`gives a ${format} tile back through codec ${codec}`, () => {
        const pixels = gradient(format)
        const stored = encodeTile(format, pixels, codec)
        expect(stored.codec).toBe(codec)
        expect(decodeTile(format, stored.codec, stored.data)).toEqual(pixels)
        if (codec !== TILE_CODEC.raw) expect(stored.data.byteLength).toBeLessThan(pixels.byteLength / 4)
      })
    }
  }

  it('prefers zstd on the Node.js that npm scripts run on', () => {
    expect(PREFERRED_CODEC).toBe(TILE_CODEC.zstd)
  })

  it('stores noise raw, because compression would make it longer', () => {
    const pixels = Uint8Array.from(randomBytes(tileBytes('rgba8')))
    const stored = encodeTile('rgba8', pixels)
    expect(stored.codec).toBe(TILE_CODEC.raw)
    expect(decodeTile('rgba8', stored.codec, stored.data)).toEqual(pixels)
  })

  it('refuses pixels that are not one tile', () => {
    expect(() => encodeTile('rgba8', new Uint8Array(100))).toThrow(RangeError)
    expect(() => hashTile('gray8', new Uint8Array(tileBytes('rgba8')))).toThrow(RangeError)
  })
})

describe('decodeTile on foreign bytes', () => {
  const size = tileBytes('gray8')
  const cases: readonly (readonly [string, number, Uint8Array])[] = [
    ['a zstd bomb', TILE_CODEC.zstd, zstdCompressSync(new Uint8Array(200 << 20))],
    ['a deflate bomb', TILE_CODEC.deflateRaw, deflateRawSync(new Uint8Array(200 << 20))],
    ['a zstd tile that is too short', TILE_CODEC.zstd, zstdCompressSync(new Uint8Array(size - 1))],
    ['a zstd tile of one byte too many', TILE_CODEC.zstd, zstdCompressSync(new Uint8Array(size + 1))],
    ['a raw tile of another length', TILE_CODEC.raw, new Uint8Array(size + 1)],
    ['no bytes at all', TILE_CODEC.zstd, new Uint8Array(0)],
    ['a cut zstd frame', TILE_CODEC.zstd, encodeTile('gray8', gradient('gray8')).data.subarray(0, 40)],
    ['text', TILE_CODEC.deflateRaw, Buffer.from('this is not a tile')],
    ['an unknown codec', 9, new Uint8Array(size)],
    ['a codec that is no number', Number.NaN, new Uint8Array(size)],
  ]
  for (const [name, codec, data] of cases) {
    it(`refuses ${name} as a damaged project`, () => {
      const before = process.memoryUsage().rss
      expect(() => decodeTile('gray8', codec, data)).toThrow(
        expect.objectContaining({ code: 'project.damaged' }),
      )
      expect(process.memoryUsage().rss - before).toBeLessThan(100 << 20)
    })
  }
})

describe('hashTile', () => {
  it('is SHA-256 over the format id and the pixels', () => {
    const pixels = gradient('gray8')
    const expected = createHash('sha256')
      .update(Buffer.concat([Buffer.from([2]), pixels]))
      .digest('hex')
    expect(hashTile('gray8', pixels)).toBe(expected)
  })

  it('tells formats and single bits apart', () => {
    const pixels = gradient('rgba8')
    const other = Uint8Array.from(pixels)
    other[777] = other[777]! ^ 1
    expect(hashTile('rgba8', other)).not.toBe(hashTile('rgba8', pixels))
    expect(hashTile('gray8', new Uint8Array(65_536))).not.toBe(hashTile('rgba8', new Uint8Array(262_144)))
  })
})

describe('isEmptyTile', () => {
  it('is true only when every byte is 0, wherever the array lies in its buffer', () => {
    for (const shift of [0, 1, 4]) {
      const pixels = new Uint8Array(new ArrayBuffer(tileBytes('gray8') + 8), shift, tileBytes('gray8'))
      expect(isEmptyTile(pixels)).toBe(true)
      pixels[pixels.length - 1] = 1
      expect(isEmptyTile(pixels)).toBe(false)
    }
  })

  it('keeps a transparent tile that has colours under its alpha', () => {
    const pixels = new Uint8Array(tileBytes('rgba8'))
    pixels[0] = 200
    expect(isEmptyTile(pixels)).toBe(false)
  })
})
