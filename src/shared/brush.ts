/**
 * Strokes to dabs: from what the pen did to the round spots that are painted, and what one spot covers.
 *
 * Invariant: pure and incremental. Feeding samples one by one gives the same dabs, in the same order, as feeding the
 * whole stroke, so the GPU preview and the engine paint the same stroke. Dabs lie at even distances along the smoothed
 * path, however often the pen was read.
 *
 * The path: the pen's polyline is smoothed by a lag (first order, by distance travelled), then drawn as a centripetal
 * Catmull-Rom spline through the smoothed points (Yuksel, Schaefer, Keyser: "Parameterization and applications of
 * Catmull-Rom curves", 2011), which makes neither cusps nor loops inside a segment. A segment is drawn when the point
 * after it is known; `end` draws the last one and lets the line catch up with the pen.
 */
import type { Brush, StrokeSample } from './stroke.ts'

/** One round spot: centre and radius in document pixels, hardness 0..1, flow 0..1. */
export interface Dab {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly hardness: number
  readonly flow: number
}

/** Closest distance between dabs, in pixels: no finer detail can be seen. */
export const MIN_STEP = 0.25

/** A stroke runs dry after this many dabs (a line of two million pixels with the default brush). */
export const MAX_DABS = 500_000

export interface Dabber {
  /** Takes the next sample. @returns the dabs that are now certain; the very first sample gives one at once. */
  push(sample: StrokeSample): Dab[]
  /** Draws what was held back. @returns the last dabs; nothing may be pushed afterwards. */
  end(): Dab[]
}

interface PathPoint {
  readonly x: number
  readonly y: number
  readonly pressure: number
}

/** Path points closer than this are one point, in pixels. */
const SAME_PLACE = 0.01

export function strokeDabs(brush: Brush, samples: readonly StrokeSample[]): Dab[] {
  const dabber = createDabber(brush)
  const dabs: Dab[] = []
  for (const sample of samples) for (const dab of dabber.push(sample)) dabs.push(dab)
  for (const dab of dabber.end()) dabs.push(dab)
  return dabs
}

export function createDabber(brush: Brush): Dabber {
  /** How far behind the pen the line is when it moves straight on, in pixels. */
  const lag = brush.smoothing * (16 + brush.size / 2)
  let out: Dab[] = []
  let painted = 0
  let pen: PathPoint | null = null
  let smoothed: PathPoint | null = null
  /** The last path points, oldest first; the segment between the last two is not drawn yet. */
  let path: PathPoint[] = []
  let toNext = 0
  let lastPressure = 0

  function paint(x: number, y: number, pressure: number): void {
    const dab = dabAt(brush, x, y, pressure)
    toNext = Math.max(MIN_STEP, brush.spacing * dab.radius * 2)
    lastPressure = pressure
    if (painted++ < MAX_DABS) out.push(dab)
  }

  /** Walks a straight piece of the path and paints whenever a step is done. */
  function walk(from: PathPoint, to: PathPoint): void {
    const length = Math.hypot(to.x - from.x, to.y - from.y)
    let done = 0
    while (length - done >= toNext && painted < MAX_DABS) {
      done += toNext
      const t = done / length
      paint(
        from.x + (to.x - from.x) * t,
        from.y + (to.y - from.y) * t,
        from.pressure + (to.pressure - from.pressure) * t,
      )
    }
    toNext -= length - done
  }

  /** Adds a path point and draws the segment that it completes. */
  function extend(point: PathPoint): void {
    const last = path.at(-1)
    if (last && Math.hypot(point.x - last.x, point.y - last.y) < SAME_PLACE) return rest(point)
    path.push(point)
    if (path.length >= 3) drawSegment(path.at(-4), path.at(-3)!, path.at(-2)!, point)
    if (path.length > 3) path = path.slice(-3)
  }

  /** The pen rests. Pressed clearly harder than when it last painted here, it paints again, once per such rise. */
  function rest(point: PathPoint): void {
    const last = path.at(-1)!
    path[path.length - 1] = { ...last, pressure: point.pressure }
    if (path.length > 1 || !(brush.pressureSize || brush.pressureFlow)) return
    if (point.pressure > lastPressure * 1.25 + 0.02) paint(last.x, last.y, point.pressure)
  }

  function drawSegment(before: PathPoint | undefined, a: PathPoint, b: PathPoint, after?: PathPoint): void {
    const length = Math.hypot(b.x - a.x, b.y - a.y)
    const pieces = Math.min(
      64,
      Math.max(1, Math.ceil(length / Math.max(1, (brush.spacing * brush.size) / 4))),
    )
    const curve = catmullRom(before ?? mirror(a, b), a, b, after ?? mirror(b, a))
    let from = a
    for (let piece = 1; piece <= pieces; piece++) {
      const to = piece === pieces ? b : curve(piece / pieces)
      walk(from, to)
      from = to
    }
  }

  function take(): Dab[] {
    const dabs = out
    out = []
    return dabs
  }

  return {
    push(sample) {
      if (!pen || !smoothed) {
        smoothed = sample
        path = [sample]
        paint(sample.x, sample.y, sample.pressure)
      } else {
        smoothed = follow(smoothed, pen, sample, lag)
        extend(smoothed)
      }
      pen = sample
      return take()
    },
    end() {
      if (pen) extend(pen)
      if (path.length >= 2) drawSegment(path.at(-3), path.at(-2)!, path.at(-1)!)
      path = []
      return take()
    },
  }
}

function dabAt(brush: Brush, x: number, y: number, pressure: number): Dab {
  return {
    x,
    y,
    radius: (brush.size / 2) * (brush.pressureSize ? Math.max(0.02, pressure) : 1),
    hardness: brush.hardness,
    flow: brush.flow * (brush.pressureFlow ? pressure : 1),
  }
}

/**
 * Where the line is after the pen went straight from `from` to `to`: the exact solution of ds/dl = (pen - s) / lag
 * over the way l, so that it does not matter in how many samples the way was read.
 */
function follow(line: PathPoint, from: PathPoint, to: PathPoint, lag: number): PathPoint {
  const way = Math.hypot(to.x - from.x, to.y - from.y)
  if (lag <= 0) return to
  if (way === 0) return { x: line.x, y: line.y, pressure: to.pressure }
  const behind = Math.min(lag / way, 1e9)
  const decay = Math.exp(-way / lag)
  const axis = (s: number, p0: number, p1: number) => {
    const settled = (p1 - p0) * behind
    return p1 - settled + (s - p0 + settled) * decay
  }
  return { x: axis(line.x, from.x, to.x), y: axis(line.y, from.y, to.y), pressure: to.pressure }
}

/** The point beyond `end` that continues the way from `inner` to `end`. */
function mirror(end: PathPoint, inner: PathPoint): PathPoint {
  return { x: 2 * end.x - inner.x, y: 2 * end.y - inner.y, pressure: end.pressure }
}

/** The segment p1..p2 as a function of 0..1: a cubic Hermite with the tangents of the centripetal spline. */
function catmullRom(p0: PathPoint, p1: PathPoint, p2: PathPoint, p3: PathPoint): (t: number) => PathPoint {
  const knot = (a: PathPoint, b: PathPoint) => Math.max(1e-3, Math.sqrt(Math.hypot(b.x - a.x, b.y - a.y)))
  const d0 = knot(p0, p1)
  const d1 = knot(p1, p2)
  const d2 = knot(p2, p3)
  const axis = (a: number, b: number, c: number, d: number) => {
    const start = ((b - a) / d0 - (c - a) / (d0 + d1) + (c - b) / d1) * d1
    const finish = ((c - b) / d1 - (d - b) / (d1 + d2) + (d - c) / d2) * d1
    return { value: b, start, square: 3 * (c - b) - 2 * start - finish, cube: 2 * (b - c) + start + finish }
  }
  const x = axis(p0.x, p1.x, p2.x, p3.x)
  const y = axis(p0.y, p1.y, p2.y, p3.y)
  return (t) => ({
    x: x.value + t * (x.start + t * (x.square + t * x.cube)),
    y: y.value + t * (y.start + t * (y.square + t * y.cube)),
    pressure: p1.pressure + (p2.pressure - p1.pressure) * t,
  })
}

/**
 * How the coverage of a dab runs over the distance from its centre, all in pixels: `gain` up to `inner`, 0 from `outer`
 * on, in between a fall that is a straight line where it is one pixel wide (antialiasing) and nears a smoothstep as it
 * gets wider (`softness`). A dab thinner than a pixel keeps the width of one and loses strength by its area instead.
 */
export interface DabProfile {
  readonly inner: number
  readonly outer: number
  readonly softness: number
  readonly gain: number
}

export function dabProfile(radius: number, hardness: number): DabProfile {
  const drawn = Math.max(radius, 1 - 0.5 * hardness)
  const middle = 0.5 * (1 + hardness) * drawn
  const half = Math.max(0.5, 0.5 * (1 - hardness) * drawn)
  const share = radius / drawn
  return { inner: middle - half, outer: middle + half, softness: 1 - 0.5 / half, gain: share * share }
}

/** Coverage 0..1 of a pixel whose centre is `distance` from the dab's; never rises with the distance. */
export function dabCoverage(distance: number, radius: number, hardness: number): number {
  const { inner, outer, softness, gain } = dabProfile(radius, hardness)
  const t = Math.min(1, Math.max(0, (distance - inner) / (outer - inner)))
  return gain * (1 - (t + softness * (t * t * (3 - 2 * t) - t)))
}

/** `dabCoverage` for shaders, the same formula word for word. */
export const DAB_GLSL = `
float dabCoverage(float away, float radius, float hardness) {
  float drawn = max(radius, 1.0 - 0.5 * hardness);
  float middle = 0.5 * (1.0 + hardness) * drawn;
  float halfWidth = max(0.5, 0.5 * (1.0 - hardness) * drawn);
  float share = radius / drawn;
  float t = clamp((away - middle + halfWidth) / (2.0 * halfWidth), 0.0, 1.0);
  return share * share * (1.0 - (t + (1.0 - 0.5 / halfWidth) * (t * t * (3.0 - 2.0 * t) - t)));
}
`

/** Within a stroke dabs add up to at most full cover; the stroke then covers `cover * opacity`. */
export function accumulate(cover: number, flow: number, coverage: number): number {
  return cover + (1 - cover) * flow * coverage
}

/** Distance from its centre at which a dab ends, in pixels. */
export function dabReach(dab: Dab): number {
  return dabProfile(dab.radius, dab.hardness).outer
}
