/**
 * Strokes from the pen to the document: shown at once, sent when they end, taken off the screen when the picture has them.
 *
 * Invariant: strokes are handed on at once when they end, in that order, each exactly once (`DocumentClient` sends one
 * edit after the other). A stroke's preview stays until the tiles that hold it are on the screen, and goes in that very
 * frame, so nothing flickers or is seen twice. A stroke that fails takes only itself away.
 */
import { createDabber, type Dab } from '../../shared/brush.ts'
import type { CommandId } from '../../shared/ids.ts'
import type { IntentOf } from '../../shared/intents.ts'
import type { StrokeSample } from '../../shared/stroke.ts'
import type { OpenStroke, StrokeSink, StrokeStart } from '../tools/stroke-sink.ts'

/** What draws strokes that are not in the document yet. */
export interface StrokeSurface {
  begin(start: StrokeStart): StrokePreview
}

export interface StrokePreview {
  add(dabs: readonly Dab[]): void
  remove(): void
}

export interface StrokeHost {
  readonly surface: StrokeSurface
  /** Takes strokes in order. Resolves when the window's document holds it; null when it changed nothing. */
  send(intent: IntentOf<'stroke'>): Promise<CommandId | null>
  /** Shows the document as that command left it; `then` runs in the frame that does. */
  show(command: CommandId | null, then: () => void): void
  failed(error: unknown): void
  redraw(): void
}

export class StrokeQueue implements StrokeSink {
  readonly #host: StrokeHost
  #waiting = 0

  constructor(host: StrokeHost) {
    this.#host = host
  }

  /** Strokes that have ended and are not on the screen as tiles yet. */
  get waiting(): number {
    return this.#waiting
  }

  begin(start: StrokeStart): OpenStroke {
    const preview = this.#host.surface.begin(start)
    const dabber = createDabber(start.brush)
    const samples: StrokeSample[] = []
    const add = (dabs: readonly Dab[]) => {
      if (dabs.length === 0) return
      preview.add(dabs)
      this.#host.redraw()
    }
    return {
      push: (sample) => {
        samples.push(sample)
        add(dabber.push(sample))
      },
      commit: () => {
        add(dabber.end())
        void this.#send({ kind: 'stroke', ...start, samples }, preview)
      },
      discard: () => {
        preview.remove()
        this.#host.redraw()
      },
    }
  }

  async #send(intent: IntentOf<'stroke'>, preview: StrokePreview): Promise<void> {
    this.#waiting++
    const drop = () => {
      this.#waiting--
      preview.remove()
      this.#host.redraw()
    }
    try {
      this.#host.show(await this.#host.send(intent), drop)
    } catch (error) {
      drop()
      this.#host.failed(error)
    }
  }
}
