/** Actions on the active layer, its mask and its place. */
import type { Document, Layer } from '../../shared/document/model.ts'
import { childrenOf, placeOf } from '../../shared/document/model.ts'
import type { LayerId } from '../../shared/ids.ts'
import {
  type ActionContext,
  activeLayer,
  documentOf,
  edit,
  hasSelection,
  perform,
  unlockedLayer,
  writable,
} from './action-context.ts'
import type { Bindings } from './actions.ts'
import { generateAgainFrom } from './generate.ts'
import { deleteLayer, type Edit, groupLayer, newLayer, setProperties, step, ungroup } from './layer-edits.ts'

/** An action that is one structure edit of the active layer: enabled when the edit makes sense. */
function structure(build: (document: Document, id: LayerId, ctx: ActionContext) => Edit | null) {
  const built = (ctx: ActionContext) => (document: Document) => {
    const layer = activeLayer(ctx)
    return layer ? build(document, layer.id, ctx) : null
  }
  return {
    enabled(ctx: ActionContext): boolean {
      const document = documentOf(ctx)
      return document !== null && writable(ctx) !== null && built(ctx)(document) !== null
    },
    perform: (ctx: ActionContext) => edit(ctx, built(ctx)),
  }
}

const isWritable = (ctx: ActionContext) => writable(ctx) !== null
const isFree = (ctx: ActionContext) => ctx.editor.store.getState().inHand.phase === 'idle'
const withMask = (ctx: ActionContext) => unlockedLayer(ctx)?.mask != null
const folded = (ctx: ActionContext) => ctx.editor.store.getState().collapsed
const layerOf = (ctx: ActionContext): Layer => activeLayer(ctx)!

export const LAYER_ACTIONS: Bindings<'layer'> = {
  'layer.new': {
    enabled: isWritable,
    perform: (ctx) => edit(ctx, (document) => newLayer(document, ctx.editor.store.getState().activeLayer)),
  },
  'layer.group': {
    enabled: (ctx) => isWritable(ctx) && grouped(ctx)(documentOf(ctx)!) !== null,
    perform: (ctx) => edit(ctx, grouped(ctx)),
  },
  'layer.ungroup': structure(ungroup),
  'layer.duplicate': {
    enabled: (ctx) => isWritable(ctx) && activeLayer(ctx) !== null,
    perform: (ctx) => perform(ctx, { kind: 'duplicate', layer: layerOf(ctx).id }),
  },
  'layer.via-copy': {
    enabled: (ctx) => isWritable(ctx) && activeLayer(ctx)?.kind === 'raster',
    perform: (ctx) =>
      perform(ctx, { kind: 'layer-from-selection', source: { layer: layerOf(ctx).id }, cut: false }),
  },
  'layer.via-cut': {
    enabled: (ctx) => unlockedLayer(ctx)?.kind === 'raster' && hasSelection(ctx),
    perform: (ctx) =>
      perform(ctx, { kind: 'layer-from-selection', source: { layer: layerOf(ctx).id }, cut: true }),
  },
  'layer.delete': structure(deleteLayer),
  'layer.rename': {
    enabled: (ctx) => isWritable(ctx) && activeLayer(ctx) !== null,
    perform: (ctx) => ctx.editor.store.setState({ renaming: layerOf(ctx).id, panels: true }),
  },
  'layer.toggle-visible': {
    checked: (ctx) => activeLayer(ctx)?.visible === true,
    ...structure((document, id) => {
      const visible = !document.layers[id]!.visible
      return setProperties(document, id, { visible }, visible ? 'Show layer' : 'Hide layer')
    }),
  },
  'layer.toggle-lock': {
    checked: (ctx) => activeLayer(ctx)?.locked === true,
    ...structure((document, id) => {
      const locked = !document.layers[id]!.locked
      return setProperties(document, id, { locked }, locked ? 'Lock layer' : 'Unlock layer')
    }),
  },
  'layer.raise': structure((document, id, ctx) => step(document, id, 1, folded(ctx))),
  'layer.lower': structure((document, id, ctx) => step(document, id, -1, folded(ctx))),

  'layer.add-mask': {
    enabled: (ctx) => unlockedLayer(ctx)?.mask === null,
    perform: async (ctx) => {
      const from = hasSelection(ctx) ? 'selection' : 'reveal-all'
      await perform(ctx, { kind: 'add-mask', layer: layerOf(ctx).id, from })
      ctx.editor.store.setState({ plane: 'mask' })
    },
  },
  'layer.edit-mask': {
    checked: (ctx) => ctx.editor.store.getState().plane === 'mask',
    enabled: (ctx) => activeLayer(ctx)?.mask != null,
    perform: ({ editor }) =>
      editor.store.setState(({ plane }) => ({ plane: plane === 'mask' ? 'pixels' : 'mask' })),
  },
  'layer.toggle-mask': {
    checked: (ctx) => activeLayer(ctx)?.mask?.enabled === true,
    ...structure((document, id) => {
      const { mask, locked } = document.layers[id]!
      if (!mask || locked) return null
      const label = mask.enabled ? 'Disable mask' : 'Enable mask'
      return setProperties(document, id, { mask: { ...mask, enabled: !mask.enabled } }, label)
    }),
  },
  'layer.invert-mask': {
    enabled: withMask,
    perform: (ctx) => perform(ctx, { kind: 'invert-mask', layer: layerOf(ctx).id }),
  },
  'layer.apply-mask': {
    enabled: (ctx) => withMask(ctx) && activeLayer(ctx)?.kind === 'raster',
    perform: (ctx) => perform(ctx, { kind: 'apply-mask', layer: layerOf(ctx).id }),
  },
  'layer.delete-mask': structure((document, id) => {
    const { mask, locked } = document.layers[id]!
    return mask && !locked ? setProperties(document, id, { mask: null }, 'Delete mask') : null
  }),
  'layer.generate-again': {
    enabled: (ctx) => {
      const layer = activeLayer(ctx)
      return isWritable(ctx) && layer?.kind === 'raster' && layer.request !== null && isFree(ctx)
    },
    perform: (ctx) => generateAgainFrom(ctx, layerOf(ctx).id),
  },
  'layer.merge-down': {
    enabled: (ctx) => mergeable(ctx),
    perform: (ctx) => perform(ctx, { kind: 'merge-down', layer: layerOf(ctx).id }),
  },
}

function grouped(ctx: ActionContext) {
  return (document: Document) => groupLayer(document, activeLayer(ctx)?.id ?? null)
}

/** A group merges into one layer; a raster layer needs an unlocked one below it. */
function mergeable(ctx: ActionContext): boolean {
  const document = documentOf(ctx)
  const layer = unlockedLayer(ctx)
  if (!document || !layer) return false
  if (layer.kind === 'group') return layer.children.length > 0
  const place = placeOf(document, layer.id)
  const below = place && childrenOf(document, place.parent)?.[place.index - 1]
  return below !== undefined && document.layers[below]?.locked === false
}
