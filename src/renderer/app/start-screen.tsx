/** The window without a picture: how to get one. */
import { FileImage, FolderOpen, ImagePlus, Mountain, Trash2 } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import type { FileToken } from '../../shared/ids.ts'
import { attempt } from '../editor/action-context.ts'
import { openFile } from '../editor/files.ts'
import { ActionButton, IconButton, Keys } from '../ui/buttons.tsx'
import { useContextOf } from '../ui/editor-context.ts'

interface Entry {
  readonly file: FileToken
  readonly name: string
  readonly folder?: string
  readonly time: number
}

const MOST = 6

export function StartScreen() {
  const ctx = useContextOf()
  const { project, shell } = ctx.editor
  const [drafts, setDrafts] = useState<readonly Entry[]>([])
  const [recent, setRecent] = useState<readonly Entry[]>([])
  const read = useCallback(async () => {
    await attempt(ctx, async () => setDrafts(await project.drafts()))
    await attempt(ctx, async () => setRecent(await shell.recent()))
  }, [ctx, project, shell])
  useEffect(() => void read(), [read])

  const open = (entry: Entry) => void attempt(ctx, () => openFile(ctx, entry))
  const discard = (entry: Entry) =>
    void attempt(ctx, async () => {
      await project.discardDraft({ file: entry.file })
      await read()
    })
  const clear = () =>
    void attempt(ctx, async () => {
      await shell.clearRecent()
      await read()
    })
  return (
    <main className="start" data-region="start">
      <div className="start-box">
        <div className="start-drop">
          <ImagePlus size={32} strokeWidth={1.25} aria-hidden="true" />
          <h1>Drop a photograph here</h1>
          <p className="quiet">
            Paint over what should go, press Remove, and it is filled from its surroundings.
          </p>
          <div className="start-actions">
            <ActionButton id="file.open" kind="primary" size="large">
              <FolderOpen size={16} aria-hidden="true" />
              Open…
              <Keys of="Mod+O" />
            </ActionButton>
            <ActionButton id="file.open-sample" size="large">
              <Mountain size={16} aria-hidden="true" />
              Sample photograph
            </ActionButton>
            <ActionButton id="file.new" size="large" kind="quiet">
              New…
            </ActionButton>
          </div>
        </div>
        {drafts.length > 0 && (
          <section aria-labelledby="drafts-title">
            <h2 id="drafts-title">Continue where you left off</h2>
            <EntryList
              entries={drafts}
              onOpen={open}
              tools={(entry) => (
                <IconButton
                  icon={Trash2}
                  label={`Discard the draft ${entry.name}`}
                  onClick={() => discard(entry)}
                />
              )}
            />
          </section>
        )}
        {recent.length > 0 && (
          <section aria-labelledby="recent-title">
            <div className="start-head">
              <h2 id="recent-title">Recent files</h2>
              <button type="button" className="button" data-kind="quiet" onClick={clear}>
                Clear
              </button>
            </div>
            <EntryList entries={recent} onOpen={open} />
          </section>
        )}
      </div>
      <p className="start-foot quiet">
        JPEG, PNG, WebP, TIFF, AVIF, GIF and Inlay projects. Nothing leaves this computer.
      </p>
    </main>
  )
}

interface EntryListProps {
  readonly entries: readonly Entry[]
  onOpen(entry: Entry): void
  tools?(entry: Entry): React.ReactNode
}

function EntryList({ entries, onOpen, tools }: EntryListProps) {
  return (
    <ul className="start-list">
      {entries.slice(0, MOST).map((entry) => (
        <li key={entry.file}>
          <button type="button" className="start-entry" onClick={() => onOpen(entry)}>
            <FileImage size={16} strokeWidth={1.5} aria-hidden="true" />
            <span className="start-name">{entry.name}</span>
            {entry.folder && <span className="start-folder">{entry.folder}</span>}
            <span className="start-time number">{ago(entry.time)}</span>
          </button>
          {tools?.(entry)}
        </li>
      ))}
    </ul>
  )
}

function ago(time: number): string {
  const minutes = Math.max(0, Math.round((Date.now() - time) / 60_000))
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
  if (minutes < 1) return 'just now'
  if (minutes < 60) return format.format(-minutes, 'minute')
  if (minutes < 60 * 24) return format.format(-Math.round(minutes / 60), 'hour')
  return format.format(-Math.round(minutes / 60 / 24), 'day')
}
