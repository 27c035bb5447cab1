/**
 * Fills what a mask encloses.
 *
 * Invariant: a pixel is enclosed when no path of pixels below half cover, stepping sideways, up or down, leads from it
 * out of the mask's rectangle grown by one pixel. Enclosed pixels become 255; no other pixel changes.
 */

import { inflate } from '../../../shared/geometry.ts'
import { constantMask, cropMask, type Mask } from './mask.ts'
import { createPace, eachRow, type Pace } from './pace.ts'

export async function fillHoles(mask: Mask, pace: Pace = createPace()): Promise<Mask> {
  const framed = cropMask(mask, inflate(mask.rect, 1))
  const outside = await floodFromCorner(framed, pace)
  const filled = constantMask(framed.rect, 0)
  const { width, height } = framed.rect
  await eachRow(height, pace, (y) => {
    for (let i = y * width; i < (y + 1) * width; i++) {
      const value = framed.pixels[i]!
      filled.pixels[i] = value < 128 && outside[i] === 0 ? 255 : value
    }
  })
  return cropMask(filled, mask.rect)
}

/** 1 for every pixel below half cover that is connected with the top left corner; fills whole runs of a row at a time. */
async function floodFromCorner({ rect, pixels }: Mask, pace: Pace): Promise<Uint8Array> {
  const { width, height } = rect
  const reached = new Uint8Array(pixels.length)
  const open = (i: number) => pixels[i]! < 128 && reached[i] === 0
  const stack = [0]
  for (let seed = stack.pop(); seed !== undefined; seed = stack.pop()) {
    if (!open(seed)) continue
    if (pace.due()) await pace.rest()
    const row = seed - (seed % width)
    let left = seed
    let right = seed
    while (left > row && open(left - 1)) left--
    while (right < row + width - 1 && open(right + 1)) right++
    reached.fill(1, left, right + 1)
    for (const next of [left - width, left + width]) {
      if (next < 0 || next >= width * height) continue
      for (let i = next, run = false; i <= next + right - left; i++) {
        const now = open(i)
        if (now && !run) stack.push(i)
        run = now
      }
    }
  }
  return reached
}
