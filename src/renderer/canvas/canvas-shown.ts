/**
 * Which document the picture is drawn from, while strokes are on their way into it.
 *
 * Invariant: a document that holds a stroke is shown in the frame in which that stroke's preview goes, not before and not
 * after. While strokes are waiting, documents are therefore shown one by one, each once its tiles are at hand; when
 * none is, the newest is shown at once.
 */
import type { Document } from '../../shared/document/model.ts'
import type { CommandId } from '../../shared/ids.ts'

interface Held {
  readonly command: CommandId
  readonly document: Document
}

export interface ShownHost {
  /** Resolves when the tiles of this document that are in sight can be drawn. */
  ready(document: Document): Promise<void>
  /** Whether any stroke has not been shown yet. */
  waiting(): boolean
  redraw(): void
}

export class ShownDocument {
  #current: Document
  #newest: Document
  #held: Held[] = []
  #last: Promise<void> = Promise.resolve()
  readonly #host: ShownHost

  constructor(document: Document, host: ShownHost) {
    this.#current = document
    this.#newest = document
    this.#host = host
  }

  get current(): Document {
    return this.#current
  }

  /** The window's copy has moved on; `command` is the history entry it stands at. */
  receive(document: Document, command: CommandId): void {
    if (document === this.#newest) return
    this.#newest = document
    if (this.#host.waiting()) this.#held.push({ command, document })
    else this.#set(document)
  }

  /** Shows the document as the command left it, and calls `then` with that. */
  show(command: CommandId | null, then: () => void): void {
    this.#last = this.#last.then(async () => {
      const index = this.#held.findIndex((held) => held.command === command)
      const document = this.#held[index]?.document ?? this.#current
      await this.#host.ready(document).catch(() => undefined)
      this.#held = this.#held.filter((_, at) => at > index)
      then()
      this.#set(this.#host.waiting() ? document : this.#newest)
    })
  }

  /** No stroke is waiting any more: what was held back is shown. */
  catchUp(): void {
    if (this.#host.waiting()) return
    this.#held = []
    this.#set(this.#newest)
  }

  #set(document: Document): void {
    if (this.#current === document) return
    this.#current = document
    this.#host.redraw()
  }
}
