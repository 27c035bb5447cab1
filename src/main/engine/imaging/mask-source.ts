/**
 * Cover that is computed where it is asked for, so that a selection of a hundred megapixels never exists as a plane.
 *
 * Invariant: `read` gives the cover of any rectangle of the document as `Gray`: one number when it is the same all over
 * (then nothing is allocated), otherwise width * height samples, which the reader may keep but not change. Outside
 * `bounds` a source is 0.
 */
import { inflate, intersect, isEmpty, type Point, type Rect, union } from '../../../shared/geometry.ts'
import { TILE_SIZE, type TileMap, tileKey, tileRect, tilesIn } from '../../../shared/tiles.ts'
import { combineCover, cropMask, type Mask, type MaskCombination, sameRect, uniformValue } from './mask.ts'
import type { Pace } from './pace.ts'
import type { TileReader } from './tile-access.ts'

/** 0 or 255 for a uniform area, else its samples row by row. */
export type Gray = 0 | 255 | Uint8Array

export interface MaskSource {
  /** Everything outside is 0. It may be larger than what is really covered. */
  readonly bounds: Rect
  /** How far each pixel looks around itself; whoever reads all of it reads in larger pieces then. */
  readonly reach?: number
  read(rect: Rect, pace: Pace): Promise<Gray>
}

export function grayAt(gray: Gray, index: number): number {
  return typeof gray === 'number' ? gray : gray[index]!
}

/** Samples of a gray area, allocated when it was uniform. */
export function grayPixels(gray: Gray, rect: Rect): Uint8Array {
  return typeof gray === 'number' ? new Uint8Array(rect.width * rect.height).fill(gray) : gray
}

export function compactGray(pixels: Uint8Array): Gray {
  return uniformValue(pixels) ?? pixels
}

/** A rectangle, fully in. */
export function rectSource(bounds: Rect): MaskSource {
  return {
    bounds,
    async read(rect) {
      const common = intersect(bounds, rect)
      if (isEmpty(common)) return 0
      if (sameRect(common, rect)) return 255
      const pixels = new Uint8Array(rect.width * rect.height)
      for (let y = common.y; y < common.y + common.height; y++) {
        const from = (y - rect.y) * rect.width + common.x - rect.x
        pixels.fill(255, from, from + common.width)
      }
      return pixels
    },
  }
}

/** A mask that is in memory already. */
export function maskSource(mask: Mask): MaskSource {
  return {
    bounds: mask.rect,
    read: async (rect) =>
      isEmpty(intersect(mask.rect, rect)) ? 0 : compactGray(cropMask(mask, rect).pixels),
  }
}

/**
 * What gray8 tiles hold, at `offset` in the document. Missing tiles are `outside`.
 * @param bounds nothing outside is read; it is 0
 */
export function tilesSource(
  tiles: TileMap,
  reader: TileReader,
  bounds: Rect,
  { offset = { x: 0, y: 0 }, outside = 0 }: { readonly offset?: Point; readonly outside?: 0 | 255 } = {},
): MaskSource {
  /** What tiles were seen to be uniform: a selection's inside is one tile repeated. */
  const uniform = new Map<string, 0 | 255 | null>()
  const tile = (tx: number, ty: number): Gray => {
    const hash = tiles[tileKey(tx, ty)]
    if (hash === undefined) return outside
    const known = uniform.get(hash)
    if (known === 0 || known === 255) return known
    const pixels = reader.read(hash)
    if (known === null) return pixels
    const value = uniformValue(pixels)
    uniform.set(hash, value)
    return value ?? pixels
  }
  return {
    bounds,
    async read(rect, pace) {
      if (isEmpty(intersect(rect, bounds))) return 0
      const local = { ...rect, x: rect.x - offset.x, y: rect.y - offset.y }
      const parts = tilesIn(local).map(({ tx, ty }) => ({ tx, ty, gray: tile(tx, ty) }))
      const first = parts[0]!.gray
      let result: Gray
      if (typeof first === 'number' && parts.every((part) => part.gray === first)) result = first
      else {
        const pixels = new Uint8Array(rect.width * rect.height)
        for (const part of parts) {
          if (pace.due()) await pace.rest()
          copyTile(part.gray, part.tx, part.ty, local, pixels)
        }
        result = compactGray(pixels)
      }
      return sameRect(intersect(rect, bounds), rect) ? result : limitGray(result, rect, bounds)
    },
  }
}

/** Copies the part of a gray tile that lies in `rect` (in the tile map's own coordinates). */
function copyTile(gray: Gray, tx: number, ty: number, rect: Rect, pixels: Uint8Array): void {
  if (gray === 0) return
  const square = tileRect(tx, ty)
  const common = intersect(square, rect)
  for (let y = common.y; y < common.y + common.height; y++) {
    const to = (y - rect.y) * rect.width + common.x - rect.x
    if (typeof gray === 'number') pixels.fill(gray, to, to + common.width)
    else {
      const from = (y - square.y) * TILE_SIZE + common.x - square.x
      pixels.set(gray.subarray(from, from + common.width), to)
    }
  }
}

function limitGray(gray: Gray, rect: Rect, bounds: Rect): Gray {
  if (gray === 0) return 0
  const cut = cropMask({ rect, pixels: grayPixels(gray, rect) }, intersect(rect, bounds))
  return compactGray(cropMask(cut, rect).pixels)
}

/** Two sources joined. */
export function combineSources(a: MaskSource, b: MaskSource, how: MaskCombination): MaskSource {
  if (how === 'replace') return b
  return {
    bounds:
      how === 'add'
        ? union(a.bounds, b.bounds)
        : how === 'subtract'
          ? a.bounds
          : intersect(a.bounds, b.bounds),
    reach: Math.max(a.reach ?? 0, b.reach ?? 0),
    async read(rect, pace) {
      const one = await a.read(rect, pace)
      const two = await b.read(rect, pace)
      if (typeof one === 'number' && typeof two === 'number') return combineCover(one, two, how) as 0 | 255
      const neutral = how === 'intersect' ? 255 : 0
      if (two === neutral) return one
      if (one === neutral && how !== 'subtract') return two
      if (one === 0 && how !== 'add') return 0
      if (two === 255) return how === 'subtract' ? 0 : 255
      const pixels = new Uint8Array(rect.width * rect.height)
      for (let i = 0; i < pixels.length; i++) pixels[i] = combineCover(grayAt(one, i), grayAt(two, i), how)
      return compactGray(pixels)
    },
  }
}

/** A source turned round inside `bounds`. */
export function invertSource(source: MaskSource, bounds: Rect): MaskSource {
  return combineSources(rectSource(bounds), source, 'subtract')
}

/**
 * A source seen through an operation that looks `reach` pixels around each pixel (grow, shrink, feather). Where nothing
 * but one value is within reach, the value stays and the operation is not run.
 * @param canvas what is read never leaves it: its edge is no outline
 */
export function localSource(
  source: MaskSource,
  canvas: Rect,
  reach: number,
  operation: (mask: Mask, pace: Pace) => Promise<Mask>,
): MaskSource {
  return {
    bounds: intersect(inflate(source.bounds, reach), canvas),
    reach,
    async read(rect, pace) {
      const seen = intersect(inflate(rect, reach), canvas)
      if (isEmpty(seen)) return 0
      const gray = await source.read(seen, pace)
      if (typeof gray === 'number') return limitGray(gray, rect, canvas)
      const done = await operation({ rect: seen, pixels: gray }, pace)
      return compactGray(cropMask(done, rect).pixels)
    },
  }
}
