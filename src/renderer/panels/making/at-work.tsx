/** While something is being made: how far it is, what has come by then, and how to stop it. */
import { Progress } from '@base-ui/react/progress'
import { cancelWork } from '../../editor/in-hand.ts'
import type { Working } from '../../editor/in-hand-state.ts'
import { timeLeftInWords } from '../../editor/model-words.ts'
import { Button, Keys } from '../../ui/buttons.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import { CandidateStrip } from './candidate-strip.tsx'
import { useKeptFocus } from './use-kept-focus.ts'

export function AtWork({ working }: { readonly working: Working }) {
  const ctx = useContextOf()
  const { candidates, chosen, fraction, stage, secondsLeft } = working
  const cancel = useKeptFocus()
  const percent = Math.round(fraction * 100)
  return (
    <div className="making-body">
      <Progress.Root value={percent} className="making-progress">
        <div className="progress-head">
          <Progress.Label>{stage}</Progress.Label>
          <span className="number">{percent} %</span>
        </div>
        <Progress.Track className="progress">
          <Progress.Indicator className="progress-bar" />
        </Progress.Track>
      </Progress.Root>
      <p className="making-note number" aria-live="polite">
        {secondsLeft === null ? 'Estimating the time…' : capital(timeLeftInWords(secondsLeft))}
      </p>
      {candidates.length > 0 && <CandidateStrip candidates={candidates} chosen={chosen} />}
      <Button ref={cancel} className="wide" onClick={() => cancelWork(ctx)}>
        {candidates.length > 0 ? 'Stop here' : 'Cancel'}
        <Keys of="Escape" />
      </Button>
    </div>
  )
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
