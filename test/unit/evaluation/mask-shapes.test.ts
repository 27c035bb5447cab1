/** The holes of an evaluation: of the kinds of the training, of the coverage asked for, and the same every time. */
import { expect, test } from 'vitest'
import { drawMask, KINDS, type Kind } from '../../../scripts/evaluation/mask-shapes.ts'
import { Seeded } from '../../../scripts/evaluation/seeded.ts'
import { COVERAGE_BINS, coverageOf } from '../../../src/main/engine/inference/evaluate/coverage.ts'

const SIDE = 128

test.each(COVERAGE_BINS)('masks of $label cover as much, are hard, and come out alike again', (bin) => {
  const kinds = new Set<Kind>()
  for (let stream = 0; stream < 12; stream++) {
    const { kind, mask } = drawMask(new Seeded(7, stream), SIDE, bin)
    kinds.add(kind)
    const coverage = coverageOf(mask)
    expect(coverage).toBeGreaterThan(bin.from)
    expect(coverage).toBeLessThanOrEqual(bin.to)
    expect(mask.every((value) => value === 0 || value === 255)).toBe(true)
    expect(drawMask(new Seeded(7, stream), SIDE, bin).mask).toEqual(mask)
    expect(drawMask(new Seeded(8, stream), SIDE, bin).mask).not.toEqual(mask)
  }
  expect(kinds.size).toBeGreaterThan(1)
})

test('each kind has its own shape', () => {
  const random = new Seeded(3, 0)
  const at = (mask: Uint8Array, x: number, y: number) => mask[y * SIDE + x]!
  for (let draw = 0; draw < 20; draw++) {
    const band = KINDS.band(random, SIDE)
    const rows = Array.from({ length: SIDE }, (_, y) => at(band, SIDE / 2, y))
    const columns = Array.from({ length: SIDE }, (_, x) => at(band, x, SIDE / 2))
    expect([rows, columns].filter((line) => line.includes(0) && line.includes(255))).toHaveLength(1)
    expect(coverageOf(KINDS.thick(random, SIDE))).toBeLessThanOrEqual(0.6)
    const blob = coverageOf(KINDS.blob(random, SIDE))
    expect(blob).toBeGreaterThan(0.09)
    expect(blob).toBeLessThan(0.51)
    expect(coverageOf(KINDS.thin(random, SIDE))).toBeLessThan(0.5)
  }
})

test('orders are shuffled without losing or doubling anything', () => {
  const items = Array.from({ length: 40 }, (_, i) => i)
  const shuffled = new Seeded(1, 0).shuffled(items)
  expect(shuffled).not.toEqual(items)
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items)
})
