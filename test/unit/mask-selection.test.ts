import { describe, expect, it } from 'vitest'
import { cropMask, maskBounds } from '../../src/main/engine/imaging/mask.ts'
import { featherMask } from '../../src/main/engine/imaging/mask-feather.ts'
import { growMask, shrinkMask } from '../../src/main/engine/imaging/mask-morphology.ts'
import {
  combineSources,
  grayPixels,
  type MaskSource,
  rectSource,
  tilesSource,
} from '../../src/main/engine/imaging/mask-source.ts'
import { tilesContentBounds, writeMaskTiles } from '../../src/main/engine/imaging/mask-tiles.ts'
import { createPace } from '../../src/main/engine/imaging/pace.ts'
import { lassoSource } from '../../src/main/engine/imaging/selection-lasso.ts'
import { changeSource, featherSource } from '../../src/main/engine/imaging/selection-raster.ts'
import type { Rect } from '../../src/shared/geometry.ts'
import { seeded } from '../support/compose-scene.ts'
import { MemoryTiles } from '../support/memory-tiles.ts'

const CANVAS: Rect = { x: 0, y: 0, width: 1500, height: 1200 }
const pace = createPace()
const read = async (source: MaskSource, rect: Rect) => grayPixels(await source.read(rect, pace), rect)

/** A star-shaped outline with many corners. */
function outline(seed: number, corners = 40): { x: number; y: number }[] {
  const random = seeded(seed)
  return Array.from({ length: corners }, (_, i) => {
    const angle = (i / corners) * 2 * Math.PI
    const radius = 100 + random() * 500
    return { x: 700 + radius * Math.cos(angle), y: 600 + radius * Math.sin(angle) }
  })
}

describe('lasso', () => {
  it('covers exactly the area of its outline', async () => {
    const points = outline(4)
    const pixels = await read(lassoSource(points, CANVAS), CANVAS)
    const covered = pixels.reduce((sum, value) => sum + value, 0) / 255
    const area = points.reduce((sum, a, i) => {
      const b = points[(i + 1) % points.length]!
      return sum + (a.x * b.y - b.x * a.y) / 2
    }, 0)
    expect(Math.abs(covered - area) / area).toBeLessThan(1e-3)
  })

  it('counts crossings: what is enclosed twice is outside', async () => {
    const square = (a: number, b: number) => [
      { x: a, y: a },
      { x: b, y: a },
      { x: b, y: b },
      { x: a, y: b },
      { x: a, y: a },
    ]
    const pixels = await read(lassoSource([...square(10, 90), ...square(30, 60)], CANVAS), {
      x: 0,
      y: 0,
      width: 100,
      height: 100,
    })
    expect(pixels[20 * 100 + 20]).toBe(255)
    expect(pixels[45 * 100 + 45]).toBe(0)
    expect(pixels[5 * 100 + 5]).toBe(0)
  })

  it('covers shares of pixels', async () => {
    const points = [
      { x: 2.25, y: 1.5 },
      { x: 5.75, y: 1.5 },
      { x: 5.75, y: 4.25 },
      { x: 2.25, y: 4.25 },
    ]
    const pixels = await read(lassoSource(points, CANVAS), { x: 0, y: 0, width: 8, height: 6 })
    const row = (y: number) => [...pixels.subarray(y * 8, y * 8 + 8)]
    expect(row(2)).toEqual([0, 0, 191, 255, 255, 191, 0, 0])
    expect(row(1)).toEqual([0, 0, 96, 128, 128, 96, 0, 0])
    expect(row(4)).toEqual([0, 0, 48, 64, 64, 48, 0, 0])
    expect(row(5)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('does not depend on the piece that is asked for', async () => {
    const source = lassoSource(outline(9), CANVAS)
    const whole = { rect: CANVAS, pixels: await read(source, CANVAS) }
    for (const rect of [
      { x: 13, y: 400, width: 333, height: 77 },
      { x: 700, y: 600, width: 64, height: 64 },
      { x: 1400, y: 1100, width: 300, height: 300 },
    ])
      expect(await read(source, rect)).toEqual(cropMask(whole, rect).pixels)
  })
})

describe('selections as tiles', () => {
  it('give back what was written, with exact bounds, on any grid', async () => {
    const tiles = new MemoryTiles()
    const source = lassoSource(outline(2), CANVAS)
    const whole = { rect: CANVAS, pixels: await read(source, CANVAS) }
    const written = await writeMaskTiles(source, tiles, pace)
    expect(written.bounds).toEqual(maskBounds(whole))
    expect(tilesContentBounds(written.tiles, tiles)).toEqual(written.bounds)
    const again = tilesSource(written.tiles, tiles, CANVAS)
    expect(await read(again, CANVAS)).toEqual(whole.pixels)
    const rect = { x: 301, y: 299, width: 400, height: 500 }
    expect(await read(again, rect)).toEqual(cropMask(whole, rect).pixels)
    const moved = tilesSource(
      written.tiles,
      tiles,
      { x: 0, y: 0, width: 3000, height: 3000 },
      { offset: { x: 37, y: 5 } },
    )
    expect(await read(moved, { ...rect, x: rect.x + 37, y: rect.y + 5 })).toEqual(
      cropMask(whole, rect).pixels,
    )
  })

  it('write the whole of a 100-megapixel canvas as one tile and its edges', async () => {
    const tiles = new MemoryTiles()
    const canvas = { x: 0, y: 0, width: 12_000, height: 8_700 }
    const written = await writeMaskTiles(rectSource(canvas), tiles, pace)
    expect(written.bounds).toEqual(canvas)
    expect(Object.keys(written.tiles)).toHaveLength(47 * 34)
    expect(new Set(Object.values(written.tiles)).size).toBe(4)
    expect(tiles.writes).toBeLessThan(90)
    const inverted = await changeSource(tilesSource(written.tiles, tiles, canvas), 'invert', 0, canvas, pace)
    expect((await writeMaskTiles(inverted, tiles, pace)).tiles).toEqual({})
  })

  it('change block by block as they would in one piece', async () => {
    const tiles = new MemoryTiles()
    const source = lassoSource(outline(7), CANVAS)
    const whole = { rect: CANVAS, pixels: await read(source, CANVAS) }
    for (const [change, expected] of [
      ['grow', await growMask(whole, 21.5)],
      ['shrink', await shrinkMask(whole, 21.5)],
      ['feather', await featherMask(whole, 21.5)],
    ] as const) {
      const changed = await changeSource(source, change, 21.5, CANVAS, pace)
      const written = await writeMaskTiles(changed, tiles, pace)
      const pixels = await read(tilesSource(written.tiles, tiles, CANVAS), CANVAS)
      expect(Buffer.compare(pixels, expected.pixels)).toBe(0)
      expect(written.bounds).toEqual(maskBounds(expected))
    }
  })

  it('do not feather away from the edge of the canvas', async () => {
    const soft = featherSource(rectSource({ ...CANVAS, width: 750 }), 40, CANVAS)
    const pixels = await read(soft, { x: 0, y: 0, width: 1500, height: 1 })
    expect(pixels[0]).toBe(255)
    expect(pixels[749]! - pixels[750]!).toBeLessThan(12)
    expect(pixels[900]).toBe(0)
  })

  it('join in four ways', async () => {
    const a = rectSource({ x: 0, y: 0, width: 20, height: 20 })
    const b = rectSource({ x: 10, y: 10, width: 20, height: 20 })
    const count = async (how: 'replace' | 'add' | 'subtract' | 'intersect') =>
      (await read(combineSources(a, b, how), { x: 0, y: 0, width: 50, height: 50 })).filter((v) => v === 255)
        .length
    expect(await count('replace')).toBe(400)
    expect(await count('add')).toBe(700)
    expect(await count('subtract')).toBe(300)
    expect(await count('intersect')).toBe(100)
  })

  it('fill what they enclose', async () => {
    const ring = combineSources(
      rectSource({ x: 100, y: 100, width: 900, height: 900 }),
      rectSource({ x: 300, y: 300, width: 500, height: 500 }),
      'subtract',
    )
    const filled = await changeSource(ring, 'fill-holes', 0, CANVAS, pace)
    const tiles = new MemoryTiles()
    const written = await writeMaskTiles(filled, tiles, pace)
    expect(written.bounds).toEqual({ x: 100, y: 100, width: 900, height: 900 })
    const pixels = await read(tilesSource(written.tiles, tiles, CANVAS), written.bounds)
    expect(pixels.every((value) => value === 255)).toBe(true)
  })
})
