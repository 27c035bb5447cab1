/** Actions on the selection. */
import { type ActionContext, activeLayer, hasSelection, perform, writable } from './action-context.ts'
import type { Bindings } from './actions.ts'

const isWritable = (ctx: ActionContext) => writable(ctx) !== null
const withSelection = (ctx: ActionContext) => isWritable(ctx) && hasSelection(ctx)

function replaceBy(shape: 'all' | 'none') {
  return (ctx: ActionContext) =>
    perform(ctx, { kind: 'select', shape: { kind: shape }, combine: 'replace', feather: 0 })
}

function ask(change: 'grow' | 'shrink' | 'feather') {
  return ({ editor }: ActionContext) =>
    editor.store.setState(({ amount }) => ({ dialog: 'amount', amount: { change, value: amount.value } }))
}

export const SELECT_ACTIONS: Bindings<'select'> = {
  'select.all': { enabled: isWritable, perform: replaceBy('all') },
  'select.none': { enabled: withSelection, perform: replaceBy('none') },
  'select.invert': {
    enabled: withSelection,
    perform: (ctx) => perform(ctx, { kind: 'modify-selection', change: 'invert', amount: 0 }),
  },
  'select.layer': {
    enabled: (ctx) => isWritable(ctx) && activeLayer(ctx) !== null,
    perform: (ctx) =>
      perform(ctx, {
        kind: 'select',
        shape: { kind: 'layer', layer: activeLayer(ctx)!.id },
        combine: ctx.editor.store.getState().selectCombine,
        feather: 0,
      }),
  },
  'select.grow': { enabled: withSelection, perform: ask('grow') },
  'select.shrink': { enabled: withSelection, perform: ask('shrink') },
  'select.feather': { enabled: withSelection, perform: ask('feather') },
  'select.fill-holes': {
    enabled: withSelection,
    perform: (ctx) => perform(ctx, { kind: 'modify-selection', change: 'fill-holes', amount: 0 }),
  },
}
