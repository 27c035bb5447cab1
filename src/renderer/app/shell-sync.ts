/**
 * What the window tells its surroundings: the title, the theme, and which actions the native menu may offer.
 */
import { useEffect } from 'react'
import { ACTIONS, type ActionId } from '../../shared/actions.ts'
import type { ActionContext } from '../editor/action-context.ts'
import { menuState, run } from '../editor/actions.ts'
import { openFile } from '../editor/files.ts'
import type { Connection } from '../transport/connect.ts'
import { useEditorState, useSubscription } from '../ui/editor-context.ts'
import type { Workspace } from './workspace.ts'

export function useTheme(): void {
  const theme = useEditorState((state) => state.settings.theme)
  useEffect(() => {
    const root = document.documentElement
    if (theme === 'system') delete root.dataset['theme']
    else root.dataset['theme'] = theme
  }, [theme])
}

export function useTitle(ctx: ActionContext): void {
  const client = ctx.editor.document
  useEffect(() => {
    const show = () => {
      const state = client?.state
      const facts = [...(state?.draft ? ['draft'] : []), ...(state?.readOnly ? ['read-only'] : [])]
      const about = facts.length > 0 ? ` (${facts.join(', ')})` : ''
      document.title = state ? `${state.name}${about} - Inlay` : 'Inlay'
    }
    show()
    return client?.store.subscribe(show)
  }, [client])
}

/** Electron only: keeps the native menu's marks true. */
export function useMenuState(ctx: ActionContext): void {
  const subscribe = useSubscription(ctx)
  useEffect(() => {
    if (ctx.page.host !== 'electron') return
    let told = ''
    let timer: ReturnType<typeof setTimeout> | undefined
    const tell = () => {
      timer = undefined
      const state = menuState(ctx)
      const text = JSON.stringify(state)
      if (text === told) return
      told = text
      void ctx.editor.shell.menuState(state).catch(() => {
        told = ''
      })
    }
    const soon = () => {
      timer ??= setTimeout(tell, 50)
    }
    tell()
    const stop = subscribe(soon)
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [ctx, subscribe])
}

/** Electron only: what the native menu and the desktop ask for. */
export function listenToShell(connection: Connection, { store }: Workspace): void {
  connection.onMenuAction((id) => {
    if (ACTIONS.some((action) => action.id === id)) run(store.getState(), id as ActionId)
  })
  connection.onOpenFile((file, name) => void openFile(store.getState(), { file, name }))
}
