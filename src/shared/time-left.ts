/**
 * How long something of known size still takes, by how fast it has been lately.
 *
 * Invariant: pure; the caller brings the clock. Says nothing before there is something to go by.
 */

/** Seconds that a measurement counts; what was before fades. */
const MEMORY = 8
/** Seconds to watch before saying anything. */
const FIRST = 1

export class TimeLeft {
  readonly #total: number
  #seen: { readonly done: number; readonly time: number } | undefined
  #began: number | undefined
  #rate = 0

  constructor(total: number) {
    this.#total = total
  }

  /**
   * @param done of the total
   * @param now milliseconds, from any zero
   * @returns seconds, or null while nobody can know
   */
  after(done: number, now: number): number | null {
    this.#began ??= now
    const seen = this.#seen
    if (!seen) {
      this.#seen = { done, time: now }
      return null
    }
    const seconds = (now - seen.time) / 1000
    if (seconds > 0) {
      const rate = (done - seen.done) / seconds
      const weight = this.#rate === 0 ? 1 : 1 - Math.exp(-seconds / MEMORY)
      this.#rate += (rate - this.#rate) * weight
      this.#seen = { done, time: now }
    }
    return this.#rate > 0 && now - this.#began >= FIRST * 1000 ? (this.#total - done) / this.#rate : null
  }
}
