/**
 * Where everything lies in the shared memory of one fill.
 *
 * Invariant: a pure function of the context's size and the hole's bounds, so every thread works it out for itself and
 * all agree. Level 0 is full size; each further level is half as wide and high, rounded up. Addresses are multiples of 16.
 */
import { inflate, intersect, type Rect, rectOf, type Size } from '../../../../shared/geometry.ts'

/** A patch reaches this far from its centre on every side: 7 x 7 pixels. */
export const RADIUS = 3
export const PATCH = 2 * RADIUS + 1

/** Words of the control block, see team.ts. */
export const CONTROL_WORDS = 16
const CONTROL_BYTES = 1024
const PAGE = 65536
/** 256 float32 weights by cost, then 256 by depth. */
const TABLE_BYTES = 2048

export interface LevelLayout extends Size {
  /** Address of the block of fields that the kernel reads. */
  readonly block: number
  /** 4 bytes a pixel: red, green, blue, texture. */
  readonly image: number
  /** 1 where a whole patch around the pixel may be copied. */
  readonly valid: number
  /** 0 where the patch around the pixel does not touch the hole, else 1 + the distance to the nearest known pixel, at most 128. */
  readonly depth: number
  /** 0 known, 1 hole, 2 known but unusable. */
  readonly hole: number
  /** Bounds of the patch centres to be matched; the next three hold one word for each of its pixels. */
  readonly box: Rect
  readonly matchA: number
  readonly matchB: number
  readonly cost: number
  /** 4 bytes a pixel: how much each channel counts in a patch cost, 64 at most. */
  readonly weights: number
  /** By box pixel, float32: 1 / the sum of the weights in the patch. */
  readonly norm: number
}

export interface Layout {
  readonly control: number
  readonly costTable: number
  readonly trustTable: number
  /** The request's colours, 3 bytes a pixel. */
  readonly input: number
  readonly levels: readonly LevelLayout[]
  readonly pages: number
}

/** Byte positions of a level block's fields; the kernel has the same list. */
export const LEVEL_FIELDS = [
  'image',
  'width',
  'height',
  'valid',
  'depth',
  'hole',
  'boxX',
  'boxY',
  'boxWidth',
  'matchA',
  'matchB',
  'cost',
  'weights',
  'norm',
] as const

/** Plans the memory for a context of `size` whose hole lies in `bounds`. */
export function planLayout(size: Size, bounds: Rect): Layout {
  let next = 0
  const take = (bytes: number): number => {
    const at = next
    next += Math.ceil(bytes / 16) * 16
    return at
  }
  const control = take(CONTROL_BYTES)
  const costTable = take(TABLE_BYTES)
  const trustTable = costTable + TABLE_BYTES / 2
  const input = take(size.width * size.height * 3)
  const levels: LevelLayout[] = []
  for (let level = 0; ; level++) {
    const scale = 2 ** level
    const width = Math.ceil(size.width / scale)
    const height = Math.ceil(size.height / scale)
    if (level > 0 && Math.min(width, height) < 2 * PATCH) break
    const box = intersect(inflate(shrink(bounds, scale), RADIUS), rectOf({ width, height }))
    const pixels = width * height
    const words = box.width * box.height * 4
    levels.push({
      width,
      height,
      box,
      block: take(LEVEL_FIELDS.length * 4),
      // Vectors are read past no patch, but the last pixel of the last row may end a 16-byte read.
      image: take(pixels * 4 + 16),
      valid: take(pixels),
      depth: take(pixels),
      hole: take(pixels),
      matchA: take(words),
      matchB: take(words),
      cost: take(words),
      weights: take(pixels * 4 + 16),
      norm: take(words),
    })
  }
  return { control, costTable, trustTable, input, levels, pages: Math.ceil(next / PAGE) }
}

function shrink(rect: Rect, scale: number): Rect {
  const x = Math.floor(rect.x / scale)
  const y = Math.floor(rect.y / scale)
  return {
    x,
    y,
    width: Math.ceil((rect.x + rect.width) / scale) - x,
    height: Math.ceil((rect.y + rect.height) / scale) - y,
  }
}
