/** The geometry of "inpaint only masked": tables of cases, and what holds for any mask on any canvas. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  contextRegion,
  mirroredIndex,
  type RegionModel,
} from '../../../src/main/engine/inference/context-region.ts'
import { fittedInside, paddingCrop } from '../../../src/main/engine/inference/padding-crop.ts'
import { contains, inflate, intersect, type Rect, rectOf } from '../../../src/shared/geometry.ts'

const rect = (x: number, y: number, width: number, height: number): Rect => ({ x, y, width, height })
const size = (width: number, height: number) => ({ width, height })
const SD1: RegionModel = { side: 512, factor: 8 }

describe('a context region', () => {
  const photo = size(4000, 3000)
  it.each([
    [
      'small and square: the model’s square, at its own scale',
      rect(2000, 1500, 100, 100),
      photo,
      32,
      1,
      SD1,
      rect(1794, 1294, 512, 512),
      [size(512, 512)],
    ],
    [
      'small, enlarged twofold at the most',
      rect(2000, 1500, 100, 100),
      photo,
      32,
      2,
      SD1,
      rect(1922, 1422, 256, 256),
      [size(512, 512)],
    ],
    ['one pixel', rect(2000, 1500, 1, 1), photo, 0, 2, SD1, rect(1872, 1372, 256, 256), [size(512, 512)]],
    [
      'in the upper left corner: moved onto the canvas',
      rect(0, 0, 100, 100),
      photo,
      32,
      1,
      SD1,
      rect(0, 0, 512, 512),
      [size(512, 512)],
    ],
    [
      'in the lower right corner',
      rect(3990, 2990, 10, 10),
      photo,
      32,
      1,
      SD1,
      rect(3488, 2488, 512, 512),
      [size(512, 512)],
    ],
    [
      'wide: the model’s pixels in its aspect',
      rect(1000, 1000, 400, 200),
      photo,
      0,
      1,
      SD1,
      rect(840, 920, 720, 360),
      [size(720, 360)],
    ],
    [
      'wider than a model is good for: more above and below',
      rect(0, 1500, 4000, 10),
      photo,
      0,
      1,
      SD1,
      rect(0, 505, 4000, 2000),
      [size(720, 360)],
    ],
    [
      'large: scaled down',
      rect(1000, 1000, 1024, 1024),
      photo,
      0,
      1,
      SD1,
      rect(1000, 1000, 1024, 1024),
      [size(512, 512)],
    ],
    [
      'large, with memory for a second pass',
      rect(1000, 1000, 1024, 1024),
      photo,
      0,
      1,
      { ...SD1, largestPixels: 768 ** 2 },
      rect(1000, 1000, 1024, 1024),
      [size(512, 512), size(768, 768)],
    ],
    [
      'large, with memory for all of it',
      rect(1000, 1000, 1024, 1024),
      photo,
      0,
      1,
      { ...SD1, largestPixels: 2048 ** 2 },
      rect(1000, 1000, 1024, 1024),
      [size(512, 512), size(1024, 1024)],
    ],
    [
      'all of a canvas that the model is larger than',
      rect(0, 0, 300, 200),
      size(300, 200),
      0,
      2,
      SD1,
      rect(0, 0, 300, 200),
      [size(600, 400)],
    ],
    [
      'on a canvas much smaller than the model: mirrored around',
      rect(10, 10, 20, 20),
      size(60, 60),
      0,
      2,
      SD1,
      rect(-34, -34, 128, 128),
      [size(256, 256)],
    ],
    [
      'on a strip one pixel wide',
      rect(0, 15_000, 1, 40),
      size(1, 30_000),
      32,
      1,
      SD1,
      rect(-127, 14_660, 256, 720),
      [size(256, 720)],
    ],
    [
      'of SDXL, with a coarser factor',
      rect(2000, 1500, 300, 200),
      photo,
      50,
      1,
      { side: 1024, factor: 64 },
      rect(1574, 1184, 1152, 832),
      [size(1152, 832)],
    ],
  ] as const)('%s', (_, mask, canvas, padding, maxUpscale, model, region, passes) => {
    expect(contextRegion(mask, canvas, model, { padding, maxUpscale })).toEqual({ region, passes })
  })

  it('contains the mask, is made of whole cells and is never enlarged too much, on any canvas', () => {
    const side = fc.oneof(
      fc.integer({ min: 1, max: 64 }),
      fc.integer({ min: 1, max: 4000 }),
      fc.constant(30_000),
    )
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        fc.tuple(side, side),
        fc.tuple(part, part, part, part),
        fc.constantFrom(64, 512, 768, 1024),
        fc.constantFrom(8, 16, 64),
        fc.constantFrom(0, 1, 2, 8),
        fc.integer({ min: 0, max: 400 }),
        fc.constantFrom(1, 1.5, 2, 8),
        ([width, height], [px, py, pw, ph], trained, factor, memory, padding, maxUpscale) => {
          const canvas = { width, height }
          const [x, y] = [Math.floor(px * (width - 1)), Math.floor(py * (height - 1))]
          const mask = rect(x, y, 1 + Math.floor(pw * (width - x - 1)), 1 + Math.floor(ph * (height - y - 1)))
          const model = { side: trained, factor, largestPixels: memory * trained ** 2 }
          const { region, passes } = contextRegion(mask, canvas, model, { padding, maxUpscale })

          expect(contains(region, intersect(inflate(mask, padding), rectOf(canvas)))).toBe(true)
          for (const [start, length, whole] of [
            [region.x, region.width, width],
            [region.y, region.height, height],
          ] as const) {
            if (length <= whole) expect(start >= 0 && start + length <= whole).toBe(true)
            else expect(Math.abs(-start - (start + length - whole))).toBeLessThanOrEqual(1)
          }
          for (const [i, pass] of passes.entries()) {
            expect([pass.width % factor, pass.height % factor]).toEqual([0, 0])
            expect(pass.width * pass.height).toBeLessThanOrEqual(trained ** 2 * (i === 0 ? 1 : memory))
            const [across, down] = [pass.width / region.width, pass.height / region.height]
            expect(Math.max(across, down)).toBeLessThanOrEqual(i === 0 ? maxUpscale + 1e-9 : 1)
            const rounding =
              factor / Math.min(pass.width, pass.height) + 1 / Math.min(region.width, region.height)
            expect(Math.abs(Math.log(across / down))).toBeLessThanOrEqual(2 * rounding)
          }
          if (passes.length === 2)
            expect(passes[1].width * passes[1].height).toBeGreaterThan(passes[0].width * passes[0].height)
        },
      ),
      { numRuns: 5000, seed: 20_253 },
    )
  })

  it('needs a mask on the canvas and options that make sense', () => {
    const region = (mask: Rect, padding: number, maxUpscale: number) => () =>
      contextRegion(mask, size(100, 100), SD1, { padding, maxUpscale })
    for (const mask of [rect(0, 0, 0, 0), rect(100, 0, 10, 10), rect(-20, 5, 20, 5)])
      expect(region(mask, 0, 1)).toThrow(expect.objectContaining({ code: 'mask.empty' }))
    for (const [padding, maxUpscale] of [
      [-1, 1],
      [Number.NaN, 1],
      [0, 0.5],
      [0, 1e9],
    ] as const)
      expect(region(rect(0, 0, 5, 5), padding, maxUpscale)).toThrow(
        expect.objectContaining({ code: 'usage' }),
      )
  })
})

test('a mirrored row repeats its ends and turns back, as often as needed', () => {
  const row = (length: number, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => mirroredIndex(from + i, length))
  expect(row(3, -4, 8)).toEqual([2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1])
  expect(row(1, -3, 3)).toEqual([0, 0, 0, 0, 0, 0])
})

describe('the reference’s padding crop', () => {
  it.each([
    ['the golden run with a crop', rect(18, 12, 60, 39), size(96, 64), size(64, 64), 4, rect(14, 0, 68, 64)],
    [
      'a mask with room on all sides',
      rect(100, 100, 20, 10),
      size(400, 300),
      size(512, 512),
      8,
      rect(92, 87, 36, 36),
    ],
    [
      'a tall mask for a wide picture',
      rect(40, 10, 10, 40),
      size(60, 60),
      size(128, 64),
      0,
      rect(0, 10, 60, 40),
    ],
    ['a mask over all', rect(0, 0, 50, 20), size(50, 20), size(64, 64), 10, rect(0, 0, 50, 20)],
  ] as const)('%s', (_, mask, canvas, target, padding, expected) => {
    expect(paddingCrop(mask, canvas, target, padding)).toEqual(expected)
  })

  it('is fitted inside the picture that the model makes', () => {
    expect(fittedInside(size(68, 64), size(64, 64))).toEqual(rect(0, 2, 64, 60))
    expect(fittedInside(size(32, 64), size(64, 64))).toEqual(rect(16, 0, 32, 64))
    expect(fittedInside(size(64, 64), size(64, 64))).toEqual(rect(0, 0, 64, 64))
  })
})
