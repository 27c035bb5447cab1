/**
 * How much each pixel counts in comparing patches, and each patch in voting.
 *
 * Invariant: weights are above 0, so every hole pixel under at least one patch gets a colour.
 */
import { type Layout, RADIUS } from './layout.ts'
import { isTarget, type Level } from './level.ts'
import { HOLE } from './pyramid.ts'

const ENTRIES = 256
const LEAST = 1e-6
/** Weights fall by this factor with each pixel of depth: what is near the known is surer (Wexler et al. 2007, section 3.2). */
const TRUST = 1.5
/** Deeper than this all count alike: else each side of the hole would grow inwards alone and they would meet in a crease. */
const TRUST_REACH = 6
/** The weights of pixels in a patch cost; the kernel allows 64 at most. */
const FULL_WEIGHT = 64
const LEAST_WEIGHT = 8
const WEIGHT_DECAY = 2.5
/** The table covers costs up to this many times the variance. */
const REACH = 16
const SAMPLES = 8192

/** Fills the table of weights by depth. */
export function setTrust(memory: ArrayBufferLike, layout: Layout): void {
  const table = new Float32Array(memory, layout.trustTable, ENTRIES)
  for (let depth = 0; depth < ENTRIES; depth++) table[depth] = TRUST ** -Math.min(TRUST_REACH, depth)
}

/**
 * Fills the table of weights by cost: exp(-cost / 2 sigma^2), with sigma^2 the 75th percentile of the costs (Newson et
 * al. 2014, section 3.2) divided by `sharpness`. @returns what to multiply a cost with to get its place in the table
 */
export function setVotes(memory: ArrayBufferLike, layout: Layout, level: Level, sharpness: number): number {
  const table = new Float32Array(memory, layout.costTable, ENTRIES)
  const variance = Math.max(0.1, percentile(level, 0.75)) / sharpness
  for (let i = 0; i < ENTRIES; i++) {
    table[i] = Math.max(LEAST, Math.exp((-(i + 0.5) * REACH) / (2 * ENTRIES)))
  }
  return ENTRIES / (REACH * variance)
}

/** A percentile of the weighted mean costs, from a sample of at most some thousands. */
function percentile(level: Level, share: number): number {
  const { box, costs, norms } = level
  const step = Math.max(1, Math.floor((box.width * box.height) / SAMPLES))
  const sample: number[] = []
  for (let i = 0; i < costs.length; i += step) {
    const x = box.x + (i % box.width)
    const y = box.y + Math.floor(i / box.width)
    if (isTarget(level, x, y)) sample.push(costs[i]! * norms[i]!)
  }
  const sorted = Float32Array.from(sample).sort()
  return sorted[Math.floor(sorted.length * share)] ?? 0
}

/**
 * Rows [y0, y1) of the weights by which pixels count in a patch cost: full where known, less with each pixel of depth,
 * so that a patch at the rim is chosen by what is true in it (Wexler et al. 2007, section 3.2); none where unusable.
 */
export function setWeights(level: Level, y0: number, y1: number): void {
  const { width, holeMap, depthMap, weightMap } = level
  const table = Uint8Array.from({ length: ENTRIES }, (_, depth) =>
    Math.max(LEAST_WEIGHT, Math.round(FULL_WEIGHT * WEIGHT_DECAY ** (1 - depth))),
  )
  for (let i = y0 * width; i < y1 * width; i++) {
    const weight = holeMap[i] === HOLE ? table[depthMap[i]!]! : holeMap[i] === 0 ? FULL_WEIGHT : 0
    weightMap.fill(weight, 4 * i, 4 * i + 4)
  }
}

/** Rows [y0, y1) of the box: 1 / the sum of the weights in each patch. */
export function setNorms(level: Level, y0: number, y1: number): void {
  const { width, box, weightMap, norms } = level
  for (let y = box.y + y0; y < box.y + y1; y++) {
    for (let x = box.x; x < box.x + box.width; x++) {
      if (!isTarget(level, x, y)) continue
      let sum = 0
      for (let dy = -RADIUS; dy <= RADIUS; dy++) {
        for (let dx = -RADIUS; dx <= RADIUS; dx++) sum += weightMap[4 * ((y + dy) * width + x + dx)]!
      }
      norms[(y - box.y) * box.width + x - box.x] = 1 / Math.max(1, sum)
    }
  }
}
