/** Remove: what will be filled, how, and the result before it becomes a layer. */
import { Progress } from '@base-ui/react/progress'
import { Dices, Highlighter, WandSparkles } from 'lucide-react'
import type { KeyboardEvent, PointerEvent } from 'react'
import type { RemovalRequest } from '../../shared/removal.ts'
import type { RemovalState } from '../editor/editor-state.ts'
import {
  applyRemoval,
  cancelRemoval,
  discardRemoval,
  rollSeed,
  showOriginal,
  tryAnotherSeed,
} from '../editor/remove.ts'
import { ActionButton, Button, IconButton, Keys } from '../ui/buttons.tsx'
import { useContextOf, useDocumentState, useEditorState } from '../ui/editor-context.ts'
import { NumberInput } from '../ui/number-input.tsx'
import { SliderInput } from '../ui/slider-input.tsx'
import { Panel } from './panel.tsx'

export function RemovePanel() {
  const phase = useEditorState((state) => state.removal.phase)
  return (
    <Panel title="Remove" className="remove">
      <div className="remove-body">
        {phase === 'ready' ? <Ready /> : phase === 'working' ? <Working /> : <Idle />}
      </div>
    </Panel>
  )
}

function Idle() {
  const ctx = useContextOf()
  const { store } = ctx.editor
  const painted = useDocumentState((state) => state.document.selection?.bounds ?? null)
  const readOnly = useDocumentState((state) => state.readOnly)
  const request = useEditorState((state) => state.removalRequest)
  const tool = useEditorState((state) => state.tool)
  const set = (change: Partial<RemovalRequest>) =>
    store.setState(({ removalRequest }) => ({ removalRequest: { ...removalRequest, ...change } }))
  return (
    <>
      {painted ? (
        <p className="remove-note number">
          Painted area {painted.width} × {painted.height} px
        </p>
      ) : (
        <p className="remove-note">
          {readOnly
            ? 'This project is open for reading only.'
            : 'Paint over what should go. Inlay fills it from its surroundings.'}
        </p>
      )}
      {!painted && !readOnly && tool !== 'mask-brush' && (
        <Button onClick={() => store.setState({ tool: 'mask-brush' })}>
          <Highlighter size={14} aria-hidden="true" />
          Take the mask brush
          <Keys of="Q" />
        </Button>
      )}
      <div className="remove-settings">
        <SliderInput
          label="Grow"
          unit="px"
          value={request.grow}
          min={0}
          max={500}
          sliderMax={64}
          onChange={(grow) => set({ grow })}
        />
        <SliderInput
          label="Feather"
          unit="px"
          value={request.feather}
          min={0}
          max={250}
          sliderMax={64}
          onChange={(feather) => set({ feather })}
        />
        <div className="field-row">
          <NumberInput
            label="Seed"
            value={request.seed}
            min={0}
            max={0xffffffff}
            width={88}
            onChange={(seed) => set({ seed: Math.round(seed) })}
          />
          <IconButton icon={Dices} label="Another seed" onClick={() => rollSeed(ctx)} />
        </div>
      </div>
      <ActionButton id="edit.remove" kind="primary" className="wide">
        <WandSparkles size={14} aria-hidden="true" />
        Remove
      </ActionButton>
    </>
  )
}

function Working() {
  const ctx = useContextOf()
  const removal = useEditorState((state) => state.removal) as Extract<RemovalState, { phase: 'working' }>
  const percent = Math.round(removal.fraction * 100)
  return (
    <>
      <Progress.Root value={percent} className="remove-progress">
        <div className="progress-head">
          <Progress.Label>{removal.stage}</Progress.Label>
          <span className="number">{percent} %</span>
        </div>
        <Progress.Track className="progress">
          <Progress.Indicator className="progress-bar" />
        </Progress.Track>
      </Progress.Root>
      <p className="remove-note number" aria-live="polite">
        {removal.secondsLeft === null ? 'Estimating the time…' : leftIn(removal.secondsLeft)}
      </p>
      <Button className="wide" onClick={() => cancelRemoval(ctx)}>
        Cancel
        <Keys of="Escape" />
      </Button>
    </>
  )
}

function Ready() {
  const ctx = useContextOf()
  const removal = useEditorState((state) => state.removal) as Extract<RemovalState, { phase: 'ready' }>
  const hold = (event: PointerEvent<HTMLButtonElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    showOriginal(ctx, true)
  }
  const release = () => showOriginal(ctx, false)
  const key = (down: boolean) => (event: KeyboardEvent) => {
    if (event.key !== ' ' && event.key !== 'Enter') return
    event.preventDefault()
    showOriginal(ctx, down)
  }
  return (
    <>
      <p className="remove-note number" role="status">
        Filled in {removal.candidate.seconds.toFixed(1)} s with seed {removal.candidate.request.seed}. It
        becomes a layer when you apply it.
      </p>
      <button
        type="button"
        className="button wide"
        aria-pressed={removal.showOriginal}
        onPointerDown={hold}
        onPointerUp={release}
        onLostPointerCapture={release}
        onKeyDown={key(true)}
        onKeyUp={key(false)}
        onBlur={release}
      >
        Hold to see the original
      </button>
      <Button kind="primary" className="wide" onClick={() => void applyRemoval(ctx)}>
        Apply
        <Keys of="Enter" />
      </Button>
      <div className="remove-pair">
        <Button onClick={() => void tryAnotherSeed(ctx)}>
          <Dices size={14} aria-hidden="true" />
          Another seed
        </Button>
        <Button onClick={() => void discardRemoval(ctx)}>
          Discard
          <Keys of="Escape" />
        </Button>
      </div>
    </>
  )
}

function leftIn(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds))
  return whole === 1 ? 'About a second left' : `About ${whole} seconds left`
}
