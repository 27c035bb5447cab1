/** The mask of two prompts' predictions. */
import { describe, expect, it } from 'vitest'
import { Differences } from '../../../src/main/engine/inference/pipelines/difference-mask.ts'
import { normals } from '../../../src/main/engine/inference/random.ts'

const CELLS = 20
const CHANNELS = 4

/** Predictions, and others that differ from them by a number for each cell. */
function pair(draw: number, by: (cell: number) => number) {
  const one = normals({ seed: 9, candidate: 0, draw }, CELLS * CHANNELS)
  return [one, one.map((value, i) => value + (i % 2 === 0 ? 1 : -1) * by(i % CELLS))] as const
}

function maskOf(...pairs: readonly (readonly [Float32Array, Float32Array])[]): number[] {
  const differences = new Differences(CELLS)
  for (const [one, other] of pairs) differences.add(one, other)
  return [...differences.mask()]
}

describe('the mask of differences', () => {
  it('covers the cells that differ by more than one and a half means, and no others', () => {
    const by = (cell: number) => (cell < 4 ? 0.8 : cell < 6 ? 0.25 : 0.1)
    // The mean is 0.255.
    expect(maskOf(pair(0, by))).toEqual(Array.from({ length: CELLS }, (_, cell) => (cell < 4 ? 1 : 0)))
  })

  it('does not depend on how large the differences are', () => {
    const by = (cell: number) => 0.1 + (cell % 5) * 0.2
    const mask = maskOf(pair(0, by))
    expect(mask.filter(Boolean)).toHaveLength(4)
    expect(maskOf(pair(0, (cell) => 0.01 * by(cell)))).toEqual(mask)
  })

  it('adds up what several draws of noise show', () => {
    const [first, second] = [pair(1, (cell) => (cell === 3 ? 1 : 0)), pair(2, (cell) => (cell === 8 ? 1 : 0))]
    expect(maskOf(first, second)).toEqual(
      Array.from({ length: CELLS }, (_, cell) => Number(cell === 3 || cell === 8)),
    )
  })

  it('is empty where predictions are equal, differ by rounding, or differ everywhere alike', () => {
    const none = new Array(CELLS).fill(0)
    expect(maskOf(pair(0, () => 0))).toEqual(none)
    expect(maskOf(pair(0, (cell) => (cell === 2 ? 1e-6 : 0)))).toEqual(none)
    expect(maskOf(pair(0, () => 0.5))).toEqual(none)
  })
})
