/**
 * Normals for latents, from a seed: the same on every machine, for every candidate its own.
 *
 * Invariant: element i of a draw depends on the seed, the candidate, the number of the draw in its run and i, on nothing
 * else: not on how many are drawn, nor on which draws came before. Bits come from the counter-based Philox4x32-10 (Salmon
 * et al., "Parallel Random Numbers: As Easy as 1, 2, 3", 2011), each 32 of them one number in (0, 1), which Wichura's
 * AS 241 turns into a normal. Everything is integer arithmetic and IEEE additions, products, quotients and square roots,
 * of which each has one right result; the one logarithm, in the tails, is made of those as well.
 */
import { InlayError } from '../../../shared/errors.ts'
import { normalQuantile } from './normal-quantile.ts'

const ROUNDS = 10
const [MULTIPLIER_0, MULTIPLIER_1] = [0xd2511f53, 0xcd9e8d57]
const [KEY_STEP_0, KEY_STEP_1] = [0x9e3779b9, 0xbb67ae85]

export interface RandomStream {
  /** A whole number of 0 to 2^53 - 1. */
  readonly seed: number
  /** Which of the candidates of one request, from 0. */
  readonly candidate: number
  /** Which draw of the candidate's run, from 0: starting noise, posteriors, fresh noise of steps. */
  readonly draw: number
}

/**
 * Standard normals, at most 6.3 away from 0.
 * @throws InlayError `usage` for a seed that is no whole number of its range
 */
export function normals({ seed, candidate, draw }: RandomStream, count: number): Float32Array {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new InlayError('usage', `The seed ${seed} cannot be used; give a whole number from 0 to 2^53 - 1.`)
  const key = Uint32Array.of(seed % 2 ** 32, seed / 2 ** 32)
  const values = new Float32Array(count)
  const counter = new Uint32Array(4)
  for (let i = 0; i < count; i += 4) {
    const block = i / 4
    counter.set([block % 2 ** 32, block / 2 ** 32, draw, candidate])
    philox4x32(counter, key)
    for (let k = 0; k < 4 && i + k < count; k++) values[i + k] = normalQuantile((counter[k]! + 0.5) / 2 ** 32)
  }
  return values
}

/** Ten rounds on four words, in place, with a key of two. */
export function philox4x32(counter: Uint32Array, key: Uint32Array): void {
  let [c0, c1, c2, c3] = counter as unknown as [number, number, number, number]
  let [k0, k1] = key as unknown as [number, number]
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highProduct(MULTIPLIER_0, c0)
    const low0 = Math.imul(MULTIPLIER_0, c0)
    const high1 = highProduct(MULTIPLIER_1, c2)
    const low1 = Math.imul(MULTIPLIER_1, c2)
    c0 = high1 ^ c1 ^ k0
    c1 = low1
    c2 = high0 ^ c3 ^ k1
    c3 = low0
    k0 = (k0 + KEY_STEP_0) | 0
    k1 = (k1 + KEY_STEP_1) | 0
  }
  counter.set([c0, c1, c2, c3])
}

/** The upper 32 bits of a product of two unsigned words, from products of their halves. */
function highProduct(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff]
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 2 ** 16)
  const carry = aLow * bHigh + (middle % 2 ** 16)
  return aHigh * bHigh + Math.floor(middle / 2 ** 16) + Math.floor(carry / 2 ** 16)
}
