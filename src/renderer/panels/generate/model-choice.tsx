/** Which model makes it, and what it shall do. */
import { Boxes } from 'lucide-react'
import type { GenerationRequest } from '../../../shared/generation.ts'
import type { GeneratingModel } from '../../../shared/rpc/contract.ts'
import { chooseGenerator, setRequest } from '../../editor/generate.ts'
import { inMode, labelOf, MODE_NAMES, modeOf, modesOf } from '../../editor/generation-state.ts'
import { ActionButton } from '../../ui/buttons.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import { SelectInput } from '../../ui/select-input.tsx'
import { Row } from '../making/row.tsx'
import { Growth } from './growth.tsx'

interface ModelChoiceProps {
  readonly models: readonly GeneratingModel[] | null
  readonly model: GeneratingModel | null
  readonly request: GenerationRequest
}

export function ModelChoice({ models, model, request }: ModelChoiceProps) {
  const ctx = useContextOf()
  if (models === null) return <p className="making-note">Looking for models…</p>
  if (models.length === 0 || !model) return <NoModel />
  const choose = (name: string) => {
    const chosen = models.find((each) => each.name === name)
    if (chosen) chooseGenerator(ctx, chosen)
  }
  return (
    <>
      <Row label="Model">
        <SelectInput
          label="Model"
          value={model.name}
          groups={[models.map(({ name }) => ({ value: name, label: labelOf(name, models) }))]}
          onChange={choose}
        />
      </Row>
      {models.length === 1 && <OnlyOne model={model} />}
      <Row label="Task">
        <SelectInput
          label="Task"
          value={modeOf(request)}
          groups={[modesOf(model).map((mode) => ({ value: mode, label: MODE_NAMES[mode] }))]}
          onChange={(mode) => setRequest(ctx, inMode(mode))}
        />
      </Row>
      {request.outpaint && (
        <Growth sides={request.outpaint} onChange={(outpaint) => setRequest(ctx, { outpaint })} />
      )}
    </>
  )
}

/** Nothing here can make pictures. */
function NoModel() {
  return (
    <div className="making-nothing">
      <Boxes size={24} strokeWidth={1.25} aria-hidden="true" />
      <p>
        <strong>No model is installed.</strong>
      </p>
      <p className="quiet">
        Add a Stable Diffusion checkpoint that you have, or fetch one from a hub. Remove works without one.
      </p>
      <ActionButton id="file.models">Models…</ActionButton>
    </div>
  )
}

function OnlyOne({ model }: { readonly model: GeneratingModel }) {
  return (
    <p className="making-note">
      No other model is installed.{' '}
      {!model.words && 'This one fills what is painted and takes no words; others do. '}
      <ActionButton id="file.models" kind="quiet" className="inline">
        Models…
      </ActionButton>
    </p>
  )
}
