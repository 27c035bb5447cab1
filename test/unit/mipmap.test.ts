import { describe, expect, test } from 'vitest'
import { MipCache, mipChain, mipTile } from '../../src/main/engine/imaging/mipmap.ts'
import type { PixelFormat } from '../../src/shared/pixels.ts'
import { MAX_MIP_LEVEL, tileBytes } from '../../src/shared/tiles.ts'
import { randomTile, SceneTiles, seeded } from '../support/compose-scene.ts'

const LEVELS = Array.from({ length: MAX_MIP_LEVEL }, (_, i) => i + 1)

describe('mipmap levels', () => {
  test.each(LEVELS)('level %i is the mean of its blocks, colour weighted by alpha', (level) => {
    const pixels = randomTile('rgba8', seeded(level))
    const made = mipTile('rgba8', pixels, level)
    expect(made.length).toBe(tileBytes('rgba8', level))
    const side = 256 >> level
    const step = 1 << level
    for (const [x, y] of [
      [0, 0],
      [side - 1, side >> 1],
      [side >> 1, side - 1],
    ] as const) {
      const sum = [0, 0, 0, 0]
      for (let v = 0; v < step; v++)
        for (let u = 0; u < step; u++) {
          const at = ((y * step + v) * 256 + x * step + u) * 4
          for (let c = 0; c < 3; c++) sum[c]! += pixels[at + c]! * pixels[at + 3]!
          sum[3]! += pixels[at + 3]!
        }
      const want = [sum[0]! / sum[3]!, sum[1]! / sum[3]!, sum[2]! / sum[3]!, sum[3]! / step ** 2]
      const got = made.subarray((y * side + x) * 4, (y * side + x) * 4 + 4)
      if (sum[3]! > 0)
        for (let c = 0; c < 4; c++) expect(Math.abs(got[c]! - want[c]!)).toBeLessThanOrEqual(0.5)
    }
  })

  test.each<PixelFormat>(['rgba8', 'gray8'])('%s: the chain is the levels one by one', (format) => {
    const pixels = randomTile(format, seeded(77))
    expect(mipChain(format, pixels)).toEqual(LEVELS.map((level) => mipTile(format, pixels, level)))
  })

  test('a transparent pixel bleeds no colour', () => {
    const pixels = new Uint8Array(tileBytes('rgba8'))
    for (let i = 0; i < pixels.length; i += 8) {
      pixels.set([10, 20, 30, 255], i)
      pixels.set([255, 255, 255, 0], i + 4)
    }
    expect(Array.from(mipTile('rgba8', pixels, 1).subarray(0, 4))).toEqual([10, 20, 30, 128])
  })

  test('the cache reads a tile once for a level and stays within its limit', () => {
    const tiles = new SceneTiles()
    const random = seeded(9)
    const hashes = Array.from({ length: 4 }, () => tiles.add(randomTile('gray8', random)))
    let reads = 0
    const counting = {
      read(hash: (typeof hashes)[number]) {
        reads++
        return tiles.read(hash)
      },
    }
    const cache = new MipCache(counting, 3 * tileBytes('gray8', 1))
    const first = cache.mip(hashes[0]!, 'gray8', 1)
    expect(cache.mip(hashes[0]!, 'gray8', 1)).toBe(first)
    expect(reads).toBe(1)
    for (const hash of hashes) cache.mip(hash, 'gray8', 1)
    expect(cache.bytes).toBe(3 * tileBytes('gray8', 1))
    expect(cache.mip(hashes[0]!, 'gray8', 1)).toEqual(first)
    expect(reads).toBe(5)
  })
})
