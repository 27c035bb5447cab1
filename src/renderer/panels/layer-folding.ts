/** Folding and unfolding groups in the list: part of the window, not of the document. */
import type { LayerId } from '../../shared/ids.ts'
import type { EditorStore } from '../editor/editor-state.ts'

export function toggleFolded(store: EditorStore, id: LayerId): void {
  setFolded(store, id, !store.getState().collapsed.has(id))
}

export function setFolded(store: EditorStore, id: LayerId, folded: boolean): void {
  const next = new Set(store.getState().collapsed)
  if (folded) next.add(id)
  else next.delete(id)
  store.setState({ collapsed: next })
}
