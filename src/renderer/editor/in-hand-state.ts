/**
 * The states of what is in hand (`in-hand.ts` moves through them): nothing, at work, or candidates that wait for a yes.
 *
 * Invariant: pure.
 */
import type { Rect } from '../../shared/geometry.ts'
import type { Candidate } from '../../shared/rpc/contract.ts'

/** Whose panel shows it. */
export type Maker = 'remove' | 'generate'

/** What the candidate under way looks like by now, over a part of the document. */
export interface Preview {
  readonly picture: ImageBitmap
  readonly at: Rect
}

export type InHand =
  | { readonly phase: 'idle' }
  | {
      readonly phase: 'working'
      readonly by: Maker
      /** 0..1 of all that was asked for. */
      readonly fraction: number
      readonly stage: string
      readonly secondsLeft: number | null
      readonly abort: AbortController
      readonly preview: Preview | null
      /** Those that are there already. */
      readonly candidates: readonly Candidate[]
      /** Which of them is looked at meanwhile; null looks at the work. */
      readonly chosen: number | null
    }
  | {
      readonly phase: 'choosing'
      readonly by: Maker
      /** At least one. */
      readonly candidates: readonly Candidate[]
      readonly chosen: number
      readonly showOriginal: boolean
    }
export type Working = Extract<InHand, { phase: 'working' }>
export type Choosing = Extract<InHand, { phase: 'choosing' }>

export const IDLE = { phase: 'idle' } as const

/** The candidate that the canvas shows in place of what is there. */
export function shownCandidate(inHand: InHand): Candidate | null {
  if (inHand.phase === 'idle' || (inHand.phase === 'choosing' && inHand.showOriginal)) return null
  return inHand.chosen === null ? null : (inHand.candidates[inHand.chosen] ?? null)
}

/** Whether a result is looked at, so that painting and moving would only confuse. */
export function looksAtResult(inHand: InHand): boolean {
  return inHand.phase === 'choosing' || (inHand.phase === 'working' && inHand.chosen !== null)
}

/** What is left when the work has ended: the candidates that came, the first new one looked at. Pure. */
export function settled({ by, candidates, chosen }: Working, kept: number): InHand {
  if (candidates.length === 0) return IDLE
  const first = Math.min(kept, candidates.length - 1)
  return { phase: 'choosing', by, candidates, chosen: chosen ?? first, showOriginal: false }
}
