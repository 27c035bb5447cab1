import { describe, expect, it } from 'vitest'
import { matchColours } from '../../src/main/engine/imaging/colour-match.ts'
import { seeded } from '../support/compose-scene.ts'

const SIZE = { width: 96, height: 80 }
const hole = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) => {
  const [x, y] = [i % SIZE.width, Math.floor(i / SIZE.width)]
  return (x - 48) ** 2 + (y - 40) ** 2 < 20 ** 2 ? 255 : 0
})
const original = pixels((x, y, c) => 120 + 60 * Math.sin(x / 17 + c) * Math.cos(y / 13))

function pixels(value: (x: number, y: number, c: number) => number): Uint8Array {
  return Uint8Array.from({ length: SIZE.width * SIZE.height * 3 }, (_, i) => {
    const at = Math.floor(i / 3)
    return Math.round(value(at % SIZE.width, Math.floor(at / SIZE.width), i % 3))
  })
}

function distance(a: Uint8Array, b: Uint8Array): number {
  let [sum, count] = [0, 0]
  for (let i = 0; i < a.length; i++) {
    if (hole[Math.floor(i / 3)] === 0) continue
    sum += Math.abs(a[i]! - b[i]!)
    count++
  }
  return sum / count
}

const match = (made: Uint8Array, unusable?: Uint8Array) =>
  matchColours({ size: SIZE, original, made, hole, reach: 12, ...(unusable ? { unusable } : {}) })

describe('colour matching', () => {
  it.each([
    ['all over', () => 9],
    ['to one side', (x: number) => x / 3 - 16],
    ['warmer', (_x: number, _y: number, c: number) => [8, 0, -8][c]!],
  ] as const)('takes away light that is off %s', async (_, off) => {
    const made = pixels((x, y, c) => original[3 * (y * SIZE.width + x) + c]! + off(x, y, c))
    const matched = await match(made)
    expect(distance(made, original)).toBeGreaterThan(2.5)
    expect(distance(matched, original)).toBeLessThan(1.2)
  })

  it('changes nothing outside the hole', async () => {
    const made = original.map((value) => value + 9)
    const matched = await match(made)
    for (let i = 0; i < made.length; i++) if (hole[Math.floor(i / 3)] === 0) expect(matched[i]).toBe(made[i])
  })

  it('leaves alone what fits already', async () => {
    const made = original.map((value, i) => (hole[Math.floor(i / 3)] === 0 ? value : 255 - value))
    expect(await match(made)).toBe(made)
  })

  it.each([1, 2, 3, 4, 5])('leaves alone what is only grainy, seed %d', async (seed) => {
    const random = seeded(seed)
    const made = original.map((value) => value + Math.round(10 * (random() - 0.5)))
    expect(await match(made)).toBe(made)
  })

  it('does not look at what says nothing', async () => {
    const made = original.map((value, i) => (i % (3 * SIZE.width) < 3 * 48 ? value : value + 20))
    const right = Uint8Array.from(hole, (_, i) => (i % SIZE.width < 48 ? 0 : 1))
    expect(await match(made, right)).toBe(made)
    expect(
      await match(
        made,
        hole.map(() => 1),
      ),
    ).toBe(made)
  })
})
