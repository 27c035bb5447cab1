/** One of the two panels that make something: unfolding one folds the other, for both have much to show. */
import type { Maker } from '../../editor/in-hand-state.ts'
import { useContextOf, useEditorState } from '../../ui/editor-context.ts'

export function usePanel(maker: Maker): { readonly open: boolean; onOpen(open: boolean): void } {
  const { store } = useContextOf().editor
  const open = useEditorState((state) => state.openPanel === maker)
  return { open, onOpen: (next) => store.setState({ openPanel: next ? maker : null }) }
}
