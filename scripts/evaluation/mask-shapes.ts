/**
 * Random holes of the kinds that the training draws (models/training/inlay_training/masks.py): thick strokes and boxes after
 * LaMa's generator (Suvorov et al., WACV 2022), smooth blobs, scratches, and bands along a border.
 *
 * Invariant: a mask is side * side bytes of 0 and 255 (hole), and depends on the draws alone. Lengths grow with the side,
 * except those of scratches.
 */
import type { Seeded } from './seeded.ts'

export const KINDS = { thick, blob, thin, band } as const
export type Kind = keyof typeof KINDS
type Span = readonly [number, number]

/** Shares of the kinds, as the decoder was trained. */
const MIXTURE: readonly (readonly [Kind, number])[] = [
  ['thick', 0.6],
  ['blob', 0.17],
  ['thin', 0.17],
  ['band', 0.06],
]

/** Less of the picture is no hole to speak of. */
const LEAST = 0.005
const MOST_DRAWS = 10_000

/** A mask that covers more than `from` and at most `to` of the picture. @throws Error where none is found */
export function drawMask(random: Seeded, side: number, { from, to }: { from: number; to: number }) {
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const kind = drawKind(random)
    const mask = KINDS[kind](random, side)
    const coverage = mask.reduce((count, value) => count + (value > 0 ? 1 : 0), 0) / mask.length
    if (coverage > Math.max(from, LEAST) && coverage <= to) return { kind, mask }
  }
  throw new Error(`no mask covers ${from} to ${to} of a picture`)
}

function drawKind(random: Seeded): Kind {
  let choice = random.unit()
  for (const [kind, share] of MIXTURE) {
    choice -= share
    if (choice < 0) return kind
  }
  return 'thick'
}

/** Strokes (10 of 13) or boxes (3 of 13) that cover at most 60 %. */
function thick(random: Seeded, side: number): Uint8Array {
  const scale = side / 256
  for (;;) {
    const mask =
      random.unit() < 10 / 13
        ? strokes(random, side, random.whole(1, 6), [5 * scale, 105 * scale], [10 * scale, 210 * scale])
        : boxes(random, side)
    if (mask.filter((value) => value > 0).length <= 0.6 * mask.length) return mask
  }
}

/** Scratches and wires, 3 to 12 pixels wide. */
function thin(random: Seeded, side: number): Uint8Array {
  return strokes(random, side, random.whole(1, 3), [3, 12], [side / 8, side / 2])
}

/** Smooth noise above a threshold: the shape of an object. */
function blob(random: Seeded, side: number): Uint8Array {
  const cells = random.whole(3, 6)
  const noise = Float64Array.from({ length: cells * cells }, () => random.normal())
  const field = Float64Array.from({ length: side * side }, (_, i) => {
    const at = (pixel: number) => (pixel * (cells - 1)) / (side - 1)
    return interpolated(noise, cells, at(i % side), at(Math.floor(i / side)))
  })
  const sorted = Float64Array.from(field).sort()
  const threshold = sorted[Math.floor(random.between(0.5, 0.9) * (sorted.length - 1))]!
  return Uint8Array.from(field, (value) => (value > threshold ? 255 : 0))
}

/** Along one border, as a picture is made larger. */
function band(random: Seeded, side: number): Uint8Array {
  const depth = random.whole(Math.floor(side / 8), Math.floor(side / 2) - 1)
  const border = random.whole(0, 3)
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)]
    return [x, y, side - 1 - x, side - 1 - y][border]! < depth ? 255 : 0
  })
}

/** One to three rectangles of 30 to 150 pixels (of 256), 10 off the border. */
function boxes(random: Seeded, side: number): Uint8Array {
  const mask = new Uint8Array(side * side)
  const margin = Math.floor((10 * side) / 256)
  const most = Math.min(Math.floor((150 * side) / 256), side - 2 * margin)
  const least = Math.min(Math.floor((30 * side) / 256), most)
  for (let count = random.whole(1, 3); count > 0; count--) {
    const [width, height] = [random.whole(least, most), random.whole(least, most)]
    const x = random.whole(margin, side - margin - width)
    const y = random.whole(margin, side - margin - height)
    for (let row = y; row < y + height; row++) mask.fill(255, row * side + x, row * side + x + width)
  }
  return mask
}

/** Polylines of one to five segments, each of a width and length drawn anew. */
function strokes(random: Seeded, side: number, count: number, width: Span, length: Span): Uint8Array {
  const mask = new Uint8Array(side * side)
  const inside = (value: number) => Math.min(side - 1, Math.max(0, value))
  for (let stroke = 0; stroke < count; stroke++) {
    let point: Span = [random.between(0, side), random.between(0, side)]
    for (let left = random.whole(1, 5); left > 0; left--) {
      const angle = random.between(0, 2 * Math.PI)
      const step = random.between(...length)
      const end: Span = [inside(point[0] + step * Math.sin(angle)), inside(point[1] + step * Math.cos(angle))]
      drawSegment(mask, side, point, end, random.between(...width))
      point = end
    }
  }
  return mask
}

/** Every pixel within half the width of the segment: round ends. */
function drawSegment(mask: Uint8Array, side: number, from: Span, to: Span, width: number): void {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
  const squared = dx * dx + dy * dy
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const along = squared === 0 ? 0 : ((x - from[0]) * dx + (y - from[1]) * dy) / squared
      const t = Math.min(1, Math.max(0, along))
      if (Math.hypot(x - from[0] - t * dx, y - from[1] - t * dy) <= width / 2) mask[y * side + x] = 255
    }
}

function interpolated(noise: Float64Array, cells: number, x: number, y: number): number {
  const [left, top] = [Math.min(cells - 2, Math.floor(x)), Math.min(cells - 2, Math.floor(y))]
  const [u, v] = [x - left, y - top]
  const at = (column: number, row: number) => noise[row * cells + column]!
  const along = (row: number) => at(left, row) * (1 - u) + at(left + 1, row) * u
  return along(top) * (1 - v) + along(top + 1) * v
}
