/**
 * Where a painting tool would paint, or the sentence that says why it cannot: pure.
 *
 * Invariant: whatever is refused here would be refused by the engine too; asking first lets the cursor say so before
 * anybody has painted in vain.
 */
import { type Document, type Layer, placeOf } from '../../shared/document/model.ts'
import type { PaintTarget } from '../../shared/intents.ts'
import type { BrushTool, EditorState } from '../editor/editor-state.ts'
import { looksAtResult } from '../editor/in-hand-state.ts'

export type PaintAnswer = { readonly target: PaintTarget } | { readonly refusal: string }

export const READ_ONLY = 'This project is open for reading only; save a copy to edit it.'
export const RESULT_WAITS = 'A result is waiting; apply or discard it first.'

type Situation = Pick<EditorState, 'activeLayer' | 'plane' | 'inHand'>

export function paintTarget(
  tool: BrushTool,
  document: Document,
  readOnly: boolean,
  { activeLayer, plane, inHand }: Situation,
): PaintAnswer {
  if (readOnly) return { refusal: READ_ONLY }
  if (looksAtResult(inHand)) return { refusal: RESULT_WAITS }
  if (tool === 'mask-brush') return { target: { kind: 'selection' } }
  const layer = activeLayer === null ? undefined : document.layers[activeLayer]
  if (!layer) return { refusal: 'No layer is chosen; choose one in the layers panel to paint on it.' }
  const refusal = refusalOf(document, layer, plane)
  if (refusal) return { refusal }
  return { target: { kind: plane, layer: layer.id } }
}

function refusalOf(document: Document, layer: Layer, plane: 'pixels' | 'mask'): string | null {
  const name = `“${layer.name}”`
  if (plane === 'pixels' && layer.kind === 'group')
    return `The group ${name} has no pixels of its own; choose a layer in it.`
  if (plane === 'mask' && !layer.mask) return `${name} has no mask; add one to paint on it.`
  if (layer.locked) return `${name} is locked; unlock it to paint on it.`
  if (plane === 'mask' && layer.mask?.enabled === false)
    return `The mask of ${name} is off; enable it to paint on it.`
  if (!isShown(document, layer)) return `${name} is hidden; show it to paint on it.`
  return null
}

/** Whether the layer and every group around it are visible. */
export function isShown(document: Document, layer: Layer): boolean {
  if (!layer.visible) return false
  const parent = placeOf(document, layer.id)?.parent
  const group = parent == null ? undefined : document.layers[parent]
  return group ? isShown(document, group) : true
}
