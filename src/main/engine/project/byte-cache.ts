/**
 * A cache of byte arrays with a limit in bytes; the one used longest ago goes first.
 *
 * Invariant: the sum of the lengths never exceeds the limit. Relies on a Map keeping the order of insertion.
 */
export class ByteCache<Key> {
  readonly #limit: number
  readonly #entries = new Map<Key, Uint8Array>()
  #bytes = 0

  /** @param limit in bytes; 0 keeps nothing. */
  constructor(limit: number) {
    this.#limit = limit
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: Key): Uint8Array | undefined {
    const value = this.#entries.get(key)
    if (value) {
      this.#entries.delete(key)
      this.#entries.set(key, value)
    }
    return value
  }

  set(key: Key, value: Uint8Array): void {
    this.delete(key)
    if (value.byteLength > this.#limit) return
    this.#entries.set(key, value)
    this.#bytes += value.byteLength
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#limit) break
      this.delete(oldest)
    }
  }

  delete(key: Key): void {
    const value = this.#entries.get(key)
    if (!value) return
    this.#entries.delete(key)
    this.#bytes -= value.byteLength
  }
}
