/** The mask that is inferred from latents before and after an edit. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inferredMask } from '../../../src/main/engine/inference/pipelines/inferred-mask.ts'
import { normals } from '../../../src/main/engine/inference/random.ts'

const SIZE = { width: 128, height: 96 }
const CELLS = { width: 16, height: 12 }
const COUNT = 4 * CELLS.width * CELLS.height

const before = normals({ seed: 1, candidate: 0, draw: 0 }, COUNT)
/** What denoising does to every cell. */
const jitter = normals({ seed: 2, candidate: 0, draw: 0 }, COUNT)

/** Latents with a change in the cells of a rectangle, over a little of it everywhere. */
function edited(by: number, everywhere: number, [x0, y0, x1, y1]: readonly [number, number, number, number]) {
  return before.map((value, i) => {
    const [x, y] = [i % CELLS.width, Math.floor(i / CELLS.width) % CELLS.height]
    const inside = x >= x0 && x < x1 && y >= y0 && y < y1
    return value + everywhere * jitter[i]! + (inside ? by : 0)
  })
}

/** Cells of a mask, and whether it consists of whole ones. */
function cells(mask: Uint8Array): Set<string> {
  const found = new Set<string>()
  for (const [i, value] of mask.entries())
    if (value === 255) found.add(`${Math.floor((i % 128) / 8)},${Math.floor(i / 128 / 8)}`)
  expect(mask.filter((value) => value === 255)).toHaveLength(found.size * 64)
  return found
}

describe('an inferred mask', () => {
  it('is empty where nothing changed, or hardly anything', () => {
    expect(inferredMask(before, before, SIZE)).toEqual(new Uint8Array(128 * 96))
    expect(cells(inferredMask(before, edited(0, 0.05, [0, 0, 0, 0]), SIZE)).size).toBe(0)
  })

  it('covers what changed and a little around it, not the jitter of all other cells', () => {
    const found = cells(inferredMask(before, edited(1, 0.1, [5, 4, 9, 8]), SIZE))
    for (let y = 4; y < 8; y++) for (let x = 5; x < 9; x++) expect(found).toContain(`${x},${y}`)
    for (const cell of found) {
      const [x, y] = cell.split(',').map(Number) as [number, number]
      expect(x >= 3 && x < 11 && y >= 2 && y < 10, cell).toBe(true)
    }
  })

  it('covers everything where the whole picture was made anew', () => {
    expect(cells(inferredMask(before, edited(0, 1.5, [0, 0, 0, 0]), SIZE)).size).toBe(16 * 12)
  })

  it('covers any block of changed cells, wherever it lies', () => {
    const block = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 9 }))
    fc.assert(
      fc.property(block, ([x, y]) => {
        const found = cells(inferredMask(before, edited(0.8, 0.08, [x, y, x + 4, y + 3]), SIZE))
        for (let v = y; v < y + 3; v++) for (let u = x; u < x + 4; u++) expect(found).toContain(`${u},${v}`)
        expect(found.size).toBeLessThanOrEqual(8 * 7)
      }),
      { numRuns: 100, seed: 60_206 },
    )
  })
})
