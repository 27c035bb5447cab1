/** Candidates side by side, small: a click or the arrow keys show one on the canvas. */
import { type KeyboardEvent, useEffect, useRef } from 'react'
import type { Candidate } from '../../../shared/rpc/contract.ts'
import { choose } from '../../editor/in-hand.ts'
import { useContextOf } from '../../ui/editor-context.ts'
import { useCandidatePicture } from './candidate-picture.ts'

interface CandidateStripProps {
  readonly candidates: readonly Candidate[]
  /** null looks at none of them. */
  readonly chosen: number | null
}

export function CandidateStrip({ candidates, chosen }: CandidateStripProps) {
  const ctx = useContextOf()
  const strip = useRef<HTMLDivElement>(null)
  // The one that is looked at keeps the focus where the arrows put it, and is brought into sight.
  useEffect(() => {
    const button = chosen === null ? null : strip.current?.querySelectorAll('button')[chosen]
    if (!button) return
    button.scrollIntoView({ block: 'nearest' })
    if (strip.current?.contains(document.activeElement)) button.focus()
  }, [chosen])
  const key = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key]
    if (!by) return
    event.preventDefault()
    const count = candidates.length
    const to = chosen === null ? (by > 0 ? 0 : count - 1) : (chosen + by + count) % count
    if (to !== chosen) choose(ctx, to)
  }
  return (
    <div ref={strip} className="candidates" role="toolbar" aria-label="Candidates" onKeyDown={key}>
      {candidates.map((candidate, index) => (
        <CandidateButton
          key={candidate.id}
          candidate={candidate}
          number={index + 1}
          chosen={index === chosen}
          focusable={index === (chosen ?? 0)}
          onChoose={() => choose(ctx, index)}
        />
      ))}
    </div>
  )
}

interface CandidateButtonProps {
  readonly candidate: Candidate
  readonly number: number
  readonly chosen: boolean
  readonly focusable: boolean
  onChoose(): void
}

function CandidateButton({ candidate, number, chosen, focusable, onChoose }: CandidateButtonProps) {
  const canvas = useCandidatePicture(candidate)
  return (
    <button
      type="button"
      className="candidate"
      aria-pressed={chosen}
      aria-label={`Candidate ${number}, seed ${candidate.request.seed}`}
      tabIndex={focusable ? 0 : -1}
      data-candidate={candidate.id}
      onClick={onChoose}
    >
      <canvas ref={canvas} className="checker" />
      <span className="candidate-number number" aria-hidden="true">
        {number}
      </span>
    </button>
  )
}
