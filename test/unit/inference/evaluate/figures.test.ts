import { expect, test } from 'vitest'
import { insideHole } from '../../../../src/main/engine/inference/evaluate/arms/region.ts'
import {
  caseFigures,
  figuresByCoverage,
  meanFigures,
} from '../../../../src/main/engine/inference/evaluate/figures.ts'
import { placed } from '../../../../src/main/engine/inference/evaluate/pictures.ts'
import { regionMeans } from '../../../../src/main/engine/inference/evaluate/regions.ts'
import { seamOffset } from '../../../../src/main/engine/inference/evaluate/seam-offset.ts'

const size = { width: 20, height: 10 }
const area = size.width * size.height

/** A grey picture that is `off` everywhere, with a hole over the first `holes` pixels. */
function figures(holes: number, off: number) {
  const hole = Uint8Array.from({ length: area }, (_, i) => (i < holes ? 1 : 0))
  const truth = new Float32Array(3 * area).fill(0.5)
  return caseFigures(truth, new Float32Array(3 * area).fill(0.5 + off), hole, size)
}

test('cases are counted where their coverage lies, and edges belong to the bin below', () => {
  const cases = [figures(1, 0.1), figures(10, 0.2), figures(11, 0.1), figures(80, 0.1), figures(81, 0.3)]
  const found = figuresByCoverage(cases).map(({ label, cases, preservation }) => [
    label,
    cases,
    Number(preservation!.toFixed(6)),
  ])
  expect(found).toEqual([
    ['0–5 %', 2, 0.025],
    ['5–15 %', 1, 0.01],
    ['15–40 %', 1, 0.01],
    ['40+ %', 1, 0.09],
  ])
})

test('a mean is over the squares, so that no case without any error makes it endless', () => {
  const { cases, psnr, seam } = meanFigures([figures(20, 0), figures(20, 0.2)])
  expect([cases, seam]).toEqual([2, 0])
  expect(psnr.hole).toBeCloseTo(-10 * Math.log10(0.02), 4)
})

test('decodes of a part: means over the cases, time over their sums', () => {
  const one = { coverage: 0.1, mean: 0.5, largest: 2, part: 1, whole: 4 }
  const other = { coverage: 0.5, mean: 1.5, largest: 9, part: 3, whole: 4 }
  expect(regionMeans([], 4)).toBeNull()
  const found = regionMeans([one, other], 4)!
  expect(found).toMatchObject({ margin: 4, cases: 2, mean: 1, largest: 9, time: 0.5 })
  expect(found.byCoverage).toMatchObject([
    { label: '5–15 %', cases: 1, time: 0.25 },
    { label: '40+ %', cases: 1, time: 0.75 },
  ])
})

test('differences are taken inside the hole, in steps of 8 bits', () => {
  const a = new Float32Array(3 * area).fill(0.5)
  const b = a.map((value, i) => (i < 3 ? value + 1 / 255 : i < 6 ? value - 3 / 255 : 1))
  const hole = Uint8Array.from({ length: area }, (_, i) => (i < 2 ? 1 : 0))
  const { mean, largest } = insideHole(a, b, hole)
  expect([mean, largest].map((value) => Number(value.toFixed(4)))).toEqual([2, 3])
})

test('what was decoded of a picture lies at its place', () => {
  const at = { x: 3, y: 2, width: 2, height: 1 }
  const planes = { channels: 3, width: 2, height: 1, data: Float32Array.of(-1, 0, 1, 3, -3, 0.5) }
  const found = placed(new Float32Array(3 * area).fill(0.25), { planes, at }, size)
  const first = 3 * (2 * size.width + 3)
  expect([...found.subarray(first, first + 6)]).toEqual([0, 1, 0, 0.5, 1, 0.75])
  expect(found.filter((value) => value !== 0.25)).toHaveLength(6)
})

test('texture averages out of the offset of a seam, a step along it does not, on whichever side it is', () => {
  const truth = new Float32Array(3 * area).fill(0.5)
  const hole = Uint8Array.from({ length: area }, (_, i) => (i % size.width >= 8 ? 1 : 0))
  const made = (off: (row: number) => number) =>
    truth.map((value, i) => {
      const pixel = Math.floor(i / 3)
      return hole[pixel] ? value + off(Math.floor(pixel / size.width)) : value
    })
  const offset = (off: (row: number) => number, mask = hole) => seamOffset(truth, made(off), mask, size)
  expect(offset(() => 0.1)).toBeCloseTo(0.1, 6)
  expect(offset((row) => (row % 2 === 0 ? 0.1 : -0.1))).toBeCloseTo(0, 6)
  expect(offset((row) => (row < 8 ? 0.1 : 0))).toBeCloseTo(0.08, 6)
  expect(
    offset(
      () => 0.1,
      hole.map((value) => 1 - value),
    ),
  ).toBeCloseTo(0.1, 6)
  expect(offset(() => 0.1, new Uint8Array(area))).toBeNull()
})
