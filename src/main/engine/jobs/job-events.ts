/**
 * A job's events as a stream that one reader pulls.
 *
 * Invariant: events come out in order; after the last one, or the error, the stream is over. A reader that leaves early
 * (`return`) is told to `onLeave` at once, even while it waits for an event.
 */
export class JobEvents<T> implements AsyncIterableIterator<T, void, void> {
  readonly #events: T[] = []
  readonly #onLeave: () => void
  #wake: (() => void) | null = null
  #ended = false
  #error: { readonly reason: unknown } | null = null

  constructor(onLeave: () => void) {
    this.#onLeave = onLeave
  }

  push(event: T): void {
    if (this.#ended) return
    this.#events.push(event)
    this.#wake?.()
  }

  /** The last event has been pushed. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  fail(reason: unknown): void {
    if (!this.#ended) this.#error = { reason }
    this.end()
  }

  async next(): Promise<IteratorResult<T, void>> {
    for (;;) {
      const event = this.#events.shift()
      if (event !== undefined) return { done: false, value: event }
      if (this.#error) {
        const { reason } = this.#error
        this.#error = null
        throw reason
      }
      if (this.#ended) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = null
    }
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.#events.length = 0
    this.#error = null
    if (!this.#ended) {
      this.end()
      this.#onLeave()
    }
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
