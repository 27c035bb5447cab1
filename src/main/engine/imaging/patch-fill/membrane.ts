/**
 * The smoothest surface through known values: the fill of last resort, the first guess at the coarsest level, and the
 * way a correction spreads from a rim.
 *
 * Invariant: known values stay; each unknown one ends as the mean of its neighbours, nearly. At least one is known.
 */
import type { Level } from './level.ts'
import { HOLE } from './pyramid.ts'

const CHANNELS = 4
/** Successive over-relaxation; good for holes of some tens of cells, which start from a coarser solution anyhow. */
const SWEEPS = 24
const OVER = 1.7

/** Fills the hole of a level. */
export function membrane(level: Level): void {
  const { width, height, holeMap, pixels } = level
  const known = Uint8Array.from(holeMap, (state) => (state === 0 ? 1 : 0))
  const values = Float32Array.from(pixels)
  relax(values, known, width, height)
  for (let i = 0; i < known.length; i++) {
    if (holeMap[i] !== HOLE) continue
    for (let c = 0; c < CHANNELS; c++)
      pixels[CHANNELS * i + c] = Math.max(0, Math.min(255, Math.round(values[CHANNELS * i + c]!)))
  }
}

/**
 * Solves Laplace's equation for the values whose `known` is 0, coarse to fine.
 * @param values 4 channels a cell, changed in place
 */
export function relax(values: Float32Array, known: Uint8Array, width: number, height: number): void {
  const unknown = zerosOf(known)
  if (unknown.length === 0) return
  startFromCoarser(values, known, width, height, unknown)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const i of unknown) {
      const x = i % width
      const left = x > 0 ? i - 1 : i
      const right = x + 1 < width ? i + 1 : i
      const above = i >= width ? i - width : i
      const below = i + width < known.length ? i + width : i
      for (let c = 0; c < CHANNELS; c++) {
        const at = CHANNELS * i + c
        const sum =
          values[CHANNELS * left + c]! +
          values[CHANNELS * right + c]! +
          values[CHANNELS * above + c]! +
          values[CHANNELS * below + c]!
        values[at]! += OVER * (sum / 4 - values[at]!)
      }
    }
  }
}

function zerosOf(flags: Uint8Array): Uint32Array {
  let count = 0
  for (const flag of flags) if (flag === 0) count++
  const places = new Uint32Array(count)
  for (let i = 0, next = 0; i < flags.length; i++) if (flags[i] === 0) places[next++] = i
  return places
}

/** Gives every unknown cell the value of the cell above it in a grid of half the size, solved first. */
function startFromCoarser(
  values: Float32Array,
  known: Uint8Array,
  width: number,
  height: number,
  unknown: Uint32Array,
): void {
  if (width <= 1 && height <= 1) return
  const halfWidth = Math.ceil(width / 2)
  const sums = new Float32Array(halfWidth * Math.ceil(height / 2) * CHANNELS)
  const counts = new Uint8Array(sums.length / CHANNELS)
  const parent = (i: number): number => (Math.floor(i / width) >> 1) * halfWidth + ((i % width) >> 1)
  for (let i = 0; i < known.length; i++) {
    if (known[i] === 0) continue
    const p = parent(i)
    counts[p]! += 1
    for (let c = 0; c < CHANNELS; c++) sums[CHANNELS * p + c]! += values[CHANNELS * i + c]!
  }
  for (let p = 0; p < counts.length; p++) {
    if (counts[p] === 0) continue
    for (let c = 0; c < CHANNELS; c++) sums[CHANNELS * p + c]! /= counts[p]!
    counts[p] = 1
  }
  relax(sums, counts, halfWidth, Math.ceil(height / 2))
  for (const i of unknown)
    for (let c = 0; c < CHANNELS; c++) values[CHANNELS * i + c] = sums[CHANNELS * parent(i) + c]!
}
