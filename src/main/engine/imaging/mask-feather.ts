/**
 * Soft edges: a Gaussian feather around the outline, and an inner feather that lies wholly inside it.
 *
 * Invariant: results have the rectangle of the input; beyond its edge the edge pixels are taken to go on, so a mask that
 * touches the edge of the canvas stays full there. A result pixel depends on nothing farther away than `featherReach`.
 *
 * The Gaussian is three box blurs, whose widths are chosen after Kovesi, "Fast Almost-Gaussian Filtering" (2010): the
 * time does not depend on the amount.
 */
import { type Mask, uniformValue } from './mask.ts'
import { mapDistances, squaredDistances } from './mask-morphology.ts'
import { createPace, eachRow, type Pace } from './pace.ts'

const PASSES = 3

/** How far a feather of this amount looks, in pixels. */
export function featherReach(amount: number): number {
  return boxRadii(amount).reduce((sum, radius) => sum + radius, 0)
}

/**
 * Softens a mask over about `amount` pixels to either side of its outline (the Gaussian's sigma is half the amount).
 * @param amount 0..250 pixels
 */
export async function featherMask(mask: Mask, amount: number, pace: Pace = createPace()): Promise<Mask> {
  const radii = boxRadii(amount).filter((radius) => radius > 0)
  if (radii.length === 0 || uniformValue(mask.pixels) !== null) return mask
  const { width, height } = mask.rect
  const wide = new Uint16Array(mask.pixels.length)
  await eachRow(height, pace, (y) => {
    for (let i = y * width; i < (y + 1) * width; i++) wide[i] = mask.pixels[i]! * 257
  })
  await blurRows(wide, width, height, radii, pace)
  const turned = await transpose(wide, width, height, pace)
  await blurRows(turned, height, width, radii, pace)
  const back = await transpose(turned, height, width, pace)
  const pixels = new Uint8Array(mask.pixels.length)
  await eachRow(height, pace, (y) => {
    for (let i = y * width; i < (y + 1) * width; i++) pixels[i] = (back[i]! + 128) / 257
  })
  return { rect: mask.rect, pixels }
}

/**
 * A rim that rises from the outline inwards: 0 outside the hole (any value above 0 is hole), 255 from `width` pixels
 * inside on. The edge of the rectangle is no outline. Width 0 gives the hole itself.
 */
export async function innerFeather(hole: Mask, width: number, pace: Pace = createPace()): Promise<Mask> {
  const inside = await squaredDistances(hole, (value) => value === 0, pace)
  const end = Math.ceil((width + 1) ** 2)
  const rim = Uint8Array.from({ length: end + 1 }, (_, squared) => {
    const t = Math.min(1, Math.sqrt(squared) / (width + 1))
    return Math.floor(t * t * (3 - 2 * t) * 255 + 0.5)
  })
  return mapDistances(hole, inside, pace, (squared) => rim[squared < end ? squared : end]!)
}

/** Radii of the boxes whose succession has the Gaussian's variance as closely as whole pixels allow. */
function boxRadii(amount: number): number[] {
  const sigma = amount / 2
  const ideal = Math.sqrt((12 * sigma * sigma) / PASSES + 1)
  const small = 2 * Math.floor((ideal - 1) / 2) + 1
  const count = Math.round(
    (12 * sigma * sigma - PASSES * small * small - 4 * PASSES * small - 3 * PASSES) / (-4 * small - 4),
  )
  return Array.from({ length: PASSES }, (_, pass) => ((pass < count ? small : small + 2) - 1) / 2)
}

async function blurRows(
  plane: Uint16Array,
  width: number,
  height: number,
  radii: readonly number[],
  pace: Pace,
): Promise<void> {
  const copy = new Uint16Array(width)
  await eachRow(height, pace, (y) => {
    const row = plane.subarray(y * width, (y + 1) * width)
    for (const radius of radii) boxBlur(row, copy, radius)
  })
}

/** A running mean over 2 * radius + 1 samples, in place; `copy` is room for the row as it was. */
function boxBlur(row: Uint16Array, copy: Uint16Array, radius: number): void {
  const last = row.length - 1
  copy.set(row)
  const length = 2 * radius + 1
  let sum = copy[0]! * (radius + 1)
  for (let i = 1; i <= radius; i++) sum += copy[Math.min(i, last)]!
  for (let x = 0; x <= last; x++) {
    row[x] = (sum + radius) / length
    const enters = x + radius + 1
    const leaves = x - radius
    sum += copy[enters < last ? enters : last]! - copy[leaves > 0 ? leaves : 0]!
  }
}

/** Rows to columns, in blocks that fit the cache. */
async function transpose(
  plane: Uint16Array,
  width: number,
  height: number,
  pace: Pace,
): Promise<Uint16Array> {
  const turned = new Uint16Array(plane.length)
  const block = 64
  for (let y0 = 0; y0 < height; y0 += block) {
    if (pace.due()) await pace.rest()
    const y1 = Math.min(height, y0 + block)
    for (let x0 = 0; x0 < width; x0 += block) {
      const x1 = Math.min(width, x0 + block)
      for (let x = x0; x < x1; x++)
        for (let y = y0; y < y1; y++) turned[x * height + y] = plane[y * width + x]!
    }
  }
  return turned
}
