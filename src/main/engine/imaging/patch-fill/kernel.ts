// @ts-nocheck: AssemblyScript, compiled by scripts/build-kernel.ts into kernel.generated.ts; not run as TypeScript.
/**
 * The inner loops of the fill: patch distance, patch search (Barnes et al. 2009) and patch voting (Wexler et al. 2007).
 *
 * Invariant: no state between calls and no allocation. All data lies in the shared memory given at instantiation; a call
 * writes only inside the rectangle it was given, so tiles may run on any thread in any order with the same result.
 *
 * A patch is 7 x 7 pixels of four bytes. A row is read as two overlapping vectors (pixels 0-3 and 3-6), so its middle
 * column counts twice: a slight weight to the middle, and no masking.
 */

const R: i32 = 3
const FAR: u32 = 0xffffffff

// Fields of a level block, in bytes from its start; kept equal to `LEVEL_FIELDS` in layout.ts by a test.
const IMAGE: usize = 0
const WIDTH: usize = 4
const HEIGHT: usize = 8
const VALID: usize = 12
const DEPTH: usize = 16
const HOLE: usize = 20
const BOX_X: usize = 24
const BOX_Y: usize = 28
const BOX_WIDTH: usize = 32
const MATCH_A: usize = 36
const MATCH_B: usize = 40
const COST: usize = 44
const WEIGHTS: usize = 48
const NORM: usize = 52

function rowCost(sum: v128, a: usize, b: usize, w: usize): v128 {
  let p = v128.load(a)
  let q = v128.load(b)
  let d = v128.or(i8x16.sub_sat_u(p, q), i8x16.sub_sat_u(q, p))
  let weight = v128.load(w)
  let lo = i16x8.extend_low_i8x16_u(d)
  let hi = i16x8.extend_high_i8x16_u(d)
  let weighted = i32x4.dot_i16x8_s(i16x8.mul(lo, i16x8.extend_low_i8x16_u(weight)), lo)
  sum = i32x4.add(sum, weighted)
  weighted = i32x4.dot_i16x8_s(i16x8.mul(hi, i16x8.extend_high_i8x16_u(weight)), hi)
  sum = i32x4.add(sum, weighted)
  p = v128.load(a, 12)
  q = v128.load(b, 12)
  d = v128.or(i8x16.sub_sat_u(p, q), i8x16.sub_sat_u(q, p))
  weight = v128.load(w, 12)
  lo = i16x8.extend_low_i8x16_u(d)
  hi = i16x8.extend_high_i8x16_u(d)
  weighted = i32x4.dot_i16x8_s(i16x8.mul(lo, i16x8.extend_low_i8x16_u(weight)), lo)
  sum = i32x4.add(sum, weighted)
  weighted = i32x4.dot_i16x8_s(i16x8.mul(hi, i16x8.extend_high_i8x16_u(weight)), hi)
  return i32x4.add(sum, weighted)
}

function total(v: v128): u32 {
  v = i32x4.add(v, i8x16.shuffle(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7))
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1)
}

/**
 * Weighted sum of squared differences of two patches given by their top left bytes, `w` that of the target's weights;
 * gives up early once `limit` is reached. Weights of 64 at most keep a product in 16 and the sum in 32 bits.
 */
function patchCost(a: usize, b: usize, w: usize, stride: usize, limit: u32): u32 {
  let s = i32x4.splat(0)
  s = rowCost(s, a, b, w)
  s = rowCost(s, a + 3 * stride, b + 3 * stride, w + 3 * stride)
  s = rowCost(s, a + 6 * stride, b + 6 * stride, w + 6 * stride)
  if (total(s) >= limit) return FAR
  s = rowCost(s, a + stride, b + stride, w + stride)
  s = rowCost(s, a + 2 * stride, b + 2 * stride, w + 2 * stride)
  s = rowCost(s, a + 4 * stride, b + 4 * stride, w + 4 * stride)
  s = rowCost(s, a + 5 * stride, b + 5 * stride, w + 5 * stride)
  return total(s)
}

function isSource(x: i32, y: i32, width: i32, height: i32, valid: usize): bool {
  return <u32>x < <u32>width && <u32>y < <u32>height && load<u8>(valid + y * width + x) !== 0
}

/**
 * One search pass over the patch centres in [x0, x1) x [y0, y1): keeps, tries what the neighbours found, and
 * tries random places in a shrinking square around the best.
 * Neighbours inside the rectangle that were already visited are read fresh, all others from the pass before.
 * @param level block of the level @param swap 0: from match A to B, 1: from B to A
 * @param backward 1 scans from the last pixel to the first
 * @param radius half the side of the first random square, in pixels; 0 tries none
 */
export function search(
  level: usize,
  swap: i32,
  x0: i32,
  y0: i32,
  x1: i32,
  y1: i32,
  backward: i32,
  radius: i32,
  seed: u32,
): void {
  const image = <usize>load<u32>(level, IMAGE)
  const width = load<i32>(level, WIDTH)
  const height = load<i32>(level, HEIGHT)
  const valid = <usize>load<u32>(level, VALID)
  const depth = <usize>load<u32>(level, DEPTH)
  const boxX = load<i32>(level, BOX_X)
  const boxY = load<i32>(level, BOX_Y)
  const boxWidth = load<i32>(level, BOX_WIDTH)
  const from = <usize>load<u32>(level + (swap ? MATCH_B : MATCH_A))
  const to = <usize>load<u32>(level + (swap ? MATCH_A : MATCH_B))
  const cost = <usize>load<u32>(level, COST)
  const stride = <usize>width * 4
  const corner = image - <usize>(R * (width + 1)) * 4
  const weightCorner = <usize>load<u32>(level, WEIGHTS) - <usize>(R * (width + 1)) * 4
  const step = backward ? -1 : 1
  const firstX = backward ? x1 - 1 : x0
  const firstY = backward ? y1 - 1 : y0
  let random = seed | 1

  for (let ny = y1 - y0, y = firstY; ny > 0; ny--, y += step) {
    for (let nx = x1 - x0, x = firstX; nx > 0; nx--, x += step) {
      const here = y * width + x
      if (load<u8>(depth + here) === 0) continue
      const index = <usize>((y - boxY) * boxWidth + (x - boxX))
      const target = corner + <usize>here * 4
      const trust = weightCorner + <usize>here * 4
      const best = load<u32>(from + index * 4)
      let bx = <i32>(best & 0xffff)
      let by = <i32>(best >> 16)
      let bestCost = patchCost(target, corner + <usize>(by * width + bx) * 4, trust, stride, FAR)

      // Propagation: 0 and 1 are the neighbours behind the scan, 2 and 3 those ahead of it.
      for (let k = 0; k < 4; k++) {
        const side = k < 2 ? -step : step
        const px = k & 1 ? x : x + side
        const py = k & 1 ? y + side : y
        if (<u32>(px - R) >= <u32>(width - 2 * R) || <u32>(py - R) >= <u32>(height - 2 * R)) continue
        if (load<u8>(depth + py * width + px) === 0) continue
        const fresh = k < 2 && px >= x0 && px < x1 && py >= y0 && py < y1
        const found = load<u32>((fresh ? to : from) + <usize>((py - boxY) * boxWidth + (px - boxX)) * 4)
        const cx = <i32>(found & 0xffff) + x - px
        const cy = <i32>(found >> 16) + y - py
        if ((cx === bx && cy === by) || !isSource(cx, cy, width, height, valid)) continue
        const c = patchCost(target, corner + <usize>(cy * width + cx) * 4, trust, stride, bestCost)
        if (c < bestCost) {
          bestCost = c
          bx = cx
          by = cy
        }
      }

      for (let r = radius; r > 0; r >>= 1) {
        random ^= random << 13
        random ^= random >> 17
        random ^= random << 5
        const span = <u32>(2 * r + 1)
        const cx = bx - r + <i32>(((random & 0xffff) * span) >> 16)
        const cy = by - r + <i32>(((random >> 16) * span) >> 16)
        if (!isSource(cx, cy, width, height, valid)) continue
        const c = patchCost(target, corner + <usize>(cy * width + cx) * 4, trust, stride, bestCost)
        if (c < bestCost) {
          bestCost = c
          bx = cx
          by = cy
        }
      }

      store<u32>(to + index * 4, <u32>bx | ((<u32>by) << 16))
      store<u32>(cost + index * 4, bestCost)
    }
  }
}

/**
 * Turns the costs of the rows [y0, y1) of the box into vote weights, in place: a weight falls with the mean cost in the
 * patch and with the depth of its centre.
 * @param table 256 float32: weight of a cost of i / 255 times the range @param scale 255 / range
 * @param trust 256 float32: weight of a patch by the depth of its centre in the hole
 */
export function weigh(level: usize, y0: i32, y1: i32, table: usize, scale: f32, trust: usize): void {
  const width = load<i32>(level, WIDTH)
  const depth = <usize>load<u32>(level, DEPTH)
  const boxX = load<i32>(level, BOX_X)
  const boxY = load<i32>(level, BOX_Y)
  const boxWidth = load<i32>(level, BOX_WIDTH)
  const cost = <usize>load<u32>(level, COST)
  const norm = <usize>load<u32>(level, NORM)
  for (let y = y0; y < y1; y++) {
    for (let x = 0; x < boxWidth; x++) {
      const d = load<u8>(depth + (y + boxY) * width + x + boxX)
      if (d === 0) continue
      const at = cost + <usize>(y * boxWidth + x) * 4
      const i = <u32>(
        min<f32>(255, <f32>load<u32>(at) * load<f32>(norm + <usize>(y * boxWidth + x) * 4) * scale)
      )
      store<f32>(at, load<f32>(table + <usize>i * 4) * load<f32>(trust + <usize>d * 4))
    }
  }
}

/**
 * Sets every hole pixel of [x0, x1) x [y0, y1) to the weighted mean of what the patches over it hold there.
 * Takes match A and the weights that `weigh` left.
 */
export function vote(level: usize, x0: i32, y0: i32, x1: i32, y1: i32): void {
  const image = <usize>load<u32>(level, IMAGE)
  const width = load<i32>(level, WIDTH)
  const height = load<i32>(level, HEIGHT)
  const hole = <usize>load<u32>(level, HOLE)
  const boxX = load<i32>(level, BOX_X)
  const boxY = load<i32>(level, BOX_Y)
  const boxWidth = load<i32>(level, BOX_WIDTH)
  const matches = <usize>load<u32>(level, MATCH_A)
  const weights = <usize>load<u32>(level, COST)
  for (let y = y0; y < y1; y++) {
    const top = max(y - R, R)
    const bottom = min(y + R, height - 1 - R)
    for (let x = x0; x < x1; x++) {
      const here = y * width + x
      if (load<u8>(hole + here) !== 1) continue
      const left = max(x - R, R)
      const right = min(x + R, width - 1 - R)
      let sum = f32x4.splat(0)
      let weight: f32 = 0
      for (let py = top; py <= bottom; py++) {
        let index = <usize>((py - boxY) * boxWidth + (left - boxX)) * 4
        for (let px = left; px <= right; px++, index += 4) {
          const found = load<u32>(matches + index)
          const sx = <i32>(found & 0xffff) + x - px
          const sy = <i32>(found >> 16) + y - py
          const w = load<f32>(weights + index)
          const bytes = v128.load32_zero(image + <usize>(sy * width + sx) * 4)
          const colour = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)))
          sum = f32x4.add(sum, f32x4.mul(colour, f32x4.splat(w)))
          weight += w
        }
      }
      if (weight <= 0) continue
      const mean = f32x4.add(f32x4.mul(sum, f32x4.splat(1 / weight)), f32x4.splat(0.5))
      const words = i32x4.trunc_sat_f32x4_u(mean)
      const shorts = i16x8.narrow_i32x4_u(words, words)
      const bytes = i8x16.narrow_i16x8_u(shorts, shorts)
      store<u32>(image + <usize>here * 4, i32x4.extract_lane(bytes, 0))
    }
  }
}
