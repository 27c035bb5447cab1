/** Masks of pixels and of latent cells. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cellsFor,
  grownCells,
  grownToCells,
  latentMask,
  releasedCells,
  softLatentMask,
} from '../../../src/main/engine/inference/latent-mask.ts'

const SIZE = { width: 24, height: 16 }
/** A mask of the given values at [x, y], 0 elsewhere. */
function mask(...points: readonly (readonly [x: number, y: number, value: number])[]): Uint8Array {
  const pixels = new Uint8Array(SIZE.width * SIZE.height)
  for (const [x, y, value] of points) pixels[y * SIZE.width + x] = value
  return pixels
}

describe('a hard cell mask', () => {
  it('has the top left pixel of each cell, from 128 upwards', () => {
    expect([...latentMask(mask([0, 0, 128], [8, 0, 127], [16, 8, 255], [15, 8, 255]), SIZE, 8)]).toEqual([
      1, 0, 0, 0, 0, 1,
    ])
  })

  it('misses what lies off the top left pixels, unless the mask is grown to cells first', () => {
    const thin = mask([15, 7, 255], [23, 15, 200], [1, 9, 127])
    expect([...latentMask(thin, SIZE, 8)]).toEqual([0, 0, 0, 0, 0, 0])
    expect([...latentMask(grownToCells(thin, SIZE, 8), SIZE, 8)]).toEqual([0, 1, 0, 0, 0, 1])
  })

  it('grown to cells covers every pixel that changes, and nothing but whole cells', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 384, maxLength: 384 }),
        fc.constantFrom(0, 100, 120),
        (pixels, less) => {
          const sparse = pixels.map((value) => Math.max(0, value - less))
          const grown = grownToCells(sparse, SIZE, 8)
          const cells = latentMask(grown, SIZE, 8)
          const cellAt = (i: number) =>
            cells[Math.floor(i / SIZE.width / 8) * 3 + Math.floor((i % SIZE.width) / 8)]!
          expect([...grown.keys()].filter((i) => grown[i] !== cellAt(i) * 255)).toEqual([])
          expect([...sparse.keys()].filter((i) => sparse[i]! >= 128 && cellAt(i) !== 1)).toEqual([])
          expect(grownToCells(grown, SIZE, 8)).toEqual(grown)
        },
      ),
      { numRuns: 300, seed: 20_254 },
    )
  })

  it('refuses a picture of no whole cells', () => {
    expect(() => latentMask(new Uint8Array(20 * 16), { width: 20, height: 16 }, 8)).toThrow(RangeError)
  })
})

describe('growth in cells', () => {
  it('is a square around each cell that stays on the picture', () => {
    const cells = { width: 5, height: 4 }
    const one = new Float32Array(20)
    one[5] = 0.5
    one[19] = 1
    expect([...grownCells(one, cells, 1)]).toEqual([
      0.5, 0.5, 0, 0, 0, 0.5, 0.5, 0, 0, 0, 0.5, 0.5, 0, 1, 1, 0, 0, 0, 1, 1,
    ])
    expect(grownCells(one, cells, 0)).toEqual(one)
    expect([...grownCells(one, cells, 99)]).toEqual(new Array(20).fill(1))
  })

  it('covers a growth in pixels', () => {
    expect([0, 1, 8, 9, 20].map((pixels) => cellsFor(pixels, 8))).toEqual([0, 1, 1, 2, 3])
  })
})

describe('a soft cell mask', () => {
  it('has the mean of each cell', () => {
    const pixels = new Uint8Array(384)
    for (let y = 0; y < 8; y++) for (let x = 0; x < 12; x++) pixels[y * 24 + x] = 255
    expect([...softLatentMask(pixels, SIZE, 8)]).toEqual([1, 0.5, 0, 0, 0, 0])
  })

  it('releases each cell for its share of the last steps, and once released for good', () => {
    const soft = Float32Array.of(0, 0.1, 1 / 3, 0.5, 1)
    const steps = (count: number) =>
      Array.from(soft, (_, i) =>
        Array.from({ length: count }, (_, index) => releasedCells(soft, index, count)[i]).join(''),
      )
    expect(steps(6)).toEqual(['000000', '000000', '000011', '000111', '111111'])
    expect(steps(10)).toEqual(['0000000000', '0000000001', '0000000111', '0000011111', '1111111111'])
  })
})
