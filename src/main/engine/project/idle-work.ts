/**
 * Work that waits until nobody is editing: compressing tiles and emptying the journal into the file.
 *
 * Invariant: it runs in slices of a few milliseconds on the thread of its session, only after a pause without edits,
 * and never keeps the process alive. Failing is harmless: it is tried again after the next edit.
 */
const PAUSE_MS = 700
const BETWEEN_SLICES_MS = 15

export class IdleWork {
  readonly #slice: () => boolean
  #timer: NodeJS.Timeout | null = null

  /** @param slice does a little and says whether there is more. */
  constructor(slice: () => boolean) {
    this.#slice = slice
  }

  /** An edit was made: starts the pause anew. */
  touch(): void {
    this.#schedule(PAUSE_MS)
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
  }

  #schedule(delay: number): void {
    this.stop()
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (this.#run()) this.#schedule(BETWEEN_SLICES_MS)
    }, delay)
    this.#timer.unref()
  }

  #run(): boolean {
    try {
      return this.#slice()
    } catch {
      return false
    }
  }
}
