import { describe, expect, it } from 'vitest'
import {
  createCover,
  dabsByTile,
  paintMask,
  paintPixels,
  renderCover,
} from '../../src/main/engine/imaging/brush-raster.ts'
import { accumulate, type Dab, dabCoverage, strokeDabs } from '../../src/shared/brush.ts'
import type { Rect } from '../../src/shared/geometry.ts'
import { DEFAULT_BRUSH } from '../../src/shared/stroke.ts'
import { randomTile, seeded } from '../support/compose-scene.ts'

const CANVAS: Rect = { x: 0, y: 0, width: 1024, height: 768 }

function randomDabs(seed: number): Dab[] {
  const random = seeded(seed)
  return Array.from({ length: 30 }, () => ({
    x: random() * 1100 - 40,
    y: random() * 850 - 40,
    radius: random() < 0.2 ? random() : random() ** 3 * 600,
    hardness: random() < 0.3 ? 1 : random(),
    flow: random() < 0.3 ? 1 : random(),
  }))
}

describe('cover of a stroke', () => {
  it.each([1, 2, 3, 4])('is the formula, dab after dab, seed %d', (seed) => {
    const dabs = randomDabs(seed)
    const cover = createCover()
    let farthest = 0
    for (const tile of dabsByTile(dabs, CANVAS)) {
      renderCover(tile, cover)
      for (let y = 3; y < 256; y += 11)
        for (let x = 1; x < 256; x += 7) {
          const [px, py] = [tile.tx * 256 + x + 0.5, tile.ty * 256 + y + 0.5]
          const expected = dabs.reduce(
            (sum, dab) =>
              accumulate(
                sum,
                dab.flow,
                dabCoverage(Math.hypot(px - dab.x, py - dab.y), dab.radius, dab.hardness),
              ),
            0,
          )
          farthest = Math.max(farthest, Math.abs(expected - cover[y * 256 + x]!))
        }
    }
    expect(farthest).toBeLessThan(1e-5)
  })

  it('touches every tile that it covers, and none outside the limit', () => {
    const tiles = dabsByTile([{ x: 256, y: 256, radius: 2, hardness: 1, flow: 1 }], CANVAS)
    expect(tiles.map(({ tx, ty }) => `${tx},${ty}`).sort()).toEqual(['0,0', '0,1', '1,0', '1,1'])
    expect(dabsByTile([{ x: -50, y: 20, radius: 20, hardness: 1, flow: 1 }], CANVAS)).toEqual([])
  })

  it('builds up slowly with a flow of a hundredth', () => {
    const dab = { x: 128, y: 128, radius: 50, hardness: 1, flow: 0.01 }
    const cover = createCover()
    renderCover({ tx: 0, ty: 0, dabs: Array(50).fill(dab) }, cover)
    expect(cover[128 * 256 + 128]).toBeCloseTo(1 - 0.99 ** 50, 5)
  })
})

describe('painting pixels', () => {
  const full = createCover().fill(1)

  it('lays a colour over in straight alpha, within half a level', () => {
    const random = seeded(5)
    const tile = randomTile('rgba8', random)
    const cover = createCover().map(() => random())
    const colour = { r: 200.5, g: 10, b: 128 }
    const out = paintPixels(tile, cover, 0.7, 255, { mode: 'paint', colour })!
    for (let i = 0; i < cover.length; i++) {
      const alpha = cover[i]! * 0.7
      const under = (tile[4 * i + 3]! / 255) * (1 - alpha)
      expect(Math.abs(out[4 * i + 3]! - 255 * (alpha + under))).toBeLessThanOrEqual(0.501)
      const red = (colour.r * alpha + tile[4 * i]! * under) / (alpha + under)
      if (out[4 * i + 3]! > 0) expect(Math.abs(out[4 * i]! - red)).toBeLessThanOrEqual(0.501)
    }
  })

  it('leaves alone what is not covered or not selected', () => {
    const tile = randomTile('rgba8', seeded(6))
    const half = new Uint8Array(65536).fill(255, 32768)
    const paint = { mode: 'paint', colour: { r: 1, g: 2, b: 3 } } as const
    const out = paintPixels(tile, full, 1, half, paint)!
    expect(Buffer.compare(out.subarray(0, 131072), tile.subarray(0, 131072))).toBe(0)
    expect([...out.subarray(131072, 131076)]).toEqual([1, 2, 3, 255])
    expect(paintPixels(tile, createCover(), 1, 255, paint)).toBeNull()
    expect(paintPixels(tile, full, 1, 0, paint)).toBeNull()
    expect(paintPixels(out, full, 1, new Uint8Array(65536).fill(255, 32768), paint)).toBeNull()
  })

  it('erases alpha and keeps the colour of what stays', () => {
    const tile = new Uint8Array(262144).fill(200)
    const out = paintPixels(tile, full, 0.5, 255, { mode: 'erase' })!
    expect([...out.subarray(0, 4)]).toEqual([200, 200, 200, 100])
    expect(paintPixels(tile, full, 1, 255, { mode: 'erase' })!.every((value) => value === 0)).toBe(true)
    expect(paintPixels(null, full, 1, 255, { mode: 'erase' })).toBeNull()
  })

  it('raises and lowers masks', () => {
    expect(paintMask(0, full, 0.5, 255, 'paint')![0]).toBe(128)
    expect(paintMask(255, full, 1, 255, 'erase')![9]).toBe(0)
    expect(paintMask(255, full, 1, 255, 'paint')).toBeNull()
    expect(paintMask(0, full, 1, 0, 'paint')).toBeNull()
  })

  it('paints a whole stroke with a brush of 500 pixels in bounded steps', () => {
    const brush = { ...DEFAULT_BRUSH, size: 500, hardness: 0, pressureSize: false }
    const samples = Array.from({ length: 200 }, (_, i) => ({
      x: 100 + i * 25,
      y: 2000 + 1500 * Math.sin(i / 20),
      pressure: 1,
      time: i,
    }))
    const tiles = dabsByTile(strokeDabs(brush, samples), { x: 0, y: 0, width: 6000, height: 4000 })
    const most = Math.max(...tiles.map((tile) => tile.dabs.length))
    expect(tiles.length).toBeGreaterThan(80)
    expect(most).toBeLessThan(60)
  })
})
