/**
 * Numbers that look random and always come out the same.
 *
 * Invariant: 32-bit integer arithmetic only, so every machine and thread agrees.
 */

/** A random whole number from 0 to `below` - 1. */
export type Random = (below: number) => number

/** Mixes two words into one (the finaliser of MurmurHash3 by Appleby). */
export function mix(a: number, b: number): number {
  let h = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b + 0x7f4a7c15, 0x85ebca77)) >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** Marsaglia's xorshift32. */
export function randomFrom(seed: number): Random {
  let state = seed | 1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
