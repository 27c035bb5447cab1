/** Rectangle selection: whole pixels between two corners, cut to the canvas. */
import { isEmpty, rectOf } from '../../shared/geometry.ts'
import { areaBetween, pixelRect, squared } from './pointing.ts'
import { createSelecting, type Drawing } from './selecting.ts'
import type { Spot, Tool, ToolContext } from './tool.ts'

/** A draft is where it began and the two corners. */
const rectangle: Drawing = {
  id: 'rectangle-select',
  extend([start], to, { square, centred }) {
    const corner = square ? squared(start!, to) : to
    const opposite = centred ? { x: 2 * start!.x - corner.x, y: 2 * start!.y - corner.y } : start!
    return [start!, opposite, corner]
  },
  shape(draft, context) {
    const rect = pixelRect(areaOf(draft), rectOf(context.document().canvas))
    return isEmpty(rect) ? null : { kind: 'rect', rect }
  },
  overlay(draft, pointer) {
    const area = snapped(areaOf(draft))
    return [
      { kind: 'area', area, style: 'ants' },
      { kind: 'label', at: pointer, text: `${area.width} × ${area.height}` },
    ]
  },
}

function areaOf(draft: readonly Spot[]) {
  return areaBetween(draft[1] ?? draft[0]!, draft[2] ?? draft[0]!)
}

/** The area with its edges on pixel borders, as it will be selected. */
function snapped(area: { x: number; y: number; width: number; height: number }) {
  const x = Math.round(area.x)
  const y = Math.round(area.y)
  return { x, y, width: Math.round(area.x + area.width) - x, height: Math.round(area.y + area.height) - y }
}

export function createRectangleSelect(context: ToolContext): Tool {
  return createSelecting(rectangle, context)
}
