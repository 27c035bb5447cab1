/** Opening from the folder given at launch, without an upload, or from elsewhere on this computer. */
import { FileImage, Folder, FolderUp } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import type { FileToken } from '../../../shared/ids.ts'
import { attempt, type PickedFile } from '../../editor/action-context.ts'
import { takeFile } from '../../editor/files.ts'
import { Button } from '../../ui/buttons.tsx'
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useContextOf, useEditorState } from '../../ui/editor-context.ts'
import type { DialogProps } from './dialogs.tsx'

interface Listing {
  readonly path: string
  readonly entries: readonly { name: string; folder: boolean; file: FileToken | null }[]
}

export function OpenDialog({ onClose }: DialogProps) {
  const ctx = useContextOf()
  const purpose = useEditorState((state) => state.opening)
  const list = useRef<HTMLUListElement>(null)
  const [listing, setListing] = useState<Listing>({ path: '', entries: [] })
  const go = (path: string) =>
    void attempt(ctx, async () => {
      const found = await ctx.editor.shell.listFolder({ path })
      if (found) setListing(found)
    })
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the dialog opens.
  useEffect(() => go(''), [])

  const take = (chosen: PickedFile) => {
    onClose()
    void attempt(ctx, () => takeFile(ctx, chosen, purpose))
  }
  const elsewhere = () => {
    onClose()
    void attempt(ctx, async () => {
      const chosen = await ctx.page.pickFile()
      if (chosen) await takeFile(ctx, chosen, purpose)
    })
  }
  const inside = (name: string) => (listing.path === '' ? name : `${listing.path}/${name}`)
  const above = listing.path.split('/').slice(0, -1).join('/')
  return (
    <DialogFrame
      title={purpose === 'open' ? 'Open' : 'Place as layer'}
      width={520}
      initialFocus={list}
      onClose={onClose}
      foot={
        <>
          <Button onClick={elsewhere}>From elsewhere on this computer…</Button>
          <Button onClick={onClose}>Cancel</Button>
        </>
      }
    >
      <p className="quiet">{listing.path === '' ? 'The folder Inlay was started with' : listing.path}</p>
      <ul ref={list} className="file-list" tabIndex={-1}>
        {listing.path !== '' && (
          <li>
            <button type="button" className="start-entry" onClick={() => go(above)}>
              <FolderUp size={16} strokeWidth={1.5} aria-hidden="true" />
              <span className="start-name">One level up</span>
            </button>
          </li>
        )}
        {listing.entries.map(({ name, folder, file }) => (
          <li key={name}>
            <button
              type="button"
              className="start-entry"
              onClick={() => (file && !folder ? take({ file, name }) : go(inside(name)))}
            >
              {folder ? (
                <Folder size={16} strokeWidth={1.5} aria-hidden="true" />
              ) : (
                <FileImage size={16} strokeWidth={1.5} aria-hidden="true" />
              )}
              <span className="start-name">{name}</span>
            </button>
          </li>
        ))}
        {listing.entries.length === 0 && <li className="quiet">No pictures or projects in here.</li>}
      </ul>
    </DialogFrame>
  )
}
