/**
 * The smoothest surface through the rim of a hole: the fill of last resort, and the first guess at the coarsest level.
 *
 * Invariant: reads known pixels and writes hole pixels only; each hole pixel ends as the mean of its neighbours, nearly.
 */
import type { Level } from './level.ts'
import { HOLE } from './pyramid.ts'

const SWEEPS = 200

/** Fills the hole of a level by an onion peel of means, then Gauss-Seidel sweeps of Laplace's equation. */
export function membrane(level: Level): void {
  const { width, height, box, holeMap, pixels } = level
  const order: number[] = []
  const isKnown = Uint8Array.from(holeMap, (state) => (state === HOLE ? 0 : 1))
  const values = new Float32Array(width * height * 4)
  for (let i = 0; i < isKnown.length; i++) {
    if (isKnown[i] !== 0) for (let c = 0; c < 4; c++) values[4 * i + c] = pixels[4 * i + c]!
  }
  let ring: number[] = []
  for (let y = box.y; y < box.y + box.height; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      const i = y * width + x
      if (isKnown[i] === 0 && around(i, width, height).some((n) => isKnown[n] !== 0)) ring.push(i)
    }
  }
  const seen = new Set(ring)
  while (ring.length > 0) {
    const next: number[] = []
    for (const i of ring)
      mean(
        values,
        i,
        around(i, width, height).filter((n) => isKnown[n] !== 0),
      )
    for (const i of ring) {
      isKnown[i] = 1
      order.push(i)
    }
    for (const i of ring) {
      for (const n of around(i, width, height)) {
        if (isKnown[n] === 0 && !seen.has(n)) {
          seen.add(n)
          next.push(n)
        }
      }
    }
    ring = next
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (const i of order) mean(values, i, around(i, width, height))
  for (const i of order) for (let c = 0; c < 4; c++) pixels[4 * i + c] = Math.round(values[4 * i + c]!)
}

function around(i: number, width: number, height: number): number[] {
  const x = i % width
  const y = (i - x) / width
  const near: number[] = []
  if (x > 0) near.push(i - 1)
  if (x + 1 < width) near.push(i + 1)
  if (y > 0) near.push(i - width)
  if (y + 1 < height) near.push(i + width)
  return near
}

function mean(values: Float32Array, i: number, from: readonly number[]): void {
  for (let c = 0; c < 4; c++) {
    let sum = 0
    for (const n of from) sum += values[4 * n + c]!
    values[4 * i + c] = sum / from.length
  }
}
