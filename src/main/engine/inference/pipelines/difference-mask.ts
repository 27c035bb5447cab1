/**
 * Which latent cells two prompts would make differently (Couairon et al., "DiffEdit", 2022, section 3.2, step 1).
 *
 * Invariant: depends on how the difference is spread, not on its size: values above 3 means are cut, the rest is scaled to
 * 0..1 and cut at one half. A difference that is no more than rounding selects nothing.
 */

/** In means of all cells: what lies above counts as this much. */
const MOST = 3
const HALF = 0.5
/** Of the predictions' own size: less is what computing twice may differ by. */
const ROUNDING = 1e-4

/** The differences of several predictions added up: for each cell the sum of all channels' absolute ones. */
export class Differences {
  readonly #sums: Float64Array
  #size = 0

  constructor(cells: number) {
    this.#sums = new Float64Array(cells)
  }

  /** @param one @param other predictions for the same latents */
  add(one: Float32Array, other: Float32Array): void {
    for (const [i, value] of one.entries()) {
      this.#sums[i % this.#sums.length]! += Math.abs(other[i]! - value)
      this.#size += Math.abs(value)
    }
  }

  /** 1 in each cell that the prompts tell apart, 0 elsewhere. */
  mask(): Float32Array {
    const total = this.#sums.reduce((sum, value) => sum + value, 0)
    const most = (MOST * total) / this.#sums.length
    const isRounding = total <= ROUNDING * this.#size
    return Float32Array.from(this.#sums, (sum) => (!isRounding && Math.min(sum, most) / most > HALF ? 1 : 0))
  }
}
