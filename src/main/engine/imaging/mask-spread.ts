/**
 * Growing a soft mask with its softness.
 *
 * Invariant: a pixel gets the largest value within reach of it, in steps of 16 (the larger one), and never less than it had.
 */
import type { Mask } from './mask.ts'
import { squaredDistances } from './mask-morphology.ts'
import { createPace, eachRow, type Pace } from './pace.ts'

const STEP = 16

/** @param amount pixels; the result has the rectangle of the mask */
export async function spreadMask(mask: Mask, amount: number, pace: Pace = createPace()): Promise<Mask> {
  const { rect } = mask
  const pixels = Uint8Array.from(mask.pixels)
  const reach = amount * amount
  for (const level of levelsOf(mask)) {
    const far = await squaredDistances(mask, (value) => value > level - STEP, pace)
    await eachRow(rect.height, pace, (y) => {
      for (let i = y * rect.width; i < (y + 1) * rect.width; i++)
        if (far[i]! <= reach && pixels[i]! < level) pixels[i] = level
    })
  }
  return { rect, pixels }
}

/** The steps that occur, the highest first. */
function levelsOf({ pixels }: Mask): number[] {
  const occurs = new Set<number>()
  for (const value of pixels) if (value > 0) occurs.add(Math.min(255, Math.ceil(value / STEP) * STEP))
  return [...occurs].sort((a, b) => b - a)
}
