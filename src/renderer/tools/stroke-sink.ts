/**
 * Where painting tools put their strokes: shown at once, sent when they end.
 *
 * Invariant: strokes are committed in the order in which they ended, each exactly once, and none is dropped because the
 * next one has begun.
 */
import type { IntentOf } from '../../shared/intents.ts'
import type { StrokeSample } from '../../shared/stroke.ts'

/** A stroke without its samples: known when the pen goes down. */
export type StrokeStart = Omit<IntentOf<'stroke'>, 'kind' | 'samples'>

export interface StrokeSink {
  begin(start: StrokeStart): OpenStroke
}

export interface OpenStroke {
  push(sample: StrokeSample): void
  /** Sends the stroke. */
  commit(): void
  /** Takes it away; nothing is sent. */
  discard(): void
}
