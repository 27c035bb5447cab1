/**
 * A closed outline as a source of cover.
 *
 * Invariant: a point is inside when a ray from it crosses the outline an odd number of times (even-odd). A pixel's value
 * is its covered share: exact from left to right, sampled on `LINES` lines from top to bottom.
 */
import { intersect, isEmpty, outerRect, type Rect } from '../../../shared/geometry.ts'
import { compactGray, type Gray, type MaskSource } from './mask-source.ts'
import type { Pace } from './pace.ts'

const LINES = 16

interface OutlinePoint {
  readonly x: number
  readonly y: number
}

/** One edge of the outline from its upper to its lower end; `slope` is pixels to the right per pixel down. */
interface Edge {
  readonly top: number
  readonly bottom: number
  readonly x: number
  readonly slope: number
}

/** @param points the outline's corners in document pixels; the last is joined to the first */
export function lassoSource(points: readonly OutlinePoint[], canvas: Rect): MaskSource {
  const edges = edgesOf(points)
  const bounds = intersect(outlineBounds(points), canvas)
  return {
    bounds,
    async read(rect, pace) {
      const inside = intersect(rect, bounds)
      if (isEmpty(inside)) return 0
      const near = edges.filter((edge) => edge.bottom > inside.y && edge.top < inside.y + inside.height)
      return near.length === 0 ? 0 : fill(near, rect, inside, pace)
    },
  }
}

function outlineBounds(points: readonly OutlinePoint[]): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y } of points) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  return outerRect(left, top, right, bottom)
}

/** All edges that are not level, topmost first. */
function edgesOf(points: readonly OutlinePoint[]): Edge[] {
  return points
    .map((a, i) => {
      const b = points[(i + 1) % points.length]!
      const [upper, lower] = a.y <= b.y ? [a, b] : [b, a]
      return { top: upper.y, bottom: lower.y, x: upper.x, slope: (lower.x - upper.x) / (lower.y - upper.y) }
    })
    .filter((edge) => edge.bottom > edge.top)
    .sort((a, b) => a.top - b.top)
}

/** Fills `inside` (a part of `rect`) row by row; the edges that cross the current line are kept in a list. */
async function fill(edges: readonly Edge[], rect: Rect, inside: Rect, pace: Pace): Promise<Gray> {
  const pixels = new Uint8Array(rect.width * rect.height)
  /** How the cover of a row changes from pixel to pixel; one place more than pixels. */
  const steps = new Float64Array(inside.width + 1)
  let next = 0
  let active: Edge[] = []
  for (let row = 0; row < inside.height; row++) {
    if (pace.due()) await pace.rest()
    steps.fill(0)
    for (let line = 0; line < LINES; line++) {
      const y = inside.y + row + (line + 0.5) / LINES
      while (next < edges.length && edges[next]!.top <= y) active.push(edges[next++]!)
      active = active.filter((edge) => edge.bottom > y)
      if (active.length === 0) continue
      const crossings = active
        .map((edge) => edge.x + (y - edge.top) * edge.slope - inside.x)
        .sort((a, b) => a - b)
      for (let i = 0; i + 1 < crossings.length; i += 2) addSpan(steps, crossings[i]!, crossings[i + 1]!)
    }
    const at = (inside.y + row - rect.y) * rect.width + inside.x - rect.x
    let covered = 0
    for (let x = 0; x < inside.width; x++) {
      covered += steps[x]!
      pixels[at + x] = Math.min(1, Math.max(0, covered / LINES)) * 255 + 0.5
    }
  }
  return compactGray(pixels)
}

/**
 * Adds a span of a line. Its cover is a ramp up at `from` and one down at `to`; only where cover changes is noted, so a
 * long span costs no more than a short one.
 */
function addSpan(steps: Float64Array, from: number, to: number): void {
  addRamp(steps, from, 1)
  addRamp(steps, to, -1)
}

/** All that lies right of a place on the line counts `sign` from there on. */
function addRamp(steps: Float64Array, place: number, sign: number): void {
  const clamped = Math.min(steps.length - 1, Math.max(0, place))
  const pixel = Math.floor(clamped)
  const right = sign * (pixel + 1 - clamped)
  steps[pixel] = steps[pixel]! + right
  if (pixel + 1 < steps.length) steps[pixel + 1] = steps[pixel + 1]! + sign - right
}
