/** Figures of pictures against what NumPy computes for the same ones, in float64 and straight from the definitions. */
import { expect, test } from 'vitest'
import {
  meanSquare,
  psnr,
  rimContrast,
  roundedToBytes,
  seamError,
} from '../../src/main/engine/imaging/metrics.ts'
import { structuralSimilarity } from '../../src/main/engine/imaging/structural-similarity.ts'
import { uniform } from '../support/drawn-weights.ts'

const size = { width: 31, height: 24 }
const pixels = size.width * size.height
const noise = (name: string) =>
  Float32Array.from(uniform(name, 3 * pixels), (value) => Math.fround((value + 1) / 2))
const x = noise('x')
const other = noise('y')
const y = x.map((value, i) => Math.fround(Math.fround(0.8) * value) + Math.fround(0.2) * other[i]!)
const hole = Uint8Array.from({ length: pixels }, (_, i) => {
  const [px, py] = [i % size.width, Math.floor(i / size.width)]
  return (px >= 7 && px < 19 && py >= 6 && py < 15) || (px - 25) ** 2 + (py - 17) ** 2 <= 9 ? 255 : 0
})

test('errors and signal-to-noise ratios by region', () => {
  expect(meanSquare(x, y, hole, 'whole')).toBeCloseTo(0.0066058844203, 8)
  expect(meanSquare(x, y, hole, 'hole')).toBeCloseTo(0.0072967525299, 8)
  expect(meanSquare(x, y, hole, 'kept')).toBeCloseTo(0.0064499553741, 8)
  expect(psnr(meanSquare(x, y, hole, 'hole')!, 1)).toBeCloseTo(21.3687038, 4)
  expect(psnr(meanSquare(x, x, hole, 'whole')!, 1)).toBeNull()
  expect(meanSquare(x, y, new Uint8Array(pixels), 'hole')).toBeNull()
})

test('the step across the rim', () => {
  expect(seamError(x, y, hole, size)).toBeCloseTo(0.0844594477, 7)
  expect(rimContrast(y, hole, size)).toBeCloseTo(1.0383783326, 6)
  expect(seamError(x, y, new Uint8Array(pixels).fill(255), size)).toBeNull()
  expect(rimContrast(y, new Uint8Array(pixels), size)).toBeNull()
})

test('a rim that only shifts the hole is seen by the seam and not by its inside', () => {
  const shifted = x.map((value, i) => value + (hole[Math.floor(i / 3)]! > 0 ? 0.25 : 0))
  expect(seamError(x, shifted, hole, size)).toBeCloseTo(0.25, 6)
  expect(meanSquare(x, shifted, hole, 'kept')).toBe(0)
})

test('structural similarity by region', () => {
  const found = structuralSimilarity(x, y, hole, size, 1)
  expect(found.whole).toBeCloseTo(0.945987231, 6)
  expect(found.hole).toBeCloseTo(0.9464047968, 6)
  expect(found.kept).toBeCloseTo(0.945691051, 6)
  expect(structuralSimilarity(x, x, hole, size, 1).whole).toBeCloseTo(1, 9)
  const tiny = { width: 10, height: 10 }
  const flat = new Float32Array(300)
  expect(structuralSimilarity(flat, flat, new Uint8Array(100), tiny, 1).whole).toBeNull()
})

test('figures do not depend on the scale that the numbers have', () => {
  const bytes = (values: Float32Array) => Uint8Array.from(values, (value) => Math.round(value * 255))
  const rounded = (values: Float32Array) => Float32Array.from(bytes(values), (value) => value / 255)
  const inBytes = structuralSimilarity(bytes(x), bytes(y), hole, size, 255).whole!
  expect(inBytes).toBeCloseTo(structuralSimilarity(rounded(x), rounded(y), hole, size, 1).whole!, 6)
})

test('rounding to 8 bits', () => {
  const given = Float32Array.of(-0.2, 0, 0.4 / 255, 0.6 / 255, 1, 1.3)
  expect([...roundedToBytes(given)]).toEqual([0, 0, 0, Math.fround(1 / 255), 1, 1])
})
