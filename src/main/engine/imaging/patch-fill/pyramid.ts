/**
 * The pyramid under a fill: colours, texture, hole and source maps at every level.
 *
 * Invariant: hole and unusable pixels never enter a mean, so no level shows anything of what is to be removed. Each function writes
 * only the rows it is given and reads only what an earlier phase wrote.
 */
import { PATCH, RADIUS } from './layout.ts'
import type { Level } from './level.ts'

const TEXTURE_RADIUS = 4
const TEXTURE_GAIN = 4
export const HOLE = 1
const UNUSABLE = 2
const DEEPEST = 128

/** Rows [y0, y1) of level 0: colours from the request. */
export function loadColours(level: Level, rgb: Uint8Array, y0: number, y1: number): void {
  const pixels = level.pixels
  for (let i = y0 * level.width; i < y1 * level.width; i++) {
    pixels[4 * i] = rgb[3 * i]!
    pixels[4 * i + 1] = rgb[3 * i + 1]!
    pixels[4 * i + 2] = rgb[3 * i + 2]!
  }
}

/**
 * Rows [y0, y1) of the fourth channel: the mean absolute gradient of green over 9 x 9 pixels, at this level or a finer one,
 * whichever is more. Matching it besides the colours keeps texture from being replaced by its mean (Newson et al. 2014,
 * section 3.3); looking at every scale finds it in photographs of any size.
 */
export function addTexture(level: Level, y0: number, y1: number): void {
  const { width, height, pixels, holeMap } = level
  const top = Math.max(0, y0 - TEXTURE_RADIUS)
  const bottom = Math.min(height, y1 + TEXTURE_RADIUS)
  const sums = new Uint32Array((bottom - top) * width)
  const counts = new Uint8Array((bottom - top) * width)
  const gradient = new Int32Array(width)
  for (let y = top; y < bottom; y++) {
    for (let x = 0; x < width; x++) gradient[x] = gradientAt(pixels, holeMap, x, y, width, height)
    let sum = 0
    let count = 0
    for (let x = -TEXTURE_RADIUS; x < width; x++) {
      const enters = x + TEXTURE_RADIUS < width ? gradient[x + TEXTURE_RADIUS]! : -1
      if (enters >= 0) {
        sum += enters
        count++
      }
      const leaves = x - TEXTURE_RADIUS - 1 >= 0 ? gradient[x - TEXTURE_RADIUS - 1]! : -1
      if (leaves >= 0) {
        sum -= leaves
        count--
      }
      if (x < 0) continue
      sums[(y - top) * width + x] = sum
      counts[(y - top) * width + x] = count
    }
  }
  const columnSums = new Float64Array(width)
  const columnCounts = new Int32Array(width)
  const add = (row: number, sign: number): void => {
    if (row < top || row >= bottom) return
    for (let x = 0; x < width; x++) {
      columnSums[x]! += sign * sums[(row - top) * width + x]!
      columnCounts[x]! += sign * counts[(row - top) * width + x]!
    }
  }
  for (let row = y0 - TEXTURE_RADIUS; row < y0 + TEXTURE_RADIUS; row++) add(row, 1)
  for (let y = y0; y < y1; y++) {
    add(y + TEXTURE_RADIUS, 1)
    for (let x = 0; x < width; x++) {
      const mean = columnSums[x]! / Math.max(1, columnCounts[x]!)
      const at = 4 * (y * width + x) + 3
      pixels[at] = Math.max(pixels[at]!, Math.min(255, Math.round(mean * TEXTURE_GAIN)))
    }
    add(y - TEXTURE_RADIUS, -1)
  }
}

/** Half the sum of the two absolute differences at a pixel, or -1 where one of the three pixels is hole or unusable. */
function gradientAt(
  pixels: Uint8Array,
  holeMap: Uint8Array,
  x: number,
  y: number,
  width: number,
  height: number,
): number {
  if (x + 1 >= width || y + 1 >= height) return -1
  const at = y * width + x
  if (holeMap[at] !== 0 || holeMap[at + 1] !== 0 || holeMap[at + width] !== 0) return -1
  const here = pixels[4 * at + 1]!
  const right = pixels[4 * at + 5]!
  const below = pixels[4 * (at + width) + 1]!
  return (Math.abs(right - here) + Math.abs(below - here)) >> 1
}

/** Rows [y0, y1) of `level` from the finer one: means of what is known; hole where at least half is hole, else
 * unusable where anything is.  */
export function reduce(finer: Level, level: Level, y0: number, y1: number): void {
  for (let y = y0; y < y1; y++) {
    for (let x = 0; x < level.width; x++) {
      const at = y * level.width + x
      let [red, green, blue, texture, known, holes, unusable] = [0, 0, 0, 0, 0, 0, 0]
      for (let k = 0; k < 4; k++) {
        const fx = Math.min(finer.width - 1, 2 * x + (k & 1))
        const fy = Math.min(finer.height - 1, 2 * y + (k >> 1))
        const from = fy * finer.width + fx
        const state = finer.holeMap[from]!
        if (state === HOLE) {
          holes++
          continue
        }
        if (state === UNUSABLE) {
          unusable++
          continue
        }
        known++
        red += finer.pixels[4 * from]!
        green += finer.pixels[4 * from + 1]!
        blue += finer.pixels[4 * from + 2]!
        texture += finer.pixels[4 * from + 3]!
      }
      level.holeMap[at] = holes >= 2 ? HOLE : unusable > 0 ? UNUSABLE : 0
      if (known === 0) continue
      level.pixels[4 * at] = Math.round(red / known)
      level.pixels[4 * at + 1] = Math.round(green / known)
      level.pixels[4 * at + 2] = Math.round(blue / known)
      level.pixels[4 * at + 3] = Math.round(texture / known)
    }
  }
}

/**
 * Rows [y0, y1) of the map of patch centres that may be copied: the whole patch inside the picture, known and usable.
 */
export function mapSources(level: Level, y0: number, y1: number): void {
  countAround(
    level,
    y0,
    y1,
    (state) => state !== 0,
    (x, y, bad) => {
      const inside =
        x >= RADIUS && y >= RADIUS && x < level.width - RADIUS && y < level.height - RADIUS && bad === 0
      level.validMap[y * level.width + x] = inside ? 1 : 0
    },
  )
}

/**
 * Rows [y0, y1) of the depth map: 1 where the patch around the pixel touches the hole, else 0; `measureDepth` does the
 * hole itself.
 */
export function mapTargets(level: Level, y0: number, y1: number): void {
  countAround(
    level,
    y0,
    y1,
    (state) => state === HOLE,
    (x, y, holes) => {
      level.depthMap[y * level.width + x] = holes > 0 ? 1 : 0
    },
  )
}

/** Calls `put` for the pixels of rows [y0, y1) with how many pixels of the patch around it `counts`. */
function countAround(
  level: Level,
  y0: number,
  y1: number,
  counts: (state: number) => boolean,
  put: (x: number, y: number, count: number) => void,
): void {
  const { width, height, holeMap } = level
  const flags = Uint8Array.from([0, 1, 2], (state) => (counts(state) ? 1 : 0))
  const columns = new Int32Array(width)
  const add = (row: number, sign: number): void => {
    if (row < 0 || row >= height) return
    for (let x = 0; x < width; x++) columns[x]! += sign * flags[holeMap[row * width + x]!]!
  }
  for (let row = y0 - RADIUS; row < y0 + RADIUS; row++) add(row, 1)
  for (let y = y0; y < y1; y++) {
    add(y + RADIUS, 1)
    let count = 0
    for (let x = 0; x < Math.min(RADIUS, width); x++) count += columns[x]!
    for (let x = 0; x < width; x++) {
      if (x + RADIUS < width) count += columns[x + RADIUS]!
      if (x - RADIUS - 1 >= 0) count -= columns[x - RADIUS - 1]!
      put(x, y, count)
    }
    add(y - RADIUS, -1)
  }
}

/**
 * Replaces the 1s of the depth map inside the hole by 1 + the chessboard distance to the nearest known pixel (two
 * passes of the chamfer transform). @returns the greatest distance
 */
export function measureDepth(level: Level): number {
  const { width, height, box, holeMap, depthMap } = level
  const distance = new Uint16Array(width * (box.height + 2)).fill(0)
  const row = (y: number): number => (y - box.y + 1) * width
  let deepest = 0
  const relax = (x: number, y: number, back: number): void => {
    if (holeMap[y * width + x] !== HOLE) return
    const at = row(y) + x
    let near = back > 0 ? 0xffff : distance[at]!
    for (let dx = -1; dx <= 1; dx++) {
      const nx = x + dx
      const ny = y - back
      if (nx >= 0 && nx < width && ny >= 0 && ny < height) near = Math.min(near, distance[row(ny) + nx]! + 1)
    }
    const nx = x - back
    if (nx >= 0 && nx < width) near = Math.min(near, distance[row(y) + nx]! + 1)
    distance[at] = near
    if (back < 0) {
      deepest = Math.max(deepest, near)
      depthMap[y * width + x] = Math.min(DEEPEST, 1 + near)
    }
  }
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) relax(x, y, 1)
  }
  for (let y = box.y + box.height - 1; y >= box.y; y--) {
    for (let x = box.x + box.width - 1; x >= box.x; x--) relax(x, y, -1)
  }
  return deepest
}

/** How many patch centres may be copied from. */
export function countSources(level: Level): number {
  let count = 0
  for (const flag of level.validMap) count += flag
  return count
}

/** A level is of use when it has a few hundred sources to choose from. */
export const LEAST_SOURCES = 4 * PATCH * PATCH
