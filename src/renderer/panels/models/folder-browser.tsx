/** Choosing a model in the folder that Inlay was started with, where there are no dialogs of the system. */
import { FileBox, Folder, FolderUp } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { attempt } from '../../editor/action-context.ts'
import { importFound } from '../../editor/models.ts'
import type { ShellClient } from '../../transport/clients.ts'
import { Button } from '../../ui/buttons.tsx'
import { useContextOf } from '../../ui/editor-context.ts'

type Listing = NonNullable<Awaited<ReturnType<ShellClient['listFolder']>>>

export function FolderBrowser({ onClose }: { onClose(): void }) {
  const ctx = useContextOf()
  const busy = useStore(ctx.editor.modelsStore, (state) => state.busy)
  const list = useRef<HTMLUListElement>(null)
  const [listing, setListing] = useState<Listing>({ path: '', whole: null, entries: [] })
  const go = (path: string) =>
    void attempt(ctx, async () => {
      const found = await ctx.editor.shell.listFolder({ path, of: 'models' })
      if (found) setListing(found)
      list.current?.focus()
    })
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens.
  useEffect(() => go(''), [])

  const { path, whole, entries } = listing
  const take = async (file: Listing['whole'], name: string) => {
    if (file && busy === null && (await importFound(ctx, { file, name }))) onClose()
  }
  const name = path.split('/').at(-1) ?? ''
  const above = path.split('/').slice(0, -1).join('/')
  return (
    <>
      <p className="quiet">{path === '' ? 'The folder Inlay was started with' : path}</p>
      <ul ref={list} className="file-list" tabIndex={-1} aria-label="Models in this folder">
        {path !== '' && (
          <li>
            <button type="button" className="start-entry" onClick={() => go(above)}>
              <FolderUp size={16} strokeWidth={1.5} aria-hidden="true" />
              <span className="start-name">One level up</span>
            </button>
          </li>
        )}
        {entries.map((entry) => (
          <li key={entry.name}>
            <button
              type="button"
              className="start-entry"
              onClick={() =>
                entry.folder
                  ? go(path === '' ? entry.name : `${path}/${entry.name}`)
                  : void take(entry.file, entry.name)
              }
            >
              {entry.folder ? (
                <Folder size={16} strokeWidth={1.5} aria-hidden="true" />
              ) : (
                <FileBox size={16} strokeWidth={1.5} aria-hidden="true" />
              )}
              <span className="start-name">{entry.name}</span>
            </button>
          </li>
        ))}
        {entries.length === 0 && <li className="quiet">No models in here.</li>}
      </ul>
      <div className="models-add">
        <Button disabled={busy !== null || path === ''} onClick={() => void take(whole, name)}>
          Add this whole folder
        </Button>
        <Button onClick={onClose}>Back</Button>
        <span className="quiet" role="status">
          {busy !== null && `${busy}…`}
        </span>
      </div>
    </>
  )
}
