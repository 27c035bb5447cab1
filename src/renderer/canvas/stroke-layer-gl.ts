/**
 * Strokes that are not in the document yet: what they cover, drawn on the GPU from their dabs.
 *
 * Invariant: a stroke's cover is kept by cells of a mipmap level, each 256 pixels square, and drawn when a cell is
 * composed: a cell remembers how many dabs it has. Dabs are drawn at the level's own scale, never scaled down, so a
 * stroke costs what is seen of it. Within a stroke cover adds up as `accumulate` of src/shared/brush.ts says; strokes on one
 * target lie over each other in the order of their beginning.
 */
import { type Dab, dabReach } from '../../shared/brush.ts'
import { EMPTY_RECT, outerRect, type Rect, union } from '../../shared/geometry.ts'
import type { PaintTarget } from '../../shared/intents.ts'
import { TILE_SIZE } from '../../shared/tiles.ts'
import type { StrokeStart } from '../tools/stroke-sink.ts'
import {
  activate,
  compile,
  createTarget,
  deleteTarget,
  type Gl,
  type Program,
  type Target,
} from './gl-context.ts'
import { DAB_FRAGMENT, DAB_VERTEX } from './gl-shaders.ts'
import type { StrokePreview, StrokeSurface } from './stroke-queue.ts'

interface CoverCell {
  readonly target: Target
  /** How many of the stroke's dabs it has been given. */
  dabs: number
}

/** One stroke: what it is, and where it lies. */
export class Stroke {
  readonly start: StrokeStart
  readonly dabs: Dab[] = []
  bounds: Rect = EMPTY_RECT
  /** By level and place. */
  readonly cells = new Map<string, CoverCell>()

  constructor(start: StrokeStart) {
    this.start = start
  }
}

export interface StrokeLayerHost {
  /** The stroke shows something new, or nothing more, in a rectangle of the document. */
  damaged(target: PaintTarget, rect: Rect): void
}

export class StrokeLayer implements StrokeSurface {
  readonly #host: StrokeLayerHost
  #strokes: readonly Stroke[] = []
  #drawing: DabDrawing | null = null

  constructor(host: StrokeLayerHost) {
    this.#host = host
  }

  begin(start: StrokeStart): StrokePreview {
    const stroke = new Stroke(start)
    this.#strokes = [...this.#strokes, stroke]
    return {
      add: (dabs) => {
        const rect = dabs.map(dabRect).reduce(union, EMPTY_RECT)
        stroke.dabs.push(...dabs)
        stroke.bounds = union(stroke.bounds, rect)
        this.#host.damaged(start.target, rect)
      },
      remove: () => {
        if (!this.#strokes.includes(stroke)) return
        this.#strokes = this.#strokes.filter((other) => other !== stroke)
        this.#drawing?.forget(stroke)
        this.#host.damaged(start.target, stroke.bounds)
      },
    }
  }

  /** Whether there is any stroke. */
  get any(): boolean {
    return this.#strokes.length > 0
  }

  /** The strokes on a layer's pixels, a layer's mask or the selection, oldest first. */
  on(kind: PaintTarget['kind'], layer?: string): readonly Stroke[] {
    if (this.#strokes.length === 0) return this.#strokes
    return this.#strokes.filter(({ start: { target } }) =>
      target.kind === 'selection' ? kind === 'selection' : target.kind === kind && target.layer === layer,
    )
  }

  /** Begins on a new context (null: there is none any more); covers are drawn again when they are needed. */
  attach(gl: Gl | null): void {
    for (const stroke of this.#strokes) stroke.cells.clear()
    this.#drawing = gl && new DabDrawing(gl)
  }

  /** What a stroke covers of a cell, up to date, or null where it covers nothing. */
  cover(stroke: Stroke, level: number, x: number, y: number): WebGLTexture | null {
    return this.#drawing?.cover(stroke, level, x, y) ?? null
  }

  get gpuBytes(): number {
    return this.#drawing?.bytes ?? 0
  }

  dispose(): void {
    for (const stroke of this.#strokes) this.#drawing?.forget(stroke)
    this.#drawing?.dispose()
  }
}

/** Draws dabs into cover cells. */
class DabDrawing {
  readonly #gl: WebGL2RenderingContext
  readonly #format: number
  readonly #program: Program
  readonly #array: WebGLVertexArrayObject
  readonly #buffer: WebGLBuffer
  readonly #free: Target[] = []
  bytes = 0

  constructor({ gl, floatBlend }: Gl) {
    this.#gl = gl
    this.#format = floatBlend ? gl.R32F : gl.R16F
    this.#program = compile(gl, DAB_VERTEX, DAB_FRAGMENT)
    this.#array = gl.createVertexArray()
    this.#buffer = gl.createBuffer()
    gl.bindVertexArray(this.#array)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer)
    for (const [index, size, offset] of [
      [0, 4, 0],
      [1, 1, 16],
    ] as const) {
      gl.enableVertexAttribArray(index)
      gl.vertexAttribPointer(index, size, gl.FLOAT, false, 20, offset)
      gl.vertexAttribDivisor(index, 1)
    }
    gl.bindVertexArray(null)
  }

  cover(stroke: Stroke, level: number, x: number, y: number): WebGLTexture | null {
    const key = `${level}/${x},${y}`
    const cell = stroke.cells.get(key)
    const from = cell?.dabs ?? 0
    const found: number[] = []
    const scale = 2 ** level
    for (let i = from; i < stroke.dabs.length; i++) collect(stroke.dabs[i]!, scale, x, y, found)
    if (cell) cell.dabs = stroke.dabs.length
    if (found.length === 0) return cell?.target.texture ?? null
    const target = cell?.target ?? this.#take()
    if (!cell) stroke.cells.set(key, { target, dabs: stroke.dabs.length })
    this.#draw(target, Float32Array.from(found), x, y)
    return target.texture
  }

  forget(stroke: Stroke): void {
    for (const { target } of stroke.cells.values()) this.#free.push(target)
    stroke.cells.clear()
  }

  dispose(): void {
    for (const target of this.#free) deleteTarget(this.#gl, target)
    this.#gl.deleteProgram(this.#program.program)
    this.#gl.deleteVertexArray(this.#array)
    this.#gl.deleteBuffer(this.#buffer)
  }

  #take(): Target {
    const gl = this.#gl
    const free = this.#free.pop()
    if (free) {
      gl.bindFramebuffer(gl.FRAMEBUFFER, free.framebuffer)
      gl.scissor(0, 0, TILE_SIZE, TILE_SIZE)
      gl.clearColor(0, 0, 0, 0)
      gl.clear(gl.COLOR_BUFFER_BIT)
      return free
    }
    const target = createTarget(gl, this.#format, TILE_SIZE, TILE_SIZE)
    this.bytes += target.bytes
    return target
  }

  #draw(target: Target, data: Float32Array, x: number, y: number): void {
    const gl = this.#gl
    gl.bindFramebuffer(gl.FRAMEBUFFER, target.framebuffer)
    gl.viewport(0, 0, TILE_SIZE, TILE_SIZE)
    gl.scissor(0, 0, TILE_SIZE, TILE_SIZE)
    activate(gl, this.#program.program)
    gl.uniform2f(this.#program.at('origin'), x * TILE_SIZE, y * TILE_SIZE)
    gl.bindVertexArray(this.#array)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer)
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STREAM_DRAW)
    // cover + (1 - cover) * amount
    gl.enable(gl.BLEND)
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_COLOR)
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, data.length / 5)
    gl.disable(gl.BLEND)
  }
}

/** Appends a dab, scaled to a level, if it touches a cell. */
function collect(dab: Dab, scale: number, cellX: number, cellY: number, into: number[]): void {
  const radius = dab.radius / scale
  const x = dab.x / scale
  const y = dab.y / scale
  const reach = radius + 2
  const left = cellX * TILE_SIZE
  const top = cellY * TILE_SIZE
  if (x + reach < left || x - reach > left + TILE_SIZE) return
  if (y + reach < top || y - reach > top + TILE_SIZE) return
  into.push(x, y, radius, dab.hardness, dab.flow)
}

function dabRect(dab: Dab): Rect {
  const reach = dabReach(dab)
  return outerRect(dab.x - reach, dab.y - reach, dab.x + reach, dab.y + reach)
}
