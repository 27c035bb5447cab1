/**
 * The project host's end of its line to the inference host.
 *
 * Invariant: only a shell can start hosts and join them, so the project host asks by a note and waits for the port to come in.
 * There is one line at a time; when it has ended, the next who needs it asks again.
 */
import { InlayError } from '../../shared/errors.ts'
import type { Notes } from './notes.ts'
import type { FramePort } from './ports.ts'

/** How long a shell may take to start the inference host, in milliseconds. */
const PATIENCE = 30_000

export class InferenceLine {
  readonly #notes: Pick<Notes, 'tell'>
  readonly #waiting = new Set<(port: FramePort) => void>()
  #port: FramePort | undefined

  constructor(notes: Pick<Notes, 'tell'>) {
    this.#notes = notes
  }

  /** The present line, or a new one. @throws InlayError `host.lost` */
  async open(): Promise<FramePort> {
    if (this.#port && !this.#port.closed) return this.#port
    const coming = Promise.withResolvers<FramePort>()
    const late = setTimeout(
      () =>
        coming.reject(
          new InlayError(
            'host.lost',
            'What runs models could not be started; close Inlay and start it again.',
          ),
        ),
      PATIENCE,
    )
    this.#waiting.add(coming.resolve)
    if (this.#waiting.size === 1) this.#notes.tell({ type: 'inference', want: 'line' })
    return coming.promise.finally(() => {
      clearTimeout(late)
      this.#waiting.delete(coming.resolve)
    })
  }

  /** A shell brought the line that was asked for. */
  take(port: FramePort): void {
    this.#port = port
    for (const resolve of this.#waiting) resolve(port)
  }

  /** The inference host hangs: it is ended, and the line with it. */
  end(): void {
    this.#notes.tell({ type: 'inference', want: 'end' })
    this.#port?.close()
  }
}
