/** Fetching a model from a hub: its name, then its bytes and licence, then the download. */
import { type KeyboardEvent, useId, useState } from 'react'
import { useStore } from 'zustand'
import { HubRequest, parseHubName } from '../../../shared/model-download.ts'
import { bytesInWords } from '../../editor/model-words.ts'
import { cancelDownload, discardDownload, lookUp } from '../../editor/models.ts'
import { Button } from '../../ui/buttons.tsx'
import { CheckInput } from '../../ui/check-input.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import { Download, Plan } from './hub-download.tsx'
import { HubSettingsForm } from './hub-settings.tsx'

export function HubModels() {
  const { modelsStore } = useContextOf().editor
  const download = useStore(modelsStore, (state) => state.download)
  return (
    <>
      {download.phase === 'working' ? (
        <Download download={download} />
      ) : download.phase === 'planned' ? (
        <Plan key={download.plan.request.repo} plan={download.plan} />
      ) : (
        <>
          <Name />
          <Unfinished />
        </>
      )}
      <HubSettingsForm />
    </>
  )
}

function Name() {
  const ctx = useContextOf()
  const id = useId()
  const { modelsStore } = ctx.editor
  const asking = useStore(modelsStore, (state) => state.download.phase === 'asking')
  const offline = useStore(modelsStore, (state) => state.settings?.offline === true)
  const [name, setName] = useState('')
  const [half, setHalf] = useState(true)
  const [file, setFile] = useState('')
  const request = HubRequest.safeParse({
    ...parseHubName(name),
    variant: half ? 'fp16' : null,
    file: file.trim() === '' ? null : file.trim(),
  }).data
  const ask = () => {
    if (request && !asking && !offline) void lookUp(ctx, request)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    ask()
  }
  return (
    <>
      <div className="form">
        <label className="label" htmlFor={`${id}-name`}>
          Name
        </label>
        <input
          id={`${id}-name`}
          className="text-box"
          value={name}
          placeholder="owner/name, or the address of its page"
          autoComplete="off"
          spellCheck={false}
          maxLength={400}
          disabled={asking}
          aria-invalid={name.trim() !== '' && !parseHubName(name)}
          aria-describedby={`${id}-hint`}
          onKeyDown={onKeyDown}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <label className="label" htmlFor={`${id}-file`}>
          Only the file
        </label>
        <input
          id={`${id}-file`}
          className="text-box"
          value={file}
          placeholder="optional: one .safetensors file of several"
          autoComplete="off"
          spellCheck={false}
          maxLength={500}
          disabled={asking}
          onKeyDown={onKeyDown}
          onChange={(event) => setFile(event.currentTarget.value)}
        />
        <span className="label">Weights</span>
        <CheckInput
          label="Half precision (fp16) where there is one: half the bytes"
          checked={half}
          disabled={asking}
          onChange={setHalf}
        />
      </div>
      <div className="models-add">
        <Button kind="primary" disabled={!request || asking || offline} onClick={ask}>
          {asking ? 'Asking the hub…' : 'Look it up'}
        </Button>
        {asking && <Button onClick={() => cancelDownload(ctx)}>Cancel</Button>}
        <span id={`${id}-hint`} className="quiet">
          {offline
            ? 'Offline mode is on.'
            : 'Its exact size and its licence are shown before anything is fetched.'}
        </span>
      </div>
    </>
  )
}

/** Downloads that were broken off. */
function Unfinished() {
  const ctx = useContextOf()
  const unfinished = useStore(ctx.editor.modelsStore, (state) => state.unfinished)
  const offline = useStore(ctx.editor.modelsStore, (state) => state.settings?.offline === true)
  if (unfinished.length === 0) return null
  return (
    <section className="models-unfinished" aria-label="Unfinished downloads">
      <h3>Unfinished</h3>
      <ul className="models-list">
        {unfinished.map(({ key, name, request, bytes, have }) => (
          <li key={key} className="unfinished">
            <span className="model-name">{name}</span>
            <span className="quiet number">
              {bytesInWords(have)} of {bytesInWords(bytes)}
            </span>
            <Button
              disabled={offline}
              onClick={() => void lookUp(ctx, request)}
              aria-label={`Resume ${name}`}
            >
              Resume
            </Button>
            <Button onClick={() => void discardDownload(ctx, key)} aria-label={`Discard ${name}`}>
              Discard
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}
