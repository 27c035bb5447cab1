/**
 * What the canvas shows of a generation besides its candidates: what the model will see, and what it has made so far. Pure.
 */
import type { Document } from '../../shared/document/model.ts'
import { contains, ORIGIN, type Point, type Rect, rectOf } from '../../shared/geometry.ts'
import type { EditorState } from '../editor/editor-state.ts'
import { type InHand, looksAtResult, type Preview, shownCandidate } from '../editor/in-hand-state.ts'
import type { OverlayShape } from '../tools/overlay-shape.ts'
import { type Placement, toScreen } from './canvas-view.ts'

/** The context region as a dashed frame, while it lies around a selection or past the canvas. */
export function regionShapes({ generation, inHand }: EditorState, document: Document): OverlayShape[] {
  const { estimate } = generation
  if (!estimate || looksAtResult(inHand)) return []
  if (!document.selection && isInside(estimate.region, document)) return []
  return [{ kind: 'area', area: estimate.region, style: 'dashed' }]
}

/**
 * The outline to show a preview in, even-odd, in CSS pixels: what the canvas grows by, or the selection. Null shows all of it.
 * @param ants the selection's outline; null where it is not at hand
 */
export function insideOf(
  preview: Preview | null,
  document: Document,
  place: Placement,
  ants: Path2D | null,
): Path2D | null {
  if (!preview) return null
  if (isInside(preview.at, document)) return document.selection ? (ants ?? new Path2D()) : null
  const border = new Path2D()
  for (const { x, y, width, height } of [preview.at, rectOf(document.canvas)]) {
    const from = toScreen(place, { x, y })
    border.rect(from.x, from.y, width * place.scale, height * place.scale)
  }
  return border
}

/** By how much what is shown lies to the right and down of the document: the candidate that is looked at grows the canvas. */
export function shiftOf(inHand: InHand): Point {
  const request = shownCandidate(inHand)?.request
  if (request?.kind !== 'generation' || !request.outpaint) return ORIGIN
  return { x: request.outpaint.left, y: request.outpaint.top }
}

function isInside(rect: Rect, { canvas }: Document): boolean {
  return contains(rectOf(canvas), rect)
}

/** The candidate under way, unless another one is looked at. */
export function previewOf({ inHand }: EditorState): Preview | null {
  return inHand.phase === 'working' && inHand.chosen === null ? inHand.preview : null
}
