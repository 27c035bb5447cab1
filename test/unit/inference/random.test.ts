/** The bits against the published vectors, the normals against their distribution, the streams against each other. */
import { createHash } from 'node:crypto'
import { describe, expect, it, test } from 'vitest'
import { normalQuantile } from '../../../src/main/engine/inference/normal-quantile.ts'
import { normals, philox4x32 } from '../../../src/main/engine/inference/random.ts'

test('Philox4x32-10 gives the known answers of its authors', () => {
  for (const [counter, key, expected] of [
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ] as const) {
    const words = (text: string) => Uint32Array.from(text.split(' '), (word) => Number.parseInt(word, 16))
    const block = words(counter)
    philox4x32(block, words(key))
    expect(block).toEqual(words(expected))
  }
})

test('quantiles are those of the normal distribution', () => {
  // From tables: probability below.
  for (const [p, z] of [
    [0.5, 0],
    [0.975, 1.959963984540054],
    [0.9, 1.2815515655446004],
    [0.001, -3.090232306167813],
    [1e-10, -6.361340902404056],
    [0.075, -1.4395314709384563],
    [0.925, 1.4395314709384563],
  ] as const)
    expect(normalQuantile(p)).toBeCloseTo(z, 13)
})

describe('normals', () => {
  const count = 400_000
  const values = normals({ seed: 7, candidate: 0, draw: 0 }, count)
  const mean = (of: (value: number, i: number) => number) =>
    values.reduce((sum, value, i) => sum + of(value, i), 0) / count

  it('are the same for ever', () => {
    expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex')).toBe(
      '8e0451c35b1d3cef8ba35bee882982abd0db0606864b6a677144307bcd904dca',
    )
    expect([...normals({ seed: 7, candidate: 0, draw: 0 }, 3)]).toEqual([...values.subarray(0, 3)])
  })

  it('have the moments of a standard normal', () => {
    // Five standard errors of each moment's mean.
    const within = (moment: number, expected: number, deviation: number) =>
      expect(Math.abs(moment - expected)).toBeLessThan((5 * deviation) / Math.sqrt(count))
    within(
      mean((z) => z),
      0,
      1,
    )
    within(
      mean((z) => z ** 2),
      1,
      Math.sqrt(2),
    )
    within(
      mean((z) => z ** 3),
      0,
      Math.sqrt(15),
    )
    within(
      mean((z) => z ** 4),
      3,
      Math.sqrt(96),
    )
    expect(values.reduce((max, z) => Math.max(max, Math.abs(z)), 0)).toBeLessThan(6.4)
  })

  it('fill the distribution evenly (chi-squared over 100 cells, Kolmogorov-Smirnov)', () => {
    const edges = Array.from({ length: 99 }, (_, i) => normalQuantile((i + 1) / 100))
    const sorted = values.toSorted()
    let [at, chi, furthest] = [0, 0, 0]
    for (const [i, edge] of [...edges, Number.POSITIVE_INFINITY].entries()) {
      const start = at
      while (at < count && sorted[at]! <= edge) at++
      chi += (at - start - count / 100) ** 2 / (count / 100)
      furthest = Math.max(furthest, Math.abs(at / count - (i + 1) / 100))
    }
    // 99 degrees of freedom: 99 +- 14; beyond 170 once in 10^5.
    expect(chi).toBeGreaterThan(50)
    expect(chi).toBeLessThan(170)
    expect(furthest * Math.sqrt(count)).toBeLessThan(2.2)
  })

  it('do not follow from their neighbours, nor from other candidates, draws or seeds', () => {
    const limit = 5 / Math.sqrt(count)
    for (const lag of [1, 2, 3, 4, 64, 4096])
      expect(Math.abs(mean((z, i) => z * (values[i + lag] ?? 0)))).toBeLessThan(limit)
    for (const stream of [
      { seed: 7, candidate: 1, draw: 0 },
      { seed: 7, candidate: 0, draw: 1 },
      { seed: 8, candidate: 0, draw: 0 },
      { seed: 7 + 2 ** 32, candidate: 0, draw: 0 },
    ]) {
      const other = normals(stream, count)
      expect(Math.abs(mean((z, i) => z * other[i]!)), JSON.stringify(stream)).toBeLessThan(limit)
    }
  })

  it('take any whole seed and refuse the rest', () => {
    expect(normals({ seed: Number.MAX_SAFE_INTEGER, candidate: 7, draw: 1000 }, 5)).toHaveLength(5)
    expect(normals({ seed: 0, candidate: 0, draw: 0 }, 0)).toHaveLength(0)
    for (const seed of [-1, 0.5, 2 ** 53, Number.NaN])
      expect(() => normals({ seed, candidate: 0, draw: 0 }, 4)).toThrow(
        expect.objectContaining({ code: 'usage' }),
      )
  })
})
