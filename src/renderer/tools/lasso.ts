/** Lasso: a freehand outline that closes itself. */
import { distance } from './pointing.ts'
import { createSelecting, type Drawing } from './selecting.ts'
import type { Spot, Tool, ToolContext } from './tool.ts'

/** Points closer than this on the screen, in CSS pixels, are one. */
const STEP = 1
/** Beyond this many points every other one is dropped: well below what an intent takes. */
const MAX_POINTS = 8_000

const lasso: Drawing = {
  id: 'lasso',
  extend(draft, to, { scale }) {
    if (distance(draft.at(-1)!, to) * scale < STEP) return draft
    return draft.length < MAX_POINTS ? [...draft, to] : [...draft.filter((_, i) => i % 2 === 0), to]
  },
  shape(draft) {
    if (draft.length < 3 || narrowest(draft) < 0.5) return null
    return { kind: 'lasso', points: draft.map(({ x, y }) => ({ x: round(x), y: round(y) })) }
  },
  overlay: (draft) => [{ kind: 'path', points: draft.flatMap(({ x, y }) => [x, y]), closed: false }],
}

/** Hundredths of a pixel say enough and travel lighter. */
function round(value: number): number {
  return Math.round(Math.min(1e6, Math.max(-1e6, value)) * 100) / 100
}

/** Length of the shorter side of the box around the points. */
function narrowest(points: readonly Spot[]): number {
  const extent = (values: number[]) =>
    values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b))
  return Math.min(extent(points.map(({ x }) => x)), extent(points.map(({ y }) => y)))
}

export function createLasso(context: ToolContext): Tool {
  return createSelecting(lasso, context)
}
