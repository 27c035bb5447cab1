/** The round cursor of the brushes, drawn because its size is the brush's. */
import type { ToolCursor } from '../tools/overlay-shape.ts'
import type { Spot } from '../tools/tool.ts'
import { toScreen } from './canvas-view.ts'
import { SMALLEST_CIRCLE } from './cursor-css.ts'
import type { Paper } from './overlay-draw.ts'

/** Draws the circle around the pointer: outside the brush's edge, dotted inside how far it covers fully. */
export function drawBrushCursor(paper: Paper, cursor: ToolCursor, pointer: Spot | null): void {
  if (cursor.kind !== 'brush') return
  const at = cursor.fixed ? toScreen(paper.place, cursor.fixed) : pointer
  const diameter = cursor.size * paper.place.scale
  if (!at || diameter < SMALLEST_CIRCLE) return
  const { context } = paper
  const circle = (radius: number, width: number, style: string) => {
    context.beginPath()
    context.arc(at.x, at.y, radius, 0, 2 * Math.PI)
    context.lineWidth = width
    context.strokeStyle = style
    context.stroke()
  }
  const radius = diameter / 2
  circle(radius, 3, 'rgba(0, 0, 0, 0.45)')
  circle(radius, 1.25, 'rgba(255, 255, 255, 0.95)')
  const core = radius * cursor.hardness
  if (core > 3 && radius - core > 3) {
    context.setLineDash([2, 3])
    circle(core, 2, 'rgba(0, 0, 0, 0.35)')
    circle(core, 1, 'rgba(255, 255, 255, 0.8)')
    context.setLineDash([])
  }
  if (diameter >= 24 || cursor.sign) drawMark(context, at, cursor.sign)
}

/** A small cross marks the middle; a minus says that the brush takes away. */
function drawMark(context: CanvasRenderingContext2D, { x, y }: Spot, sign: '+' | '-' | null): void {
  const arm = sign ? 4 : 2.5
  const mark = new Path2D()
  mark.moveTo(x - arm, y)
  mark.lineTo(x + arm, y)
  if (sign !== '-') {
    mark.moveTo(x, y - arm)
    mark.lineTo(x, y + arm)
  }
  context.lineWidth = 3
  context.strokeStyle = 'rgba(0, 0, 0, 0.4)'
  context.stroke(mark)
  context.lineWidth = 1.25
  context.strokeStyle = 'rgba(255, 255, 255, 0.95)'
  context.stroke(mark)
}
