/**
 * Events as a stream that one reader pulls.
 *
 * Invariant: events come out in the order they were pushed, none is lost, and the stream ends when its signal fires, when it
 * is closed or when it fails. A generator that waits forever could not be ended from outside; this can.
 */
export class EventQueue<T> implements AsyncIteratorObject<T, void, void> {
  readonly #events: T[] = []
  readonly #onEnd: () => void
  #wake: (() => void) | undefined
  #ended = false
  #failure: { readonly error: unknown } | undefined

  /** `onEnd` is called once, however the stream ends: unsubscribe there. */
  constructor(signal: AbortSignal | undefined, onEnd: () => void = () => {}) {
    this.#onEnd = onEnd
    if (signal?.aborted) queueMicrotask(() => this.close())
    else signal?.addEventListener('abort', () => this.close(), { once: true })
  }

  push(event: T): void {
    if (this.#ended) return
    this.#events.push(event)
    this.#wake?.()
  }

  /** Ends the stream with an error, after the events that are waiting. */
  fail(error: unknown): void {
    if (!this.#ended) this.#failure = { error }
    this.close()
  }

  close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#wake?.()
    this.#onEnd()
  }

  async next(): Promise<IteratorResult<T, void>> {
    for (;;) {
      const event = this.#events.shift()
      if (event !== undefined) return { done: false, value: event }
      if (this.#failure) throw this.#failure.error
      if (this.#ended) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<T, void>> {
    this.#events.length = 0
    this.close()
    return { done: true, value: undefined }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
