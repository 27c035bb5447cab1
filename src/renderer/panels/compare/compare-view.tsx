/** A candidate as each decoder makes it: beside what was there, with the difference and the numbers. */
import { Maximize, ZoomIn, ZoomOut } from 'lucide-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { toWireError } from '../../../shared/errors.ts'
import type { Candidate } from '../../../shared/rpc/contract.ts'
import { errorInWords } from '../../editor/generation-state.ts'
import { IconButton } from '../../ui/buttons.tsx'
import { Segments } from '../../ui/check-input.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import { ComparePane } from './compare-pane.tsx'
import { type Comparison, compare, type Decoded } from './comparison.ts'
import { HEAT, MOST_SHOWN } from './difference.ts'
import { moved, type PaneView, WHOLE, zoomedAt } from './pane-view.ts'
import './compare.css'

const NAMES = { asymmetric: 'Asymmetric decoder', plain: 'Plain decoder' } as const

export function CompareView({ candidate }: { readonly candidate: Candidate }) {
  const found = useComparison(candidate)
  if (found === null)
    return (
      <p className="compare-wait quiet" role="status">
        Comparing…
      </p>
    )
  if (typeof found === 'string')
    return (
      <p className="compare-wait" role="alert">
        {found}
      </p>
    )
  return <Panes comparison={found} candidate={candidate} />
}

/** null until it is there; a sentence where it cannot be had. */
function useComparison(candidate: Candidate): Comparison | string | null {
  const { editor } = useContextOf()
  const [found, setFound] = useState<Comparison | string | null>(null)
  useEffect(() => {
    const abort = new AbortController()
    setFound(null)
    compare(editor, candidate, abort.signal).then(
      (comparison) => !abort.signal.aborted && setFound(comparison),
      (error) => !abort.signal.aborted && setFound(toWireError(error).message),
    )
    return () => abort.abort()
  }, [editor, candidate])
  return found
}

interface PanesProps {
  readonly comparison: Comparison
  readonly candidate: Candidate
}

function Panes({ comparison, candidate }: PanesProps) {
  const { original, decoded } = comparison
  const [view, setView] = useState<PaneView>(WHOLE)
  const [of, setOf] = useState<Decoded['decoder']>(decoded.at(-1)!.decoder)
  const shown = decoded.find(({ decoder }) => decoder === of) ?? decoded.at(-1)!
  const zoom = (factor: number) => setView((before) => zoomedAt(before, 0, 0, factor))
  const key = (event: KeyboardEvent) => {
    const by = { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[
      event.key
    ]
    if (by) setView((before) => moved(before, by[0]!, by[1]!))
    else if (event.key === '+' || event.key === '=') zoom(1.5)
    else if (event.key === '-') zoom(1 / 1.5)
    else if (event.key === '0') setView(WHOLE)
    else return
    event.preventDefault()
  }
  const pane = { view, onView: setView }
  const panes = useRef<HTMLDivElement>(null)
  // The keys work at once, without a way to them by Tab.
  useEffect(() => panes.current?.focus({ preventScroll: true }), [])
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: these are pictures, no fields */}
      <div
        ref={panes}
        className="compare-panes"
        role="group"
        aria-label="Pictures, zoomed and moved together with + and − and the arrow keys"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys need a place to be pressed
        tabIndex={0}
        data-count={decoded.length + 2}
        onKeyDown={key}
      >
        <ComparePane title="Original" picture={original} {...pane} />
        {decoded.map(({ decoder, picture, error }) => (
          <ComparePane
            key={decoder}
            title={NAMES[decoder]}
            note={error === null ? undefined : `outside: ${errorInWords(error)} mean error`}
            picture={picture}
            {...pane}
          />
        ))}
        <ComparePane title={`Difference, ${shown.decoder}`} picture={shown.difference} {...pane} />
      </div>
      <div className="compare-tools">
        <Legend />
        {decoded.length > 1 && (
          <Segments<Decoded['decoder']>
            label="Difference of"
            value={of}
            choices={decoded.map(({ decoder }) => ({
              value: decoder,
              label: decoder === 'plain' ? 'Plain' : 'Asymmetric',
            }))}
            onChange={setOf}
          />
        )}
        <span className="compare-zoom">
          <IconButton
            icon={ZoomOut}
            label="Zoom out"
            disabled={view.zoom <= 1}
            onClick={() => zoom(1 / 1.5)}
          />
          <IconButton icon={ZoomIn} label="Zoom in" onClick={() => zoom(1.5)} />
          <IconButton icon={Maximize} label="Show all" onClick={() => setView(WHOLE)} />
        </span>
      </div>
      <Numbers decoded={decoded} candidate={candidate} />
    </>
  )
}

function Legend() {
  const stops = HEAT.map((colour) => `rgb(${colour.join(' ')})`).join(', ')
  return (
    <span className="compare-legend number">
      0
      <span
        className="compare-scale"
        style={{ backgroundImage: `linear-gradient(to right, ${stops})` }}
        aria-hidden="true"
      />
      {MOST_SHOWN}/255 and more
    </span>
  )
}

function Numbers({
  decoded,
  candidate,
}: {
  readonly decoded: readonly Decoded[]
  readonly candidate: Candidate
}) {
  const preservation = candidate.report?.preservation
  const [plain, asymmetric] = (['plain', 'asymmetric'] as const).map(
    (name) => decoded.find(({ decoder }) => decoder === name)?.error ?? null,
  )
  const times = plain && asymmetric ? plain / asymmetric : null
  return (
    <p className="quiet number compare-numbers">
      {times !== null && times >= 1.05 && (
        <>
          Outside the mask the asymmetric decoder changes {times < 10 ? times.toFixed(1) : Math.round(times)}{' '}
          times less than the plain one.{' '}
        </>
      )}
      {preservation && (
        <>
          Measured before rounding: mean error {errorInWords(preservation.absolute)}, mean square{' '}
          {errorInWords(preservation.square)}
          {preservation.seam !== null && <>, seam {errorInWords(preservation.seam)}</>}.{' '}
        </>
      )}
      All of this is before compositing; in the layer nothing outside the mask changes.
    </p>
  )
}
