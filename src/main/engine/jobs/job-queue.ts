/**
 * Heavy jobs, one at a time.
 *
 * Invariant: a job starts when all that were asked for before have ended; its progress never falls and its last event
 * is what it returns. Cancelling (the signal, or leaving the stream) takes a waiting job out of the queue and stops a
 * running one; either way the next one starts.
 */
import { InlayError, throwIfCancelled } from '../../../shared/errors.ts'
import { JobEvents } from './job-events.ts'

export interface JobProgress {
  readonly type: 'progress'
  /** 0..1, never falls. */
  readonly fraction: number
  /** What is being done, for the person. */
  readonly stage: string
  /** Null while it cannot be said. */
  readonly secondsLeft: number | null
}

/** What a job gets: when to stop, and whom to tell how far it is. */
export interface Job {
  readonly signal: AbortSignal
  progress(fraction: number, stage: string): void
}

/** A job with more to tell than how far it is. */
export interface EmittingJob<D> extends Job {
  /** Sends an event before the last one. */
  emit(event: D): void
}

/** An estimate is worth something after this share and this many seconds. */
const LEAST_FRACTION = 0.05
const LEAST_SECONDS = 0.5

export class JobQueue {
  #last: Promise<unknown> = Promise.resolve()
  #length = 0

  /** Jobs that run or wait. */
  get length(): number {
    return this.#length
  }

  /**
   * Queues a job. Its stream throws what the job throws; it ends in silence when the reader leaves.
   * @param work makes the last event @param signal cancels from outside
   */
  run<D>(
    work: (job: EmittingJob<D>) => Promise<D>,
    signal?: AbortSignal,
  ): AsyncIterableIterator<JobProgress | D, void, void> {
    const control = new AbortController()
    const stop = (): void => control.abort()
    const events = new JobEvents<JobProgress | D>(stop)
    if (signal?.aborted) stop()
    signal?.addEventListener('abort', stop, { once: true })
    if (this.#length > 0)
      events.push({ type: 'progress', fraction: 0, stage: 'Waiting for another job', secondsLeft: null })
    this.#length++
    const turn = Promise.race([this.#last, aborted(control.signal)])
    const done = turn
      .then(async () => {
        throwIfCancelled(control.signal)
        const emit = (event: D): void => events.push(event)
        events.push(await work({ signal: control.signal, progress: reporter(events), emit }))
        events.end()
      })
      .catch((error: unknown) => events.fail(control.signal.aborted ? cancelled(error) : error))
      .finally(() => {
        this.#length--
        signal?.removeEventListener('abort', stop)
      })
    this.#last = Promise.all([this.#last, done])
    return events
  }
}

/** Whatever a stopped job dies of, it was cancelled. */
function cancelled(cause: unknown): InlayError {
  if (cause instanceof InlayError && cause.code === 'cancelled') return cause
  return new InlayError('cancelled', 'The work was cancelled.', { cause })
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function reporter(events: JobEvents<unknown>): Job['progress'] {
  const began = performance.now()
  let highest = 0
  return (fraction, stage) => {
    highest = Math.max(highest, Math.min(1, fraction))
    const seconds = (performance.now() - began) / 1000
    const known = highest >= LEAST_FRACTION && seconds >= LEAST_SECONDS
    const secondsLeft = known ? (seconds * (1 - highest)) / highest : null
    events.push({ type: 'progress', fraction: highest, stage, secondsLeft })
  }
}
