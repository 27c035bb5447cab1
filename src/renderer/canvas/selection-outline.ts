/**
 * The outline of a selection: cracks between pixels that are in and pixels that are out.
 *
 * Invariant: pure. Every loop is closed, runs clockwise around what is selected (holes the other way round), has corners
 * only where it turns, and pixels that touch at a corner only are outlined apart. A pixel is in from 128 on.
 */
import type { Point, Rect } from '../../shared/geometry.ts'
import type { TileHash } from '../../shared/ids.ts'
import { mipSide, TILE_SIZE, type TileMap, tileKey, tilesIn } from '../../shared/tiles.ts'

/** A gray8 picture; `origin` is where its first pixel's corner lies in the document, `scale` document pixels a pixel. */
export interface MaskPicture {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
  readonly origin: Point
  readonly scale: number
}

/** x, y, x, y… in document pixels, the last point joined to the first. */
export type Loop = Float64Array

const IN = 128
/** East, south, west, north. */
const STEP_X = [1, 0, -1, 0]
const STEP_Y = [0, 1, 0, -1]

export function traceOutline(mask: MaskPicture): Loop[] {
  const { width, height, data } = mask
  const isIn = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && data[y * width + x]! >= IN
  /** Upper edges (pixel in, pixel above out) that a loop has passed. */
  const passed = new Uint8Array(width * height)
  const loops: Loop[] = []
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      if (data[at]! < IN || passed[at] === 1 || (y > 0 && data[at - width]! >= IN)) continue
      loops.push(follow(x, y))
    }
  }
  return loops

  /** Walks around with the inside on the right, from the upper left corner of a pixel eastwards. */
  function follow(startX: number, startY: number): Loop {
    const corners: number[] = []
    let x = startX
    let y = startY
    let heading = 0
    do {
      if (heading === 0) passed[y * width + x] = 1
      x += STEP_X[heading]!
      y += STEP_Y[heading]!
      const next = turn(x, y, heading)
      if (next !== heading) corners.push(mask.origin.x + x * mask.scale, mask.origin.y + y * mask.scale)
      heading = next
    } while (x !== startX || y !== startY || heading !== 0)
    return Float64Array.from(corners)
  }

  /** At a corner: right when the pixel ahead on the right is out, left when both ahead are in, else straight on. */
  function turn(x: number, y: number, heading: number): number {
    const right = ahead(x, y, heading, 1)
    if (!right) return (heading + 1) % 4
    return ahead(x, y, heading, -1) ? (heading + 3) % 4 : heading
  }

  /** Whether the pixel ahead of the corner, on the right (1) or left (-1) of the heading, is in. */
  function ahead(x: number, y: number, heading: number, side: 1 | -1): boolean {
    const dx = STEP_X[heading]! - STEP_Y[heading]! * side
    const dy = STEP_Y[heading]! + STEP_X[heading]! * side
    return isIn(dx > 0 ? x : x - 1, dy > 0 ? y : y - 1)
  }
}

/** The hashes of a selection's tiles in a region of the document. */
export function hashesIn(tiles: TileMap, region: Rect): TileHash[] {
  return tilesIn(region).flatMap(({ tx, ty }) => tiles[tileKey(tx, ty)] ?? [])
}

/** Puts the tiles of a region together at a mipmap level; a tile without bytes counts as out. */
export function assembleMask(
  tiles: TileMap,
  region: Rect,
  level: number,
  bytes: ReadonlyMap<TileHash, Uint8Array>,
): MaskPicture {
  const places = tilesIn(region)
  const first = places[0]
  const last = places.at(-1)
  if (!first || !last)
    return { width: 0, height: 0, data: new Uint8Array(0), origin: { x: 0, y: 0 }, scale: 1 }
  const side = mipSide(level)
  const width = (last.tx - first.tx + 1) * side
  const height = (last.ty - first.ty + 1) * side
  const data = new Uint8Array(width * height)
  for (const { tx, ty } of places) {
    const hash = tiles[tileKey(tx, ty)]
    const tile = hash && bytes.get(hash)
    if (!tile) continue
    const left = (tx - first.tx) * side
    const top = (ty - first.ty) * side
    for (let row = 0; row < side; row++)
      data.set(tile.subarray(row * side, (row + 1) * side), (top + row) * width + left)
  }
  const origin = { x: first.tx * TILE_SIZE, y: first.ty * TILE_SIZE }
  return { width, height, data, origin, scale: TILE_SIZE / side }
}
