/**
 * How much memory open networks may take together, and which of them goes first.
 *
 * Invariant: whoever opens a network asks here first. The least recently used go until the new one fits; one that is larger
 * than the whole budget is let in alone, since whether it runs is for the machine to say.
 */
import type { Component, Part, Precision } from '../models/index.ts'

interface Held {
  readonly bytes: number
  readonly release: () => Promise<void>
}

export class SessionBudget {
  readonly #bytes: number
  /** Least recently used first. */
  readonly #held = new Map<unknown, Held>()

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** Makes room. @param release lets go of the session, and calls `forget` */
  async admit(key: unknown, bytes: number, release: () => Promise<void>): Promise<void> {
    for (const [oldest, held] of this.#held) {
      if (this.taken + bytes <= this.#bytes) break
      this.#held.delete(oldest)
      await held.release()
    }
    this.#held.set(key, { bytes, release })
  }

  touch(key: unknown): void {
    const held = this.#held.get(key)
    if (!held) return
    this.#held.delete(key)
    this.#held.set(key, held)
  }

  forget(key: unknown): void {
    this.#held.delete(key)
  }

  async releaseAll(): Promise<void> {
    for (const held of [...this.#held.values()]) await held.release()
    this.#held.clear()
  }

  get taken(): number {
    return [...this.#held.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  }
}

/** What the weights of a part take once they are loaded; what running it takes besides is not known before. */
export function sessionBytes(component: Component, part: Part, precision: Precision): number {
  let numbers = 0
  for (const [name, { shape }] of component.tensors)
    if (belongsTo(name, component, part)) numbers += shape.reduce((product, side) => product * side, 1)
  return numbers * (precision === 'float16' ? 2 : 4)
}

/** The halves of an autoencoder are two networks. */
function belongsTo(name: string, { architecture }: Component, part: Part): boolean {
  if (!architecture.endsWith('autoencoder')) return true
  return /^(encoder|quant_conv)\b/.test(name) === (part === 'encoder')
}
