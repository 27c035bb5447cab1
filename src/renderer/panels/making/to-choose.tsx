/** Candidates that wait for a yes: looked at on the canvas, applied as a layer or discarded. */
import { Dices } from 'lucide-react'
import type { KeyboardEvent, ReactNode } from 'react'
import { applyChosen, discardAll, step } from '../../editor/in-hand.ts'
import type { Choosing } from '../../editor/in-hand-state.ts'
import { ActionButton, Button, Keys } from '../../ui/buttons.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import { CandidateStrip } from './candidate-strip.tsx'
import { Figures } from './figures.tsx'
import { HoldOriginal } from './hold-original.tsx'
import { useKeptFocus } from './use-kept-focus.ts'

interface ToChooseProps {
  readonly choosing: Choosing
  /** What was made, in a sentence. */
  readonly children: ReactNode
  readonly again: string
  onAgain(): void
}

export function ToChoose({ choosing, children, again, onAgain }: ToChooseProps) {
  const ctx = useContextOf()
  const { candidates, chosen, showOriginal } = choosing
  const candidate = candidates[chosen]
  const apply = useKeptFocus()
  const key = (event: KeyboardEvent) => {
    if (event.defaultPrevented || (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight')) return
    if (step(ctx, event.key === 'ArrowLeft' ? -1 : 1)) event.preventDefault()
  }
  if (!candidate) return null
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the arrows go on from whatever button has the focus
    <div className="making-choice" onKeyDown={key}>
      <div className="making-body">
        <p className="making-note number" role="status">
          {children}
        </p>
        {candidates.length > 1 && <CandidateStrip candidates={candidates} chosen={chosen} />}
        {candidate.report && (
          <>
            <Figures report={candidate.report} candidate={candidate} />
            <ActionButton id="edit.compare" className="wide" />
          </>
        )}
      </div>
      <div className="making-foot">
        <HoldOriginal held={showOriginal} />
        <Button ref={apply} kind="primary" className="wide" onClick={() => void applyChosen(ctx)}>
          Apply
          <Keys of="Enter" />
        </Button>
        <div className="making-pair">
          <Button onClick={onAgain}>
            <Dices size={14} aria-hidden="true" />
            {again}
          </Button>
          <Button onClick={() => void discardAll(ctx)}>
            Discard
            <Keys of="Escape" />
          </Button>
        </div>
      </div>
    </div>
  )
}
