/**
 * How much each patch's opinion counts.
 *
 * Invariant: weights are above 0, so every hole pixel under at least one patch gets a colour.
 */
import type { Layout } from './layout.ts'
import type { Level } from './level.ts'

const ENTRIES = 256
const LEAST = 1e-6
/** Weights fall by this factor with each pixel of depth: what is near the known is surer (Wexler et al. 2007, section 3.2). */
const TRUST = 1.3
/** The table covers costs up to this many times the variance. */
const REACH = 16
const SAMPLES = 8192

/** Fills the table of weights by depth. */
export function setTrust(memory: ArrayBufferLike, layout: Layout): void {
  const table = new Float32Array(memory, layout.trustTable, ENTRIES)
  for (let depth = 0; depth < ENTRIES; depth++) table[depth] = TRUST ** -Math.min(128, depth)
}

/**
 * Fills the table of weights by cost: exp(-cost / 2 sigma^2), with sigma^2 the 75th percentile of the costs (Newson et
 * al. 2014, section 3.2) divided by `sharpness`. @returns what to multiply a cost with to get its place in the table
 */
export function setVotes(memory: ArrayBufferLike, layout: Layout, level: Level, sharpness: number): number {
  const table = new Float32Array(memory, layout.costTable, ENTRIES)
  const variance = Math.max(1, percentile(level, 0.75)) / sharpness
  for (let i = 0; i < ENTRIES; i++) {
    table[i] = Math.max(LEAST, Math.exp((-(i + 0.5) * REACH) / (2 * ENTRIES)))
  }
  return ENTRIES / (REACH * variance)
}

/** A percentile of the costs, from a sample of at most some thousands. */
function percentile(level: Level, share: number): number {
  const { box, width } = level
  const step = Math.max(1, Math.floor((box.width * box.height) / SAMPLES))
  const sample: number[] = []
  for (let i = 0; i < level.costs.length; i += step) {
    const at = (box.y + Math.floor(i / box.width)) * width + box.x + (i % box.width)
    if (level.depthMap[at] !== 0) sample.push(level.costs[i]!)
  }
  const sorted = Uint32Array.from(sample).sort()
  return sorted[Math.floor(sorted.length * share)] ?? 0
}
