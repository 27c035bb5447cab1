/**
 * The history tree as a list: one line of entries that leads through the present, and what branched off from it.
 *
 * Invariant: pure; every entry is listed once, a parent always before its children. The line is the way from the first
 * entry to the head and on to where redo leads; what hangs off it is indented and comes right after its parent.
 */
import type { History, HistoryEntry } from '../../shared/history.ts'
import type { CommandId } from '../../shared/ids.ts'

export interface HistoryRow {
  readonly entry: HistoryEntry
  /** `past` and `present` are in the picture, `future` is what redo brings back, `branch` lies on another line. */
  readonly state: 'past' | 'present' | 'future' | 'branch'
  /** 0 on the line; branches of branches go deeper. */
  readonly depth: number
  /** The first entry of a branch. */
  readonly branches: boolean
}

export function historyRows(history: History): HistoryRow[] {
  const children = new Map<CommandId | null, HistoryEntry[]>()
  const byId = new Map<CommandId, HistoryEntry>()
  for (const entry of history.entries) {
    byId.set(entry.id, entry)
    const list = children.get(entry.parent)
    if (list) list.push(entry)
    else children.set(entry.parent, [entry])
  }
  const past = new Set<CommandId>()
  for (let id: CommandId | null = history.head; id !== null; id = byId.get(id)?.parent ?? null) past.add(id)
  const future = new Set<CommandId>()
  for (let id = history.redo ?? undefined; id; id = children.get(id)?.at(-1)?.id) future.add(id)

  const rows: HistoryRow[] = []
  const stack: { entry: HistoryEntry; depth: number; branches: boolean }[] = []
  const push = (list: readonly HistoryEntry[], depth: number) => {
    const main = list.find((e) => past.has(e.id) || future.has(e.id)) ?? (depth > 0 ? list.at(-1) : undefined)
    if (main) stack.push({ entry: main, depth, branches: false })
    for (const entry of [...list].reverse())
      if (entry !== main) stack.push({ entry, depth: depth + 1, branches: true })
  }
  push(children.get(null) ?? [], 0)
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { entry, depth, branches } = next
    rows.push({ entry, depth, branches, state: stateOf(entry.id, history, past, future) })
    push(children.get(entry.id) ?? [], depth)
  }
  return rows
}

function stateOf(
  id: CommandId,
  history: History,
  past: ReadonlySet<CommandId>,
  future: ReadonlySet<CommandId>,
): HistoryRow['state'] {
  if (id === history.head) return 'present'
  if (past.has(id)) return 'past'
  return future.has(id) ? 'future' : 'branch'
}
