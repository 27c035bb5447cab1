/** The name of a project file, where the shell has no dialog of its own. */
import { useId, useRef, useState } from 'react'
import { attempt } from '../../editor/action-context.ts'
import { saveUnder, stem } from '../../editor/files.ts'
import { Button } from '../../ui/buttons.tsx'
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useContextOf, useDocumentState, useEditorState } from '../../ui/editor-context.ts'
import type { DialogProps } from './dialogs.tsx'

export function SaveDialog({ onClose }: DialogProps) {
  const ctx = useContextOf()
  const id = useId()
  const saving = useEditorState((state) => state.saving)
  const projectName = useDocumentState((state) => state.name)
  const [name, setName] = useState(saving === 'save-copy' ? `${projectName} copy` : projectName)
  const field = useRef<HTMLInputElement>(null)
  const save = () => {
    const wanted = stem(name.trim())
    if (wanted === '') return
    onClose()
    void attempt(ctx, () => saveUnder(ctx, saving, `${wanted}.inlay`))
  }
  return (
    <DialogFrame
      title={saving === 'save-copy' ? 'Save a copy' : 'Save as'}
      width={360}
      initialFocus={field}
      onClose={onClose}
      onSubmit={save}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" disabled={name.trim() === ''}>
            Save
          </Button>
        </>
      }
    >
      <div className="form">
        <label className="label" htmlFor={id}>
          Name
        </label>
        <input
          ref={field}
          id={id}
          className="text-box"
          value={name}
          maxLength={120}
          onFocus={(event) => event.currentTarget.select()}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <p className="quiet">
        {ctx.page.folder
          ? 'The project goes into the folder Inlay was started with, history and all.'
          : 'The project goes into your downloads, history and all.'}
      </p>
    </DialogFrame>
  )
}
