/**
 * One generation under way: how far it is, what a person should know of it, and whether it was cancelled.
 *
 * Invariant: the fraction never falls. Everything announced is in the report as well, once. Networks block the thread, so
 * whoever runs one breathes first: notes go out and a cancel comes in only while the thread is free.
 */
import { throwIfCancelled } from '../../../../shared/errors.ts'
import type { Size } from '../../../../shared/geometry.ts'
import type { GenerationHandling } from './task.ts'

/** Turns of the event loop in which a message has come in, been parsed and been acted upon. */
const TURNS = 3

/** Shares of a run's time that its parts begin at. */
export const PLACE = { load: 0, prompt: 0.04, picture: 0.06, steps: 0.1, decode: 0.9, measure: 0.98 } as const

export class Job {
  readonly signal: AbortSignal | undefined
  readonly #handling: GenerationHandling
  readonly #notices: string[] = []
  #fraction = 0

  constructor(handling: GenerationHandling) {
    this.#handling = handling
    this.signal = handling.signal
  }

  get notices(): readonly string[] {
    return this.#notices
  }

  get wantsPreviews(): boolean {
    return this.#handling.onNote !== undefined
  }

  /** @param fraction where it is, unless it is further already */
  stage(stage: string, fraction = 0): void {
    this.#fraction = Math.min(1, Math.max(this.#fraction, fraction))
    this.#handling.onNote?.({ type: 'progress', fraction: this.#fraction, stage })
  }

  step(done: number, count: number): void {
    this.stage(`Step ${done} of ${count}`, PLACE.steps + ((PLACE.decode - PLACE.steps) * done) / count)
  }

  /** Says a sentence now, and in the report. */
  announce(sentence: string): void {
    this.note(sentence)
    this.stage(sentence)
  }

  /** Says a sentence in the report. */
  note(sentence: string): void {
    if (!this.#notices.includes(sentence)) this.#notices.push(sentence)
  }

  preview(size: Size, rgb: Uint8Array): void {
    this.#handling.onNote?.({ type: 'preview', size, rgb })
  }

  /** @throws InlayError `cancelled` */
  async breathe(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve))
    throwIfCancelled(this.signal)
  }
}
