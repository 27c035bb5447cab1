import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import type { FillRequest } from '../../src/main/engine/imaging/fill.ts'
import { patchFill } from '../../src/main/engine/imaging/patch-fill/patch-fill.ts'
import { randomFrom } from '../../src/main/engine/imaging/patch-fill/random.ts'
import { blinded, cut, holePsnr, meanFill, photoCrop } from '../support/fill-scenes.ts'

const WIDTH = 240
const HEIGHT = 180
const BEACH = await photoCrop('sunset-beach.jpg', { left: 200, top: 150, width: WIDTH, height: HEIGHT })
const COAST = await photoCrop('rob-bye.jpg', { left: 60, top: 120, width: WIDTH, height: HEIGHT })

function request(rgb: Uint8Array, cuts: readonly (readonly [number, number, number, number])[]): FillRequest {
  const hole = new Uint8Array(WIDTH * HEIGHT)
  for (const [x, y, width, height] of cuts) cut(hole, WIDTH, { x, y, width, height })
  return { width: WIDTH, height: HEIGHT, rgb, hole, seed: 5 }
}

function sameOutside(a: Uint8Array, b: Uint8Array, hole: Uint8Array): boolean {
  return a.every((value, i) => hole[Math.floor(i / 3)]! > 0 || value === b[i])
}

describe('a filled picture', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'is untouched outside the hole and blind to what is in it (seed %i)',
    async (seed) => {
      const random = randomFrom(seed * 7919)
      const cuts = Array.from({ length: 1 + random(5) }, () => {
        const [width, height] = [1 + random(WIDTH / 3), 1 + random(HEIGHT / 3)]
        return [random(WIDTH - width + 1), random(HEIGHT - height + 1), width, height] as const
      })
      const whole = request(seed % 2 === 0 ? BEACH : COAST, cuts)
      const filled = await patchFill(whole)
      expect(sameOutside(filled, whole.rgb, whole.hole)).toBe(true)
      expect(await patchFill(blinded(whole))).toSatisfy((other: Uint8Array) =>
        other.every((value, i) => whole.hole[Math.floor(i / 3)] === 0 || value === filled[i]),
      )
    },
  )

  test('does not depend on the number of threads, and does on the seed', async () => {
    const whole = request(COAST, [
      [60, 40, 90, 70],
      [10, 10, 8, 150],
    ])
    const one = await patchFill(whole, { threads: 1 })
    for (const threads of [2, 3, 5]) expect(Buffer.compare(await patchFill(whole, { threads }), one)).toBe(0)
    expect(Buffer.compare(await patchFill({ ...whole, seed: 6 }), one)).not.toBe(0)
  })

  test('is the same when fills run at once', async () => {
    const requests = [request(COAST, [[60, 40, 60, 60]]), request(BEACH, [[100, 60, 40, 80]])]
    const alone = [await patchFill(requests[0]!), await patchFill(requests[1]!)]
    const together = await Promise.all(requests.map((each) => patchFill(each)))
    for (const i of [0, 1]) expect(Buffer.compare(together[i]!, alone[i]!)).toBe(0)
  })

  test.each([
    'sunset-beach',
    'rob-bye',
    'pink-house',
    'phare-du-petit-minou',
    'morning-at-sea',
    'kitten-on-lawn',
  ])('is nearer to %s than a flat colour is', async (name) => {
    const box = { left: 300, top: 60, width: WIDTH, height: HEIGHT }
    const rgb = await photoCrop(`${name}.jpg`, box)
    const whole = request(rgb, [[80, 50, 70, 60]])
    const filled = await patchFill(blinded(whole))
    expect(holePsnr(whole.hole, filled, rgb) - holePsnr(whole.hole, meanFill(whole), rgb)).toBeGreaterThan(2)
  })

  test('continues a pattern', async () => {
    const rgb = new Uint8Array(WIDTH * HEIGHT * 3)
    for (let i = 0; i < WIDTH * HEIGHT; i++) {
      const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)]
      const bright = x % 24 < 12 !== y % 20 < 10
      rgb.set(bright ? [220, 180, 140] : [40, 60, 90], 3 * i)
    }
    const whole = request(rgb, [[90, 70, 50, 44]])
    expect(holePsnr(whole.hole, await patchFill(blinded(whole)), rgb)).toBeGreaterThan(30)
  })

  test('copies nothing from where it may not', async () => {
    const whole = request(Uint8Array.from(COAST), [[100, 60, 50, 50]])
    const unusable = new Uint8Array(WIDTH * HEIGHT)
    cut(unusable, WIDTH, { x: 120, y: 0, width: 120, height: HEIGHT })
    for (let i = 0; i < unusable.length; i++) if (unusable[i]! > 0) whole.rgb.set([255, 0, 255], 3 * i)
    const filled = await patchFill({ ...whole, unusable })
    expect(sameOutside(filled, whole.rgb, whole.hole)).toBe(true)
    for (let i = 0; i < whole.hole.length; i++) {
      // The coast has no pixel whose green lies far under both red and blue.
      if (whole.hole[i]! > 0)
        expect(Math.min(filled[3 * i]!, filled[3 * i + 2]!) - filled[3 * i + 1]!).toBeLessThan(60)
    }
  })
})

describe('sizes', () => {
  test.each([
    [1, 2, [0, 0, 1, 1]],
    [5, 5, [1, 1, 3, 3]],
    [7, 7, [0, 0, 7, 6]],
    [8, 300, [0, 20, 8, 40]],
    [300, 9, [3, 0, 200, 9]],
    [2000, 1, [0, 0, 1999, 1]],
    [64, 64, [0, 0, 64, 63]],
    [64, 64, [1, 1, 62, 62]],
    [90, 90, [0, 0, 20, 20]],
    [90, 90, [70, 70, 20, 20]],
  ] as const)('%i x %i fills %o', async (width, height, [x, y, w, h]) => {
    const rgb = new Uint8Array(width * height * 3)
    for (let i = 0; i < rgb.length; i++) rgb[i] = 100 + (i % 50)
    const hole = new Uint8Array(width * height)
    cut(hole, width, { x, y, width: w, height: h })
    const filled = await patchFill(blinded({ width, height, rgb, hole, seed: 1 }))
    // What is filled in lies within what there is to fill from, give or take the light of the rim.
    for (let i = 0; i < filled.length; i++) {
      if (hole[Math.floor(i / 3)]! > 0) expect(Math.abs(filled[i]! - 124.5)).toBeLessThan(60)
    }
  })

  test('that are absurd or do not agree are refused', async () => {
    const whole = request(COAST, [[10, 10, 5, 5]])
    const empty = new Uint8Array(0)
    for (const width of [0, -1, 2.5, Number.NaN, 65_536, Number.POSITIVE_INFINITY]) {
      await expect(patchFill({ ...whole, width })).rejects.toMatchObject({ code: 'image.too-large' })
    }
    await expect(patchFill({ ...whole, hole: empty })).rejects.toMatchObject({ code: 'mask.size' })
    await expect(patchFill({ ...whole, unusable: empty })).rejects.toMatchObject({ code: 'mask.size' })
    await expect(patchFill({ ...whole, rgb: empty })).rejects.toThrow(RangeError)
  })
})

describe('a fill that cannot be', () => {
  test('says that there is no hole', async () => {
    await expect(patchFill(request(COAST, []))).rejects.toMatchObject({ code: 'mask.empty' })
  })

  test('says that there is nothing to fill from', async () => {
    const all = request(COAST, [[0, 0, WIDTH, HEIGHT]])
    await expect(patchFill(all)).rejects.toMatchObject({ code: 'fill.no-source' })
    const half = request(COAST, [[0, 0, WIDTH, 90]])
    const unusable = new Uint8Array(WIDTH * HEIGHT).fill(255)
    await expect(patchFill({ ...half, unusable })).rejects.toMatchObject({ code: 'fill.no-source' })
  })
})

describe('a fill under way', () => {
  test('reports fractions that never go down, from 0 to 1', async () => {
    const fractions: number[] = []
    await patchFill(request(COAST, [[30, 30, 180, 120]]), {
      threads: 1,
      onProgress: (f) => fractions.push(f),
    })
    expect(fractions[0]).toBe(0)
    expect(fractions.at(-1)).toBe(1)
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
  })

  test('stops when cancelled, before or during, and the next one is not hurt', async () => {
    const whole = request(COAST, [[30, 30, 180, 120]])
    const expected = await patchFill(whole)
    await expect(patchFill(whole, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    })
    for (const threads of [1, 2, 4]) {
      const cancel = new AbortController()
      const fractions: number[] = []
      const onProgress = (fraction: number): void => {
        fractions.push(fraction)
        if (fraction === 0) queueMicrotask(() => cancel.abort())
      }
      await expect(patchFill(whole, { threads, signal: cancel.signal, onProgress })).rejects.toMatchObject({
        code: 'cancelled',
      })
      expect(fractions).not.toContain(1)
    }
    expect(Buffer.compare(await patchFill(whole), expected)).toBe(0)
  })

  test('lets its process end', () => {
    const child = fileURLToPath(new URL('../support/fill-child.ts', import.meta.url))
    // Warm workers live for 10 s: half a minute is enough for any machine, and a process that waits for ever fails.
    const { stdout, signal, status } = spawnSync(process.execPath, [child], {
      timeout: 30_000,
      encoding: 'utf8',
    })
    expect({ stdout, signal, status }).toEqual({ stdout: 'filled\n', signal: null, status: 0 })
  })
})
