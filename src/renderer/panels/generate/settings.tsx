/** Everything that can be set of a generation, the button that starts it always in sight below. */
import { Sparkles } from 'lucide-react'
import { setRequest } from '../../editor/generate.ts'
import { lackOf, modelOf } from '../../editor/generation-state.ts'
import { ActionButton, Keys } from '../../ui/buttons.tsx'
import { useContextOf, useDocumentState, useEditorState } from '../../ui/editor-context.ts'
import { Need } from '../making/need.tsx'
import { MaskOptions } from './mask-options.tsx'
import { ModelChoice } from './model-choice.tsx'
import { Prompts } from './prompts.tsx'
import { Sampling } from './sampling.tsx'
import { SeedRow } from './seed-row.tsx'

export function Settings() {
  const ctx = useContextOf()
  const generation = useEditorState((state) => state.generation)
  const { request, seedLocked } = generation
  const model = modelOf(generation)
  const set = (change: Parameters<typeof setRequest>[1]) => setRequest(ctx, change)
  return (
    <>
      <div className="making-body settings">
        <ModelChoice models={generation.models} model={model} request={request} />
        {model && (
          <>
            {model.words && <Prompts request={request} set={set} />}
            <Sampling request={request} model={model} set={set} />
            <MaskOptions request={request} model={model} set={set} />
            <SeedRow request={request} locked={seedLocked} set={set} />
          </>
        )}
      </div>
      {model && <Start />}
    </>
  )
}

function Start() {
  const request = useEditorState((state) => state.generation.request)
  const busy = useEditorState((state) => state.inHand.phase !== 'idle')
  const selected = useDocumentState((state) => state.document.selection !== null)
  const readOnly = useDocumentState((state) => state.readOnly)
  const lack = readOnly
    ? 'This project is open for reading only.'
    : busy
      ? 'Remove is at work, or its result waits for you.'
      : lackOf(request, selected)
  return (
    <div className="making-foot">
      {lack === null ? <Need /> : <p className="making-note">{lack}</p>}
      <ActionButton id="edit.generate" kind="primary" className="wide">
        <Sparkles size={14} aria-hidden="true" />
        Generate
        <Keys of="Mod+Enter" />
      </ActionButton>
    </div>
  )
}
