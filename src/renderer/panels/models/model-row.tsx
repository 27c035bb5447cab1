/** One model of the list: what it is in a line, and everything about it when opened. */
import { ChevronDown, ChevronRight, TriangleAlert } from 'lucide-react'
import { useEffect, useId, useRef, useState } from 'react'
import { useStore } from 'zustand'
import type { InstalledModel, ModelSummary } from '../../../shared/model-manifest.ts'
import { kindOf, layoutName, networkName, roleName } from '../../../shared/model-words.ts'
import { bytesInWords, exactBytes, parametersInWords, typeNames } from '../../editor/model-words.ts'
import { checkModel, type PredictionType, removeModel, statePrediction } from '../../editor/models.ts'
import { Button } from '../../ui/buttons.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import { SelectInput } from '../../ui/select-input.tsx'

const PREDICTIONS = [
  { value: 'epsilon', label: 'noise (epsilon)' },
  { value: 'v_prediction', label: 'velocity (v)' },
] as const

interface ModelRowProps {
  readonly model: InstalledModel
  onRemoved(): void
}

export function ModelRow({ model, onRemoved }: ModelRowProps) {
  const id = useId()
  const [open, setOpen] = useState(false)
  const { name, summary } = model
  const Chevron = open ? ChevronDown : ChevronRight
  return (
    <li className="model">
      <button
        type="button"
        className="model-head"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Chevron size={12} aria-hidden="true" />
        <span className="model-name">{name}</span>
        <span className="model-kind">{summary ? kindOf(summary) : ''}</span>
        {summary && summary.missing.length > 0 && (
          <span className="model-missing">
            <TriangleAlert size={12} aria-hidden="true" />
            incomplete
          </span>
        )}
        <span className="model-size number">
          {summary && `${typeNames(summary.dtypes)}, `}
          {bytesInWords(weightOf(model))}
        </span>
      </button>
      <div id={id} className="model-body" hidden={!open}>
        {open && <Details model={model} onRemoved={onRemoved} />}
      </div>
    </li>
  )
}

function Details({ model, onRemoved }: ModelRowProps) {
  const { name, summary, path, files } = model
  return (
    <>
      <dl className="facts">
        {summary && <Facts name={name} summary={summary} />}
        <Fact name="Files">
          {files.length === 1 ? '1 file' : `${files.length} files`}, {exactBytes(weightOf(model))}
        </Fact>
        <Fact name="Where">
          <span className="model-path">{path}</span>
        </Fact>
      </dl>
      {summary?.notices.map((notice) => (
        <p key={notice} className="quiet">
          {notice}
        </p>
      ))}
      <Check name={name} />
      <Remove name={name} path={path} onRemoved={onRemoved} />
    </>
  )
}

function Facts({ name, summary }: { readonly name: string; readonly summary: ModelSummary }) {
  const { components, missing, predictionType, licence, layout, dtypes } = summary
  return (
    <>
      <Fact name="Model">
        {kindOf(summary)} ({layoutName(layout)})
      </Fact>
      <Fact name="Networks">
        <ul>
          {components.map((component) => (
            <li key={component.role}>
              {networkName(component)}
              {component.parameters !== null && (
                <span className="quiet number">, {parametersInWords(component.parameters)} parameters</span>
              )}
            </li>
          ))}
        </ul>
      </Fact>
      {missing.length > 0 && (
        <Fact name="Missing">
          <ul className="model-changes">
            {missing.map((part) => (
              <li key={part}>{roleName(part)}</li>
            ))}
          </ul>
        </Fact>
      )}
      {predictionType !== null && (
        <Fact name="Predicts">
          {summary.family === 'sd2' ? (
            <Prediction name={name} value={predictionType} />
          ) : (
            PREDICTIONS.find(({ value }) => value === predictionType)?.label
          )}
        </Fact>
      )}
      <Fact name="Stored as">{typeNames(dtypes) || 'a graph of its own'}</Fact>
      <Fact name="Licence">{licence ?? 'not stated'}</Fact>
    </>
  )
}

/** Both kinds of Stable Diffusion 2 have the same shapes: where a file does not say which it is, a person can. */
function Prediction({ name, value }: { readonly name: string; readonly value: PredictionType }) {
  const ctx = useContextOf()
  return (
    <SelectInput
      label={`What ${name} predicts`}
      value={value}
      groups={[PREDICTIONS]}
      onChange={(predictionType) => void statePrediction(ctx, name, predictionType)}
    />
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div className="fact-row">
      <dt className="quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** Whether the files are as they were. */
function Check({ name }: { readonly name: string }) {
  const { modelsStore } = useContextOf().editor
  const found = useStore(modelsStore, (state) => state.checks[name])
  return (
    <div role="status">
      {found === null && <p className="quiet">Reading the files…</p>}
      {found?.length === 0 && <p>Unchanged since it was put on the list.</p>}
      {found && found.length > 0 && (
        <ul className="model-changes">
          {found.map((change) => (
            <li key={change}>{change}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

function Remove({
  name,
  path,
  onRemoved,
}: {
  readonly name: string
  readonly path: string
  onRemoved(): void
}) {
  const ctx = useContextOf()
  const checking = useStore(ctx.editor.modelsStore, (state) => state.checks[name] === null)
  const [asking, setAsking] = useState(false)
  const keep = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (asking) keep.current?.focus()
  }, [asking])
  if (!asking)
    return (
      <div className="model-tools">
        <Button disabled={checking} onClick={() => void checkModel(ctx, name)}>
          Check the files
        </Button>
        <Button onClick={() => setAsking(true)}>Remove from the list…</Button>
      </div>
    )
  const remove = async () => {
    if (await removeModel(ctx, name)) onRemoved()
  }
  return (
    <fieldset className="model-ask">
      <legend>Take {name} off the list?</legend>
      <p className="quiet">
        Its files stay where they are: <span className="model-path">{path}</span>
      </p>
      <div className="model-tools">
        <Button kind="primary" onClick={() => void remove()}>
          Remove
        </Button>
        <Button ref={keep} onClick={() => setAsking(false)}>
          Keep it
        </Button>
      </div>
    </fieldset>
  )
}

function weightOf({ files }: InstalledModel): number {
  return files.reduce((sum, file) => sum + file.bytes, 0)
}
