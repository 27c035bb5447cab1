/**
 * What the canvas shows of a generation besides its candidates: what the model will see, and what it has made so far. Pure.
 */
import type { Document } from '../../shared/document/model.ts'
import type { EditorState } from '../editor/editor-state.ts'
import { looksAtResult, type Preview } from '../editor/in-hand-state.ts'
import type { OverlayShape } from '../tools/overlay-shape.ts'

/** The context region as a dashed frame, while there is a selection around which it lies. */
export function regionShapes({ generation, inHand }: EditorState, document: Document): OverlayShape[] {
  const { estimate } = generation
  if (!estimate || !document.selection || looksAtResult(inHand)) return []
  return [{ kind: 'area', area: estimate.region, style: 'dashed' }]
}

/** The candidate under way, unless another one is looked at. */
export function previewOf({ inHand }: EditorState): Preview | null {
  return inHand.phase === 'working' && inHand.chosen === null ? inHand.preview : null
}
