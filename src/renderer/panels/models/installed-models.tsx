/** The list of models, and the ways onto it. They stay where the person has them. */
import { Boxes, FileBox, FolderOpen } from 'lucide-react'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { chooseModel, importPath } from '../../editor/models.ts'
import { Button } from '../../ui/buttons.tsx'
import { useContextOf } from '../../ui/editor-context.ts'
import { FolderBrowser } from './folder-browser.tsx'
import { ModelRow } from './model-row.tsx'
import './models.css'

export function InstalledModels() {
  const { modelsStore } = useContextOf().editor
  const list = useStore(modelsStore, (state) => state.list)
  const busy = useStore(modelsStore, (state) => state.busy)
  const box = useRef<HTMLDivElement>(null)
  const [browsing, setBrowsing] = useState(false)
  if (browsing) return <FolderBrowser onClose={() => setBrowsing(false)} />
  return (
    <>
      <div ref={box} className="models-box" tabIndex={-1}>
        {list?.length === 0 && <Nothing />}
        {list && list.length > 0 && (
          <ul className="models-list" aria-label="Models on this computer">
            {list.map((model) => (
              <ModelRow key={model.name} model={model} onRemoved={() => box.current?.focus()} />
            ))}
          </ul>
        )}
      </div>
      <p className="models-busy quiet" role="status">
        {busy !== null && `${busy}…`}
      </p>
      <Add disabled={busy !== null} onBrowse={() => setBrowsing(true)} />
    </>
  )
}

function Nothing() {
  const { page } = useContextOf()
  return (
    <div className="models-nothing">
      <Boxes size={28} strokeWidth={1.25} aria-hidden="true" />
      <p>
        <strong>No model is installed.</strong>
      </p>
      <p className="quiet">
        Inlay opens Stable Diffusion checkpoints as they are published: a <code>.safetensors</code> file, or a
        folder with a <code>model_index.json</code>. It reads them where they lie and copies nothing.{' '}
        {page.dialogs
          ? 'Drop one here, choose one below, or fetch one from a hub.'
          : 'Give the path of one below, or fetch one from a hub.'}
      </p>
    </div>
  )
}

interface AddProps {
  readonly disabled: boolean
  onBrowse(): void
}

function Add({ disabled, onBrowse }: AddProps) {
  const ctx = useContextOf()
  if (!ctx.page.dialogs) return <AddByPath disabled={disabled} onBrowse={onBrowse} />
  return (
    <div className="models-add">
      <Button disabled={disabled} onClick={() => void chooseModel(ctx, 'file')}>
        <FileBox size={14} strokeWidth={1.5} aria-hidden="true" />
        Choose a file…
      </Button>
      <Button disabled={disabled} onClick={() => void chooseModel(ctx, 'folder')}>
        <FolderOpen size={14} strokeWidth={1.5} aria-hidden="true" />
        Choose a folder…
      </Button>
      <span className="quiet">or drop one on the window</span>
    </div>
  )
}

/** A browser tells nobody where a dropped file lies, and a copy of it would take gigabytes. */
function AddByPath({ disabled, onBrowse }: AddProps) {
  const ctx = useContextOf()
  const id = useId()
  const [path, setPath] = useState('')
  const empty = path.trim() === ''
  const add = async () => {
    // What was typed while the model was read stays.
    if (!empty && !disabled && (await importPath(ctx, path))) setPath((now) => (now === path ? '' : now))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    void add()
  }
  return (
    <div className="models-path">
      <label className="label" htmlFor={id}>
        Path of a file or folder
      </label>
      <div className="models-add">
        <input
          id={id}
          className="text-box"
          value={path}
          placeholder="/home/me/models/sd-v1-5-inpainting.safetensors"
          aria-describedby={`${id}-why`}
          autoComplete="off"
          spellCheck={false}
          maxLength={4096}
          onKeyDown={onKeyDown}
          onChange={(event) => setPath(event.currentTarget.value)}
        />
        <Button kind="primary" disabled={disabled || empty} onClick={() => void add()}>
          Add
        </Button>
        {ctx.page.folder && (
          <Button disabled={disabled} onClick={onBrowse}>
            Browse…
          </Button>
        )}
      </div>
      <p id={`${id}-why`} className="quiet models-small">
        A browser does not tell Inlay where a dropped file lies, and models are too large to copy.
      </p>
    </div>
  )
}
