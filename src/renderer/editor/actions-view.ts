/** Actions on the view, and the theme. */
import type { Settings } from '../../shared/rpc/shell-contract.ts'
import { type ActionContext, attempt } from './action-context.ts'
import type { Bindings } from './actions.ts'

const ZOOM_STEP = Math.SQRT2
const hasCanvas = ({ editor }: ActionContext) => editor.canvas !== null

function theme(value: Settings['theme']) {
  return {
    enabled: () => true,
    checked: ({ editor }: ActionContext) => editor.store.getState().settings.theme === value,
    perform: (ctx: ActionContext) => changeSettings(ctx, { theme: value }),
  }
}

export const VIEW_ACTIONS: Bindings<'view'> = {
  'view.zoom-in': { enabled: hasCanvas, perform: ({ editor }) => editor.canvas?.zoomBy(ZOOM_STEP) },
  'view.zoom-out': { enabled: hasCanvas, perform: ({ editor }) => editor.canvas?.zoomBy(1 / ZOOM_STEP) },
  'view.fit': { enabled: hasCanvas, perform: ({ editor }) => editor.canvas?.fit() },
  'view.actual-size': { enabled: hasCanvas, perform: ({ editor }) => editor.canvas?.actualSize() },
  'view.mask-overlay': {
    enabled: () => true,
    checked: ({ editor }) => editor.store.getState().maskOverlay,
    perform: ({ editor }) => editor.store.setState(({ maskOverlay }) => ({ maskOverlay: !maskOverlay })),
  },
  'view.panels': {
    enabled: () => true,
    checked: ({ editor }) => editor.store.getState().panels,
    perform: ({ editor }) => editor.store.setState(({ panels }) => ({ panels: !panels })),
  },
  'view.theme-dark': theme('dark'),
  'view.theme-light': theme('light'),
  'view.theme-system': theme('system'),
}

/** Changes settings here and keeps them for the next start. */
export async function changeSettings(ctx: ActionContext, change: Partial<Settings>): Promise<void> {
  const settings = { ...ctx.editor.store.getState().settings, ...change }
  ctx.editor.store.setState({ settings })
  await attempt(ctx, () => ctx.editor.shell.saveSettings(settings))
}
