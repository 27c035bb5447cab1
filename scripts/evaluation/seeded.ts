/**
 * Seeded draws for masks and orders.
 *
 * Invariant: what comes out depends on the seed, the stream and how much was drawn before, on nothing else.
 */
import { normalQuantile } from '../../src/main/engine/inference/normal-quantile.ts'
import { philox4x32 } from '../../src/main/engine/inference/random.ts'

export class Seeded {
  readonly #key: Uint32Array
  readonly #stream: number
  #drawn = 0

  /** @param seed @param stream whole numbers of 0 to 2^32 - 1 */
  constructor(seed: number, stream: number) {
    this.#key = Uint32Array.of(seed, 0)
    this.#stream = stream
  }

  /** Above 0, below 1. */
  unit(): number {
    const counter = Uint32Array.of(this.#drawn++, 0, this.#stream, 0)
    philox4x32(counter, this.#key)
    return (counter[0]! + 0.5) / 2 ** 32
  }

  between(low: number, high: number): number {
    return low + this.unit() * (high - low)
  }

  /** A whole number of `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1))
  }

  normal(): number {
    return normalQuantile(this.unit())
  }

  /** In an order of its own (Fisher and Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items]
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.whole(0, i)
      ;[out[i], out[j]] = [out[j]!, out[i]!]
    }
    return out
  }
}
