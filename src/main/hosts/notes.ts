/**
 * What the project host tells the shells, and whether they have heard it.
 *
 * Invariant: a note is heard when the shell has said so. Whoever hands a window something that only a shell can bring back
 * after a crash waits for `heard` first: else a host that dies in between would take it along.
 */
import type { Note } from './control-contract.ts'
import { EventQueue } from './event-queue.ts'
import type { FramePort } from './ports.ts'

interface Reader {
  readonly notes: EventQueue<Note>
  unheard: number
}

export class Notes {
  readonly #readers = new Map<FramePort, Reader>()
  readonly #waiting = new Set<() => void>()

  tell(note: Note): void {
    for (const reader of this.#readers.values()) {
      reader.unheard++
      reader.notes.push(note)
    }
  }

  /** The notes from now on for a shell, which answers each with `taken`. */
  follow(port: FramePort, signal: AbortSignal | undefined): EventQueue<Note> {
    const notes = new EventQueue<Note>(signal, () => {
      this.#readers.delete(port)
      this.#wake()
    })
    this.#readers.set(port, { notes, unheard: 0 })
    return notes
  }

  /** A shell has remembered the next note. */
  taken(port: FramePort): void {
    const reader = this.#readers.get(port)
    if (reader) reader.unheard--
    this.#wake()
  }

  /** Resolves when every shell has remembered all there was to remember, or is gone. */
  async heard(): Promise<void> {
    while ([...this.#readers.values()].some(({ unheard }) => unheard > 0))
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}
