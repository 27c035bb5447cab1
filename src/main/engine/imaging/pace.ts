/**
 * Keeps long work polite: it looks for cancellation and lets the event loop run.
 *
 * Invariant: between two rests no more than about `sliceMs` pass, provided the work asks `due()` at least every few
 * milliseconds.
 */
import { throwIfCancelled } from '../../../shared/errors.ts'

export interface Pace {
  /** Whether it is time to rest; cheap enough for every row of an image. */
  due(): boolean
  /** Lets the event loop run once. @throws InlayError `cancelled` when the signal has fired. */
  rest(): Promise<void>
}

/** @param sliceMs the longest stretch of work between two rests, in milliseconds */
export function createPace(signal?: AbortSignal, sliceMs = 20): Pace {
  let began = performance.now()
  return {
    due: () => performance.now() - began >= sliceMs,
    async rest() {
      throwIfCancelled(signal)
      await new Promise<void>((resolve) => setImmediate(resolve))
      throwIfCancelled(signal)
      began = performance.now()
    },
  }
}

/** Runs `body` for rows 0 to `count`, resting whenever it is time. */
export async function eachRow(count: number, pace: Pace, body: (row: number) => void): Promise<void> {
  for (let row = 0; row < count; row++) {
    if (pace.due()) await pace.rest()
    body(row)
  }
}
