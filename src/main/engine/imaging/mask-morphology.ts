/**
 * Distances, and what follows from them: grow and shrink by exact Euclidean distance.
 *
 * Invariant: results have the rectangle of the input and are exact for every pixel whose neighbourhood (as far as the
 * amount reaches) lies in it; the edge of the rectangle itself is no boundary, so a mask that touches the edge of the
 * canvas is not shrunk from there. Time is linear in the pixels, whatever the amount.
 *
 * Distance transform: a scan per column, then the lower envelope of parabolas per row, after Felzenszwalb and
 * Huttenlocher, "Distance Transforms of Sampled Functions" (2012).
 */
import type { Mask } from './mask.ts'
import { createPace, eachRow, type Pace } from './pace.ts'

/** Stands for "nowhere near": larger than any squared distance that matters, small enough to add to. */
export const FAR = 0x3fffffff

/** Column distances are cut here, so that their squares stay below `FAR`. */
const FAR_COLUMN = 32_767

/**
 * The squared distance, in pixels, from every pixel's centre to the centre of the nearest seed; `FAR` without any.
 * @param seed whether a sample is a seed
 */
export async function squaredDistances(
  mask: Mask,
  seed: (value: number) => boolean,
  pace: Pace = createPace(),
): Promise<Int32Array> {
  const { width, height } = mask.rect
  const isSeed = Uint8Array.from({ length: 256 }, (_, value) => (seed(value) ? 1 : 0))
  const field = await columnDistances(mask, isSeed, pace)
  const row = new Float64Array(width)
  const envelope = { vertex: new Int32Array(width), start: new Float64Array(width + 1) }
  await eachRow(height, pace, (y) => rowDistances(field, y * width, row, envelope))
  return field
}

/** Distance to the nearest seed in the same column. */
async function columnDistances(mask: Mask, isSeed: Uint8Array, pace: Pace): Promise<Int32Array> {
  const { width, height } = mask.rect
  const field = new Int32Array(width * height)
  await eachRow(height, pace, (y) => {
    for (let x = 0, i = y * width; x < width; x++, i++) {
      if (isSeed[mask.pixels[i]!] === 1) field[i] = 0
      else field[i] = y === 0 ? FAR_COLUMN : Math.min(FAR_COLUMN, field[i - width]! + 1)
    }
  })
  await eachRow(height - 1, pace, (up) => {
    const y = height - 2 - up
    for (let x = 0, i = y * width; x < width; x++, i++) {
      const below = field[i + width]! + 1
      if (below < field[i]!) field[i] = below
    }
  })
  return field
}

/** Replaces one row of column distances by squared distances in the plane. */
function rowDistances(
  field: Int32Array,
  offset: number,
  row: Float64Array,
  { vertex, start }: { readonly vertex: Int32Array; readonly start: Float64Array },
): void {
  const width = row.length
  let last = -1
  for (let x = 0; x < width; x++) {
    const column = field[offset + x]!
    row[x] = column * column
    if (column >= FAR_COLUMN) continue
    const height = row[x]! + x * x
    let cross = -Infinity
    while (last >= 0) {
      const v = vertex[last]!
      cross = (height - row[v]! - v * v) / (2 * (x - v))
      if (cross > start[last]!) break
      last--
      cross = -Infinity
    }
    last++
    vertex[last] = x
    start[last] = cross
  }
  if (last < 0) {
    field.fill(FAR, offset, offset + width)
    return
  }
  start[last + 1] = Infinity
  let parabola = 0
  for (let x = 0; x < width; x++) {
    while (start[parabola + 1]! < x) parabola++
    const away = x - vertex[parabola]!
    field[offset + x] = Math.min(FAR, away * away + row[vertex[parabola]!]!)
  }
}

/** Marks every pixel within `amount` of a pixel above 0: 255 there, 0 elsewhere. The hole of a removal. */
export async function growHole(mask: Mask, amount: number, pace: Pace = createPace()): Promise<Mask> {
  const far = await squaredDistances(mask, (value) => value > 0, pace)
  const reach = amount * amount
  return mapDistances(mask, far, pace, (squared) => (squared <= reach ? 255 : 0))
}

/** Moves the outline (at half cover) outwards by `amount` pixels; the new edge is antialiased. Never takes cover away. */
export async function growMask(mask: Mask, amount: number, pace: Pace = createPace()): Promise<Mask> {
  const far = await squaredDistances(mask, (value) => value >= 128, pace)
  const edge = edgeTable(amount)
  const end = edge.length - 1
  return mapDistances(mask, far, pace, (squared, value) => {
    const cover = edge[squared < end ? squared : end]!
    return cover > value ? cover : value
  })
}

/** Moves the outline (at half cover) inwards by `amount` pixels; the new edge is antialiased. Never adds cover. */
export async function shrinkMask(mask: Mask, amount: number, pace: Pace = createPace()): Promise<Mask> {
  const far = await squaredDistances(mask, (value) => value < 128, pace)
  const edge = edgeTable(amount)
  const end = edge.length - 1
  return mapDistances(mask, far, pace, (squared, value) => {
    const cover = 255 - edge[squared < end ? squared : end]!
    return cover < value ? cover : value
  })
}

/** A mask made from distances and what was there, row by row. */
export async function mapDistances(
  { rect, pixels }: Mask,
  far: Int32Array,
  pace: Pace,
  cover: (squared: number, value: number) => number,
): Promise<Mask> {
  const out = new Uint8Array(pixels.length)
  await eachRow(rect.height, pace, (y) => {
    const end = (y + 1) * rect.width
    for (let i = y * rect.width; i < end; i++) out[i] = cover(far[i]!, pixels[i]!)
  })
  return { rect, pixels: out }
}

/** Cover by squared distance from the old outline's pixels: 255 up to the amount, then falling over one pixel to 0. */
function edgeTable(amount: number): Uint8Array {
  const end = Math.ceil((amount + 1) ** 2) + 1
  return Uint8Array.from({ length: end + 1 }, (_, squared) => {
    const cover = Math.min(1, Math.max(0, amount + 1 - Math.sqrt(squared)))
    return squared === end ? 0 : Math.floor(cover * 255 + 0.5)
  })
}
