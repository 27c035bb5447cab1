/** How near a filled picture comes to the truth, looked at in the hole and along its rim. */
import { HEIGHT, WIDTH } from './cases.ts'

export interface Score {
  /** Peak signal-to-noise ratio over the hole, decibels. */
  readonly psnr: number
  /** Mean structural similarity of luma around each hole pixel (Wang et al. 2004; 7 x 7 means). */
  readonly ssim: number
  /** Mean |(y_q - y_p) - (x_q - x_p)| over neighbours p kept, q in the hole: what is wrong about the step across the rim. */
  readonly seam: number
}

/** @param truth x @param filled y, both WIDTH * HEIGHT * 3 bytes */
export function score(truth: Uint8Array, filled: Uint8Array, hole: Uint8Array): Score {
  let [square, squares, seam, pairs] = [0, 0, 0, 0]
  for (let q = 0; q < hole.length; q++) {
    if (hole[q] === 0) continue
    for (let c = 0; c < 3; c++) square += (filled[3 * q + c]! - truth[3 * q + c]!) ** 2
    squares += 3
    for (const p of neighbours(q)) {
      if (hole[p]! > 0) continue
      for (let c = 0; c < 3; c++) {
        const [fq, fp, tq, tp] = [
          filled[3 * q + c]!,
          filled[3 * p + c]!,
          truth[3 * q + c]!,
          truth[3 * p + c]!,
        ]
        seam += Math.abs(fq - fp - (tq - tp))
      }
      pairs += 3
    }
  }
  return {
    psnr: 10 * Math.log10(255 ** 2 / (square / squares)),
    ssim: ssim(truth, filled, hole),
    seam: seam / pairs,
  }
}

function neighbours(i: number): number[] {
  const x = i % WIDTH
  const near: number[] = []
  if (x > 0) near.push(i - 1)
  if (x + 1 < WIDTH) near.push(i + 1)
  if (i >= WIDTH) near.push(i - WIDTH)
  if (i + WIDTH < WIDTH * HEIGHT) near.push(i + WIDTH)
  return near
}

const REACH = 3
const C1 = (0.01 * 255) ** 2
const C2 = (0.03 * 255) ** 2

function ssim(truth: Uint8Array, filled: Uint8Array, hole: Uint8Array): number {
  const a = luma(truth)
  const b = luma(filled)
  let sum = 0
  let count = 0
  for (let y = REACH; y < HEIGHT - REACH; y++) {
    for (let x = REACH; x < WIDTH - REACH; x++) {
      if (hole[y * WIDTH + x] === 0) continue
      sum += ssimAt(a, b, x, y)
      count++
    }
  }
  return sum / count
}

function ssimAt(a: Float32Array, b: Float32Array, x: number, y: number): number {
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0]
  const n = (2 * REACH + 1) ** 2
  for (let py = y - REACH; py <= y + REACH; py++) {
    for (let i = py * WIDTH + x - REACH; i <= py * WIDTH + x + REACH; i++) {
      const [va, vb] = [a[i]!, b[i]!]
      sa += va
      sb += vb
      saa += va * va
      sbb += vb * vb
      sab += va * vb
    }
  }
  const [ma, mb] = [sa / n, sb / n]
  const [varA, varB, cov] = [saa / n - ma * ma, sbb / n - mb * mb, sab / n - ma * mb]
  return ((2 * ma * mb + C1) * (2 * cov + C2)) / ((ma * ma + mb * mb + C1) * (varA + varB + C2))
}

/** Rec. 601 luma. */
function luma(rgb: Uint8Array): Float32Array {
  return Float32Array.from(
    { length: rgb.length / 3 },
    (_, i) => 0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!,
  )
}
