import { describe, expect, it } from 'vitest'
import { keptBy, planGeneration } from '../../../src/main/engine/jobs/generation-plan.ts'
import type { Selection } from '../../../src/shared/document/model.ts'
import { DEFAULT_GENERATION, type GenerationRequest } from '../../../src/shared/generation.ts'
import { contains, rectOf } from '../../../src/shared/geometry.ts'
import { seeded } from '../../support/compose-scene.ts'

const canvas = { width: 3000, height: 2000 }
const LIMITS = { side: 512, factor: 8 }

function plan(change: Partial<GenerationRequest>, bounds: Selection['bounds'] | null = null, size = canvas) {
  const selection = bounds && { tiles: {}, bounds }
  return planGeneration({ canvas: size, selection }, { ...DEFAULT_GENERATION, ...change }, LIMITS)
}

describe('what a generation looks at', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('has all that may change in it, seed %d', (seed) => {
    const random = seeded(seed)
    const upTo = (most: number) => 1 + Math.floor(random() * most)
    for (let i = 0; i < 50; i++) {
      const size = { width: upTo(4000), height: upTo(4000) }
      const bounds = {
        x: upTo(size.width) - 1,
        y: upTo(size.height) - 1,
        width: upTo(900),
        height: upTo(900),
      }
      const found = plan({ padding: upTo(300) }, bounds, size)
      expect(found.mask).toBe('selection')
      const right = Math.min(size.width, bounds.x + bounds.width)
      const bottom = Math.min(size.height, bounds.y + bounds.height)
      const changing = { x: bounds.x, y: bounds.y, width: right - bounds.x, height: bottom - bounds.y }
      expect(contains(found.region, changing)).toBe(true)
      expect([found.size.width % 8, found.size.height % 8]).toEqual([0, 0])
      expect(found.size.width * found.size.height).toBeLessThanOrEqual(512 * 512)

      const sides = { left: upTo(300), top: 0, right: random() < 0.5 ? 0 : upTo(300), bottom: upTo(300) }
      const grown = plan({ outpaint: sides }, null, size)
      const kept = keptBy(sides, rectOf(size), grown.overlap)
      const border = [
        { ...grown.frame, width: kept.x - grown.frame.x },
        { ...grown.frame, y: kept.y + kept.height, height: sides.bottom + grown.overlap },
      ]
      for (const part of border) expect(contains(grown.region, part)).toBe(true)
      if (sides.right === 0) expect(kept.x + kept.width).toBe(size.width)
      expect(kept.width).toBeGreaterThan(0)
      expect(kept.height).toBeGreaterThan(0)
    }
  })

  it('is only the new strip and its surroundings where the picture grows on one side', () => {
    const { frame, region, overlap } = plan({ outpaint: { left: 0, top: 0, right: 400, bottom: 0 } })
    expect(frame).toEqual({ x: 0, y: 0, width: 3400, height: 2000 })
    expect(overlap).toBe(16)
    expect(region.x).toBeGreaterThan(1500)
    expect(region.x + region.width).toBeGreaterThanOrEqual(3400)
  })

  it('is the whole picture without a selection, but for a task that needs one', () => {
    for (const task of ['image-to-image', 'instruct', 'diffedit'] as const)
      expect(plan({ task })).toMatchObject({ mask: 'inferred', region: rectOf(canvas) })
    expect(plan({ task: 'text-to-image' })).toMatchObject({ mask: 'none', region: rectOf(canvas) })
    expect(() => plan({ task: 'inpaint' })).toThrow('Paint over what is to be made anew first')
    expect(() => plan({}, { x: 3000, y: 0, width: 9, height: 9 })).toThrow('Paint over')
  })

  it('has the size that was asked for, in whole cells', () => {
    const found = plan({ task: 'text-to-image', size: { width: 601, height: 300 } })
    expect(found).toMatchObject({ region: { width: 601, height: 300 }, size: { width: 600, height: 304 } })
  })

  it('is never more than twice as fine as the picture', () => {
    const { region, size } = plan({ padding: 8 }, { x: 500, y: 500, width: 20, height: 20 })
    expect(size.width / region.width).toBeLessThanOrEqual(2)
  })
})
