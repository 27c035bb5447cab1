import { describe, expect, it } from 'vitest'
import {
  combineMasks,
  cropMask,
  invertMask,
  type Mask,
  maskBounds,
} from '../../src/main/engine/imaging/mask.ts'
import { featherMask, featherReach, innerFeather } from '../../src/main/engine/imaging/mask-feather.ts'
import { fillHoles } from '../../src/main/engine/imaging/mask-fill-holes.ts'
import {
  FAR,
  growHole,
  growMask,
  shrinkMask,
  squaredDistances,
} from '../../src/main/engine/imaging/mask-morphology.ts'
import { removalMasks } from '../../src/main/engine/imaging/mask-removal.ts'
import { createPace } from '../../src/main/engine/imaging/pace.ts'
import type { Rect } from '../../src/shared/geometry.ts'
import { seeded } from '../support/compose-scene.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

function make(width: number, height: number, value: (x: number, y: number) => number, x = 0, y = 0): Mask {
  const pixels = new Uint8Array(width * height)
  for (let j = 0; j < height; j++) for (let i = 0; i < width; i++) pixels[j * width + i] = value(i, j)
  return { rect: { x, y, width, height }, pixels }
}

function randomMask(seed: number, density = 0.02): Mask {
  const random = seeded(seed)
  const width = 1 + Math.floor(random() * 70)
  const height = 1 + Math.floor(random() * 70)
  return make(width, height, () => (random() < density ? 1 + Math.floor(random() * 255) : 0), 11, -7)
}

const at = (mask: Mask, x: number, y: number) => mask.pixels[y * mask.rect.width + x]!
const disc = (size: number, radius: number) =>
  make(size, size, (x, y) => (Math.hypot(x - size / 2 + 0.5, y - size / 2 + 0.5) <= radius ? 255 : 0))

function bruteDistances(mask: Mask, seed: (value: number) => boolean): number[] {
  const { width, height } = mask.rect
  const seeds: [number, number][] = []
  mask.pixels.forEach((value, i) => {
    if (seed(value)) seeds.push([i % width, Math.floor(i / width)])
  })
  return Array.from({ length: width * height }, (_, i) =>
    seeds.reduce(
      (best, [x, y]) => Math.min(best, (x - (i % width)) ** 2 + (y - Math.floor(i / width)) ** 2),
      FAR,
    ),
  )
}

describe('squared distances', () => {
  it.each(SEEDS)('are exact, seed %d', async (seed) => {
    const mask = randomMask(seed, seed === 8 ? 0 : 0.005 * seed)
    const found = await squaredDistances(mask, (value) => value > 100)
    expect([...found]).toEqual(bruteDistances(mask, (value) => value > 100))
  })
})

describe('grow and shrink', () => {
  it('move the outline of a disc by the amount', async () => {
    const mask = disc(101, 20)
    for (const amount of [1, 4.5, 17]) {
      const grown = await growMask(mask, amount)
      const shrunk = await shrinkMask(mask, amount)
      const area = (m: Mask) => m.pixels.reduce((sum, value) => sum + value, 0) / 255
      expect(Math.sqrt(area(grown) / Math.PI)).toBeCloseTo(20 + amount, 0)
      expect(Math.sqrt(area(shrunk) / Math.PI)).toBeCloseTo(20 - amount, 0)
    }
  })

  it.each(SEEDS)('never cross what was there, seed %d', async (seed) => {
    const mask = randomMask(seed, 0.4)
    const grown = await growMask(mask, 3)
    const shrunk = await shrinkMask(mask, 3)
    mask.pixels.forEach((value, i) => {
      expect(grown.pixels[i]).toBeGreaterThanOrEqual(value)
      expect(shrunk.pixels[i]).toBeLessThanOrEqual(value)
    })
  })

  it('take the edge of the rectangle for no outline', async () => {
    const full = make(20, 10, () => 255)
    expect((await shrinkMask(full, 4)).pixels).toEqual(full.pixels)
    const half = make(20, 10, (x) => (x < 10 ? 255 : 0))
    expect((await shrinkMask(half, 4)).pixels).toEqual(make(20, 10, (x) => (x < 6 ? 255 : 0)).pixels)
    expect((await growMask(half, 4)).pixels).toEqual(make(20, 10, (x) => (x < 14 ? 255 : 0)).pixels)
  })

  it.each(SEEDS)('mark a hole by exact distance from anything drawn, seed %d', async (seed) => {
    const mask = randomMask(seed)
    const amount = seed * 1.3
    const distances = bruteDistances(mask, (value) => value > 0)
    const expected = distances.map((squared) => (squared <= amount * amount ? 255 : 0))
    expect([...(await growHole(mask, amount)).pixels]).toEqual(expected)
  })
})

describe('feather', () => {
  it('is a Gaussian step within two per cent', async () => {
    const amount = 24
    const soft = await featherMask(
      make(400, 3, (x) => (x < 200 ? 255 : 0)),
      amount,
    )
    const sigma = amount / 2
    // Reference: the normal distribution summed in small steps.
    let sum = 0
    for (let x = 0, u = -8 * sigma; x < 400; x++) {
      for (; u < x + 0.5 - 200; u += 0.01)
        sum += (0.01 * Math.exp((-u * u) / (2 * sigma * sigma))) / (sigma * Math.sqrt(2 * Math.PI))
      expect(Math.abs(at(soft, x, 1) / 255 - (1 - sum))).toBeLessThan(0.02)
    }
  })

  it('keeps flat areas, falls steadily and looks no farther than it says', async () => {
    for (const amount of [1, 3, 10, 80, 250]) {
      const reach = featherReach(amount)
      const soft = await featherMask(
        make(1200, 1, (x) => (x < 600 ? 255 : 0)),
        amount,
      )
      expect(at(soft, 599 - reach, 0)).toBe(255)
      expect(at(soft, 600 + reach, 0)).toBe(0)
      for (let x = 1; x < 1200; x++) expect(at(soft, x, 0)).toBeLessThanOrEqual(at(soft, x - 1, 0))
      expect(reach).toBeLessThan(amount * 1.6 + 2)
    }
  })

  it('does nothing for 0 and nothing to a full mask', async () => {
    const mask = randomMask(3, 0.5)
    expect((await featherMask(mask, 0)).pixels).toEqual(mask.pixels)
    const full = make(30, 30, () => 255)
    expect((await featherMask(full, 100)).pixels).toEqual(full.pixels)
  })

  it.each(SEEDS)('inside, stays inside and is full deep in, seed %d', async (seed) => {
    const hole = await growHole(randomMask(seed), 6)
    const width = seed - 1
    const rim = await innerFeather(hole, width)
    const inside = bruteDistances(hole, (value) => value === 0)
    hole.pixels.forEach((value, i) => {
      if (value === 0) expect(rim.pixels[i]).toBe(0)
      else if (inside[i]! >= (width + 1) ** 2) expect(rim.pixels[i]).toBe(255)
      else if (inside[i]! <= width ** 2) expect(rim.pixels[i]).toBeLessThan(255)
    })
  })
})

describe('masks of a removal', () => {
  const canvas: Rect = { x: 0, y: 0, width: 90, height: 80 }

  it.each(SEEDS)('keep the rim inside the hole, and the hole inside the canvas, seed %d', async (seed) => {
    const random = seeded(seed)
    const drawn = make(
      60,
      60,
      (x, y) => (Math.hypot(x - 30, y - 30) < 4 + random() * 20 ? Math.floor(random() * 256) : 0),
      seed * 11 - 30,
      40,
    )
    const grow = Math.floor(random() * 12)
    const masks = (await removalMasks(drawn, { grow, feather: seed }, canvas))!
    expect(masks.compositing.rect).toEqual(masks.hole.rect)
    const { rect } = masks.hole
    expect(rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= 90 && rect.y + rect.height <= 80).toBe(true)
    const wide = cropMask(drawn, canvas)
    const hole = cropMask(masks.hole, canvas)
    const soft = cropMask(masks.compositing, canvas)
    const reach = bruteDistances(wide, (value) => value > 0)
    for (let i = 0; i < hole.pixels.length; i++) {
      expect(hole.pixels[i]).toBe(reach[i]! <= grow * grow ? 255 : 0)
      if (hole.pixels[i] === 0) expect(soft.pixels[i]).toBe(0)
    }
  })

  it('are none when nothing is drawn on the canvas', async () => {
    const options = { grow: 3, feather: 2 }
    expect(
      await removalMasks(
        make(10, 10, () => 0),
        options,
        canvas,
      ),
    ).toBeNull()
    expect(
      await removalMasks(
        make(10, 10, () => 255, 200, 0),
        options,
        canvas,
      ),
    ).toBeNull()
  })

  it('make no rim at the edge of the canvas', async () => {
    const masks = (await removalMasks(
      make(20, 80, () => 255),
      { grow: 0, feather: 5 },
      canvas,
    ))!
    const soft = cropMask(masks.compositing, canvas)
    expect(at(soft, 0, 0)).toBe(255)
    expect(at(soft, 14, 40)).toBe(255)
    expect(at(soft, 19, 40)).toBeLessThan(30)
    expect(at(soft, 20, 40)).toBe(0)
  })
})

describe('mask basics', () => {
  it.each(SEEDS)('find the exact bounds, seed %d', (seed) => {
    const mask = randomMask(seed, 0.01)
    const set = [...mask.pixels].flatMap((value, i) => (value > 0 ? [i] : []))
    const bounds = maskBounds(mask)
    if (set.length === 0) return expect(bounds.width).toBe(0)
    const xs = set.map((i) => (i % mask.rect.width) + 11)
    const ys = set.map((i) => Math.floor(i / mask.rect.width) - 7)
    const [x, y] = [Math.min(...xs), Math.min(...ys)]
    expect(bounds).toEqual({ x, y, width: Math.max(...xs) - x + 1, height: Math.max(...ys) - y + 1 })
  })

  it('join by the larger, the smaller and the rest', () => {
    const a = make(3, 1, (x) => [0, 100, 255][x]!)
    const b = make(3, 1, () => 200, 1)
    expect([...combineMasks(a, b, 'add').pixels]).toEqual([0, 200, 255])
    expect([...combineMasks(a, b, 'intersect').pixels]).toEqual([0, 100, 200])
    expect([...combineMasks(a, b, 'subtract').pixels]).toEqual([0, 55, 55])
    expect([...combineMasks(a, b, 'replace').pixels]).toEqual([0, 200, 200])
    expect([...invertMask(a).pixels]).toEqual([255, 155, 0])
  })

  it('fill what is enclosed, and only that', async () => {
    const ring = make(40, 40, (x, y) => {
      const d = Math.hypot(x - 20, y - 20)
      return d > 8 && d < 12 ? 255 : x > 34 && y !== 3 ? 200 : 0
    })
    const filled = await fillHoles(ring)
    for (let y = 0; y < 40; y++)
      for (let x = 0; x < 40; x++)
        expect(at(filled, x, y)).toBe(Math.hypot(x - 20, y - 20) < 12 ? 255 : at(ring, x, y))
    const open = make(40, 40, (x, y) => (y === 20 && x > 20 ? 0 : at(ring, x, y)))
    expect(at(await fillHoles(open), 20, 20)).toBe(0)
  })

  it('stop when asked to', async () => {
    const control = new AbortController()
    control.abort()
    const pace = createPace(control.signal, 0)
    await expect(growMask(disc(300, 50), 5, pace)).rejects.toMatchObject({ code: 'cancelled' })
  })
})
