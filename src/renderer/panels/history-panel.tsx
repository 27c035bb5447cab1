/** History: every entry ever made, the present one marked, branches beside the line. A click jumps. */
import {
  Brush,
  Circle,
  Crop,
  Eraser,
  FileInput,
  GitBranch,
  Layers,
  type LucideIcon,
  Move,
  Scaling,
  Scissors,
  Sparkles,
  SquareDashed,
  WandSparkles,
} from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { CommandId } from '../../shared/ids.ts'
import { attempt } from '../editor/action-context.ts'
import { type HistoryRow, historyRows } from '../editor/history-rows.ts'
import { ActionIconButton } from '../ui/buttons.tsx'
import { useContextOf, useDocumentClient, useDocumentState } from '../ui/editor-context.ts'
import { MaskIcon } from '../ui/mask-icon.tsx'
import { Thumbnail, usePicture } from '../ui/thumbnail.tsx'
import { Panel } from './panel.tsx'
import { useWindowOf } from './use-window-of.ts'

const ROW = 32
const MOST_INDENT = 5

/** By the command's `origin`. */
const ICONS: Readonly<Record<string, LucideIcon | typeof MaskIcon>> = {
  import: FileInput,
  new: FileInput,
  brush: Brush,
  eraser: Eraser,
  'mask-brush': SquareDashed,
  select: SquareDashed,
  selection: SquareDashed,
  layer: Layers,
  mask: MaskIcon,
  move: Move,
  crop: Crop,
  canvas: Scaling,
  cut: Scissors,
  remove: WandSparkles,
  generate: Sparkles,
}

export function HistoryPanel({ grow }: { readonly grow: number }) {
  const tools = (
    <span className="panel-head-tools">
      <ActionIconButton id="edit.undo" />
      <ActionIconButton id="edit.redo" />
    </span>
  )
  return (
    <Panel title="History" className="history" grow={grow} tools={tools}>
      <HistoryList />
    </Panel>
  )
}

function HistoryList() {
  const ctx = useContextOf()
  const client = useDocumentClient()
  const history = useDocumentState((state) => state.history)
  const readOnly = useDocumentState((state) => state.readOnly)
  const rows = useMemo(() => historyRows(history), [history])
  const list = useRef<HTMLDivElement>(null)
  const sight = useWindowOf(list, rows.length, ROW)
  const present = rows.findIndex((row) => row.state === 'present')
  const [marked, setMarked] = useState<number | null>(null)
  const at = marked ?? present

  const reveal = (index: number) => {
    const element = list.current
    if (!element || index < 0) return
    const top = index * ROW
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + ROW > element.scrollTop + element.clientHeight)
      element.scrollTop = top + ROW - element.clientHeight
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new present is brought into sight.
  useEffect(() => {
    setMarked(null)
    reveal(present)
  }, [present, rows.length])

  // Another panel that unfolds takes height away: what is present stays in sight.
  const latest = useRef(present)
  latest.current = present
  // biome-ignore lint/correctness/useExhaustiveDependencies: the observer is made once and reads the latest.
  useEffect(() => {
    const observer = new ResizeObserver(() => reveal(latest.current))
    observer.observe(list.current!)
    return () => observer.disconnect()
  }, [])

  const jump = (row: HistoryRow | undefined) => {
    if (row && !readOnly && row.state !== 'present') void attempt(ctx, () => client.jump(row.entry.id))
  }
  const key = (event: KeyboardEvent) => {
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key]
    if (event.key === 'Enter' || event.key === ' ') jump(rows[at])
    else if (to === undefined) return
    else if (rows[to]) {
      setMarked(to)
      reveal(to)
    }
    event.preventDefault()
  }
  return (
    <div
      ref={list}
      role="listbox"
      className="history-list"
      aria-label="History"
      aria-activedescendant={rows[at] && rowId(rows[at].entry.id)}
      tabIndex={0}
      onKeyDown={key}
    >
      <div role="presentation" style={{ height: sight.from * ROW }} />
      {rows.slice(sight.from, sight.to).map((row, i) => {
        const index = sight.from + i
        return (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list handles keys
          // biome-ignore lint/a11y/useFocusableInteractive: the list has the focus and names its active option
          <div
            key={row.entry.id}
            id={rowId(row.entry.id)}
            role="option"
            aria-selected={row.state === 'present'}
            aria-current={row.state === 'present' ? 'step' : undefined}
            aria-setsize={rows.length}
            aria-posinset={index + 1}
            className="history-row"
            data-state={row.state}
            data-marked={index === marked || undefined}
            title={new Date(row.entry.time).toLocaleString()}
            onClick={() => jump(row)}
          >
            <HistoryRowView row={row} />
          </div>
        )
      })}
      <div role="presentation" style={{ height: Math.max(0, rows.length - sight.to) * ROW }} />
    </div>
  )
}

function HistoryRowView({ row }: { readonly row: HistoryRow }) {
  const client = useDocumentClient()
  const { project } = useContextOf().editor
  const { entry } = row
  const made = useDocumentState((state) => state.thumbnails.get(entry.id) ?? 0)
  const url = usePicture(`${entry.id} ${made}`, () =>
    project.historyThumbnail({ session: client.session, command: entry.id }),
  )
  const Icon = ICONS[entry.origin] ?? Circle
  return (
    <>
      <span style={{ width: Math.min(MOST_INDENT, row.depth) * 14 }} />
      {row.branches && <GitBranch size={12} className="history-branch" aria-label="Branch:" />}
      {url ? (
        <Thumbnail url={url} />
      ) : (
        <span className="thumbnail-stand-in">
          <Icon size={14} strokeWidth={1.5} aria-hidden="true" />
        </span>
      )}
      <span className="history-label">{entry.label}</span>
      <span className="history-time number">{when(entry.time)}</span>
      {row.state === 'future' && <span className="only-read">undone</span>}
      {row.state === 'branch' && <span className="only-read">on another branch</span>}
    </>
  )
}

/** "14:05" today, "24 Nov" before. */
function when(time: number): string {
  const date = new Date(time)
  const today = date.toDateString() === new Date().toDateString()
  return today
    ? date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
    : date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
}

function rowId(id: CommandId): string {
  return `history-${id}`
}
