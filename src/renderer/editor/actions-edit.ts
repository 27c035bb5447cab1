/** Actions of the Edit and Image menus. */
import {
  type ActionContext,
  activeLayer,
  documentOf,
  hasSelection,
  perform,
  unlockedLayer,
  writable,
} from './action-context.ts'
import type { Bindings } from './actions.ts'
import { copy, cut, paste } from './clipboard.ts'
import { canCompare, canGenerate, startGeneration } from './generate.ts'
import { canRemove, fillWithBuiltIn, startRemoval } from './remove.ts'

const isWritable = (ctx: ActionContext) => writable(ctx) !== null
const unlockedRaster = (ctx: ActionContext) => unlockedLayer(ctx)?.kind === 'raster'

export const EDIT_ACTIONS: Bindings<'edit' | 'image'> = {
  'edit.undo': {
    enabled: (ctx) => canUndo(ctx),
    perform: ({ editor }) => editor.document?.undo(),
  },
  'edit.redo': {
    enabled: (ctx) => isWritable(ctx) && ctx.editor.document?.state.history.redo != null,
    perform: ({ editor }) => editor.document?.redo(),
  },
  'edit.cut': { enabled: unlockedRaster, perform: cut },
  'edit.copy': { enabled: (ctx) => activeLayer(ctx) !== null, perform: (ctx) => copy(ctx, 'layer') },
  'edit.copy-merged': { enabled: (ctx) => documentOf(ctx) !== null, perform: (ctx) => copy(ctx, 'merged') },
  'edit.paste': { enabled: isWritable, perform: paste },
  'edit.clear': {
    enabled: unlockedRaster,
    perform: (ctx) => perform(ctx, { kind: 'clear', layer: activeLayer(ctx)!.id }),
  },
  'edit.fill': {
    enabled: unlockedRaster,
    perform: (ctx) =>
      perform(ctx, {
        kind: 'fill-colour',
        layer: activeLayer(ctx)!.id,
        colour: ctx.editor.store.getState().foreground,
      }),
  },
  'edit.remove': { enabled: canRemove, perform: (ctx) => startRemoval(ctx) },
  'edit.fill-built-in': { enabled: canRemove, perform: fillWithBuiltIn },
  'edit.generate': {
    // Where the settings are not in sight, they are shown first.
    enabled: (ctx) => isWritable(ctx) && (!settingsShown(ctx) || canGenerate(ctx)),
    perform: (ctx) =>
      settingsShown(ctx)
        ? startGeneration(ctx)
        : ctx.editor.store.setState({ openPanel: 'generate', panels: true }),
  },
  'edit.compare': {
    enabled: canCompare,
    perform: ({ editor }) => editor.store.setState({ dialog: 'compare' }),
  },

  'image.crop': {
    enabled: (ctx) => isWritable(ctx) && hasSelection(ctx),
    perform: (ctx) => {
      const selection = documentOf(ctx)?.selection
      return selection && perform(ctx, { kind: 'crop', rect: selection.bounds, discard: false })
    },
  },
  'image.canvas-size': {
    enabled: isWritable,
    perform: ({ editor }) => editor.store.setState({ dialog: 'canvas-size' }),
  },
  'image.flatten': {
    enabled: (ctx) => isWritable(ctx) && (documentOf(ctx)?.root.length ?? 0) > 0,
    perform: (ctx) => perform(ctx, { kind: 'flatten' }),
  },
}

function settingsShown({ editor }: ActionContext): boolean {
  const { openPanel, panels } = editor.store.getState()
  return panels && openPanel === 'generate'
}

/** The first entry is the import itself: there is nothing before it. */
function canUndo(ctx: ActionContext): boolean {
  const history = writable(ctx)?.state.history
  return history !== undefined && history.head !== history.entries[0]?.id
}
