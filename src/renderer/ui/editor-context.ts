/**
 * How React reads the editor: one context and hooks that re-render on exactly what they select.
 *
 * Invariant: components read through these hooks and change through actions and the functions of `editor/`.
 */
import { createContext, useCallback, useContext, useMemo, useSyncExternalStore } from 'react'
import { useStore } from 'zustand'
import type { ActionId } from '../../shared/actions.ts'
import type { ActionContext } from '../editor/action-context.ts'
import { isChecked, isEnabled, run } from '../editor/actions.ts'
import type { DocumentClient, DocumentState } from '../editor/document-client.ts'
import type { EditorState } from '../editor/editor-state.ts'

const Context = createContext<ActionContext | null>(null)
export const EditorProvider = Context.Provider

export function useContextOf(): ActionContext {
  const ctx = useContext(Context)
  if (!ctx) throw new Error('This component must be inside the editor.')
  return ctx
}

export function useEditorState<T>(select: (state: EditorState) => T): T {
  return useStore(useContextOf().editor.store, select)
}

/** The open project; only for components that are shown while there is one. */
export function useDocumentClient(): DocumentClient {
  const { document } = useContextOf().editor
  if (!document) throw new Error('This component needs an open project.')
  return document
}

export function useDocumentState<T>(select: (state: DocumentState) => T): T {
  return useStore(useDocumentClient().store, select)
}

export interface ActionState {
  readonly enabled: boolean
  readonly checked: boolean | undefined
  run(): void
}

/** An action as a control shows it, kept up to date. */
export function useAction(id: ActionId): ActionState {
  const ctx = useContextOf()
  const subscribe = useSubscription(ctx)
  const state = useSyncExternalStore(subscribe, () => stateBits(ctx, id))
  return useMemo(
    () => ({
      enabled: (state & 1) !== 0,
      checked: (state & 2) === 0 ? undefined : (state & 4) !== 0,
      run: () => void run(ctx, id),
    }),
    [ctx, id, state],
  )
}

/** Calls `changed` whenever any action's state may have changed. */
export function useSubscription(ctx: ActionContext): (changed: () => void) => () => void {
  return useCallback(
    (changed: () => void) => {
      const stops = [ctx.editor.store.subscribe(changed), ctx.editor.document?.store.subscribe(changed)]
      return () => {
        for (const stop of stops) stop?.()
      }
    },
    [ctx],
  )
}

function stateBits(ctx: ActionContext, id: ActionId): number {
  const checked = isChecked(ctx, id)
  return (isEnabled(ctx, id) ? 1 : 0) | (checked === undefined ? 0 : 2) | (checked === true ? 4 : 0)
}
