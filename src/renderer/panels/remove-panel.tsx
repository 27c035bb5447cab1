/** Remove: what will be filled, by what and how, and the result before it becomes a layer. */
import { Dices, Highlighter, WandSparkles } from 'lucide-react'
import type { RemovalRequest } from '../../shared/removal.ts'
import { labelOf } from '../editor/generation-state.ts'
import type { Choosing } from '../editor/in-hand-state.ts'
import { fillers, removalByModel, rollSeed, tryAnotherSeed } from '../editor/remove.ts'
import { ActionButton, Button, IconButton, Keys } from '../ui/buttons.tsx'
import { useContextOf, useDocumentState, useEditorState } from '../ui/editor-context.ts'
import { NumberInput } from '../ui/number-input.tsx'
import { SelectInput } from '../ui/select-input.tsx'
import { SliderInput } from '../ui/slider-input.tsx'
import { AtWork } from './making/at-work.tsx'
import { Need } from './making/need.tsx'
import { Row } from './making/row.tsx'
import { ToChoose } from './making/to-choose.tsx'
import { useEstimate } from './making/use-estimate.ts'
import { useGenerators } from './making/use-generators.ts'
import { usePanel } from './making/use-panel.ts'
import { Panel } from './panel.tsx'
import './making/making.css'

/** Stands for null, which a list cannot hold, and is no model's name. */
const PATCH_FILL = '\npatch-fill'

export function RemovePanel() {
  const { open, onOpen } = usePanel('remove')
  return (
    <Panel title="Remove" className="making remove" open={open} onOpen={onOpen}>
      {open && <Inside />}
    </Panel>
  )
}

function Inside() {
  const inHand = useEditorState((state) => state.inHand)
  const model = useEditorState((state) => state.removalModel)
  const request = useEditorState((state) => state.removalRequest)
  const candidates = useEditorState((state) => state.removalCandidates)
  const generation = useEditorState((state) => state.generation)
  useGenerators()
  useEstimate(
    removalByModel({
      removalModel: model,
      removalRequest: request,
      removalCandidates: candidates,
      generation,
    }),
  )
  const mine = inHand.phase !== 'idle' && inHand.by === 'remove' ? inHand : null
  if (mine?.phase === 'working') return <AtWork working={mine} />
  if (mine?.phase === 'choosing') return <Ready choosing={mine} />
  return (
    <>
      <div className="making-body">
        <Idle request={request} model={model} />
      </div>
      <Start model={model} />
    </>
  )
}

function Idle({ request, model }: { readonly request: RemovalRequest; readonly model: string | null }) {
  const ctx = useContextOf()
  const { store } = ctx.editor
  const painted = useDocumentState((state) => state.document.selection?.bounds ?? null)
  const readOnly = useDocumentState((state) => state.readOnly)
  const candidates = useEditorState((state) => state.removalCandidates)
  const tool = useEditorState((state) => state.tool)
  const set = (change: Partial<RemovalRequest>) =>
    store.setState(({ removalRequest }) => ({ removalRequest: { ...removalRequest, ...change } }))
  return (
    <>
      {painted ? (
        <p className="making-note number">
          Painted area {painted.width} × {painted.height} px
        </p>
      ) : (
        <p className="making-note">
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
      <div className="settings">
        <FillChoice model={model} />
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
        {model !== null && (
          <SliderInput
            label="Candidates"
            value={candidates}
            min={1}
            max={8}
            onChange={(removalCandidates) =>
              store.setState({ removalCandidates: Math.round(removalCandidates) })
            }
          />
        )}
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
    </>
  )
}

function Start({ model }: { readonly model: string | null }) {
  const painted = useDocumentState((state) => state.document.selection !== null)
  return (
    <div className="making-foot">
      {model !== null && painted && <Need />}
      <ActionButton id="edit.remove" kind="primary" className="wide">
        <WandSparkles size={14} aria-hidden="true" />
        Remove
      </ActionButton>
    </div>
  )
}

/** Patch fill needs nothing; models are offered where there are any that can fill a hole. */
function FillChoice({ model }: { readonly model: string | null }) {
  const { store } = useContextOf().editor
  const models = useEditorState((state) => state.generation.models)
  const names = fillers(models).map(({ name }) => name)
  // Chosen, and not on the list: it is said all the same what will be used.
  if (model !== null && !names.includes(model)) names.push(model)
  const choices = names.map((name) => ({ value: name, label: labelOf(name, models) }))
  const patch = [{ value: PATCH_FILL, label: 'Patch fill' }]
  return (
    <Row label="Fill with">
      <SelectInput
        label="Fill with"
        value={model ?? PATCH_FILL}
        groups={choices.length > 0 ? [patch, choices] : [patch]}
        onChange={(value) => store.setState({ removalModel: value === PATCH_FILL ? null : value })}
      />
    </Row>
  )
}

function Ready({ choosing }: { readonly choosing: Choosing }) {
  const ctx = useContextOf()
  const models = useEditorState((state) => state.generation.models)
  const { candidates, chosen } = choosing
  const { request, seconds } = candidates[chosen]!
  const by = request.kind === 'removal' ? 'Patch fill' : labelOf(request.model, models)
  return (
    <ToChoose choosing={choosing} again="Another seed" onAgain={() => void tryAnotherSeed(ctx)}>
      Filled in {seconds.toFixed(1)} s with seed {request.seed} ({by}).{' '}
      {candidates.length > 1 && `Candidate ${chosen + 1} of ${candidates.length}. `}
      It becomes a layer when you apply it.
    </ToChoose>
  )
}
