/**
 * The drawing steps of composition, one method each, and the cell-sized targets they work in.
 *
 * Invariant: every step draws one rectangle of one cell. A float target belongs to whoever took it, until it is given
 * back. Programs are compiled when they are first needed.
 */
import type { BlendMode } from '../../shared/document/model.ts'
import type { Rect } from '../../shared/geometry.ts'
import type { RgbColour } from '../../shared/intents.ts'
import { TILE_SIZE } from '../../shared/tiles.ts'
import {
  activate,
  bind,
  compile,
  createTarget,
  deleteTarget,
  type Gl,
  type Program,
  type Target,
} from './gl-context.ts'
import {
  blendFragment,
  MIX_FRAGMENT,
  STROKE_FRAGMENT,
  TILE_FRAGMENT,
  TILE_VERTEX,
  WHOLE_VERTEX,
} from './gl-shaders.ts'
import type { GpuTile } from './tile-pages.ts'

/** Where a cell's pixels go: its top left corner in a framebuffer. */
export interface Place {
  readonly framebuffer: WebGLFramebuffer
  readonly x: number
  readonly y: number
}

/** Bytes of a cell: pixel p is at p - (x, y) of a slice. */
export interface Slice {
  readonly texture: WebGLTexture
  readonly x: number
  readonly y: number
  readonly slice: number
}

export interface Cover {
  readonly opacity: number
  readonly mask: Slice | null
}

/** A tile and where its top left corner lies in the cell. */
export interface PlacedTile {
  readonly tile: GpuTile
  readonly x: number
  readonly y: number
}

export interface StrokePaint {
  readonly cover: WebGLTexture
  readonly erase: boolean
  readonly colour: RgbColour
  /** The stroke's opacity, and the selection where it limits the stroke. */
  readonly limit: Cover
}

export class Passes {
  readonly #gl: WebGL2RenderingContext
  readonly #programs = new Map<string, Program>()
  readonly #instances: WebGLBuffer
  readonly #tileArray: WebGLVertexArrayObject
  readonly #plainArray: WebGLVertexArrayObject
  readonly #free: Target[] = []
  #floats = 0
  readonly #bytes = new Map<string, Target>()
  /** Steps drawn since the context was made. */
  count = 0

  constructor({ gl }: Gl) {
    this.#gl = gl
    this.#plainArray = gl.createVertexArray()
    this.#tileArray = gl.createVertexArray()
    this.#instances = gl.createBuffer()
    gl.bindVertexArray(this.#tileArray)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#instances)
    gl.enableVertexAttribArray(0)
    gl.vertexAttribIPointer(0, 3, gl.INT, 0, 0)
    gl.vertexAttribDivisor(0, 1)
    gl.bindVertexArray(null)
  }

  get gpuBytes(): number {
    let bytes = this.#floats * TILE_SIZE * TILE_SIZE * 16
    for (const target of this.#bytes.values()) bytes += target.bytes
    return bytes
  }

  takeFloat(): Target {
    const free = this.#free.pop()
    if (free) return free
    this.#floats++
    return createTarget(this.#gl, this.#gl.RGBA32F, TILE_SIZE, TILE_SIZE)
  }

  giveBack(target: Target): void {
    this.#free.push(target)
  }

  /** As `giveBack`, of one that will not be needed again soon. */
  discard(target: Target): void {
    this.#floats--
    deleteTarget(this.#gl, target)
  }

  /** A byte target for one purpose, kept for ever. */
  scratch(name: string, format: number): Target {
    let target = this.#bytes.get(name)
    if (!target) {
      target = createTarget(this.#gl, format, TILE_SIZE, TILE_SIZE, true)
      this.#bytes.set(name, target)
    }
    return target
  }

  clear(place: Place, rect: Rect, value: number): void {
    const gl = this.#gl
    this.#into(place, rect)
    gl.clearColor(value, value, value, value)
    gl.clear(gl.COLOR_BUFFER_BIT)
  }

  /** Copies tiles of one level into a cell-sized target. */
  tiles(target: Target, rect: Rect, side: number, placed: readonly PlacedTile[]): void {
    const gl = this.#gl
    const program = this.#use('tile', () => compile(gl, TILE_VERTEX, TILE_FRAGMENT, ['source']))
    this.#into({ framebuffer: target.framebuffer, x: 0, y: 0 }, rect)
    gl.bindVertexArray(this.#tileArray)
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#instances)
    gl.uniform1f(program.at('side'), side)
    const byPage = Map.groupBy(placed, ({ tile }) => tile.page.texture)
    for (const [texture, group] of byPage) {
      bind(gl, 0, gl.TEXTURE_2D_ARRAY, texture)
      const data = Int32Array.from(group.flatMap(({ tile, x, y }) => [x, y, tile.slice]))
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STREAM_DRAW)
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, group.length)
      this.count++
    }
  }

  /** Lays a source over a backdrop (null: over nothing). */
  blend(
    place: Place,
    rect: Rect,
    source: Slice | Target,
    backdrop: Target | null,
    mode: BlendMode,
    cover: Cover,
  ): void {
    const gl = this.#gl
    const group = 'framebuffer' in source
    const program = this.#use(`${mode}/${group}`, () =>
      compile(gl, WHOLE_VERTEX, blendFragment(mode, group), ['source', 'backdrop', 'mask']),
    )
    if (group) bind(gl, 0, gl.TEXTURE_2D, source.texture)
    else this.#source(program, source)
    this.#backdrop(program, backdrop)
    this.#cover(program, cover)
    this.#draw(program, place, rect)
  }

  /** Between a backdrop and what a pass-through group made of it. */
  mix(place: Place, rect: Rect, result: Target, backdrop: Target | null, cover: Cover): void {
    const gl = this.#gl
    const program = this.#use('mix', () =>
      compile(gl, WHOLE_VERTEX, MIX_FRAGMENT, ['source', 'backdrop', 'mask']),
    )
    bind(gl, 0, gl.TEXTURE_2D, result.texture)
    this.#backdrop(program, backdrop)
    this.#cover(program, cover)
    this.#draw(program, place, rect)
  }

  /** Lays a stroke on bytes: colours, or a mask's grey. */
  stroke(target: Target, rect: Rect, source: Slice, gray: boolean, paint: StrokePaint): void {
    const gl = this.#gl
    const program = this.#use('stroke', () =>
      compile(gl, WHOLE_VERTEX, STROKE_FRAGMENT, ['source', 'cover', 'mask']),
    )
    this.#source(program, source)
    bind(gl, 1, gl.TEXTURE_2D, paint.cover)
    this.#cover(program, paint.limit)
    gl.uniform3f(program.at('colour'), paint.colour.r, paint.colour.g, paint.colour.b)
    gl.uniform1i(program.at('mode'), paint.erase ? 1 : 0)
    gl.uniform1i(program.at('gray'), gray ? 1 : 0)
    this.#draw(program, { framebuffer: target.framebuffer, x: 0, y: 0 }, rect)
  }

  dispose(): void {
    for (const { program } of this.#programs.values()) this.#gl.deleteProgram(program)
    for (const target of [...this.#free, ...this.#bytes.values()]) deleteTarget(this.#gl, target)
    this.#gl.deleteBuffer(this.#instances)
    this.#gl.deleteVertexArray(this.#tileArray)
    this.#gl.deleteVertexArray(this.#plainArray)
  }

  #use(name: string, make: () => Program): Program {
    let program = this.#programs.get(name)
    if (!program) {
      program = make()
      this.#programs.set(name, program)
    }
    activate(this.#gl, program.program)
    return program
  }

  #source(program: Program, source: Slice): void {
    bind(this.#gl, 0, this.#gl.TEXTURE_2D_ARRAY, source.texture)
    this.#gl.uniform3i(program.at('sourceAt'), source.x, source.y, source.slice)
  }

  #backdrop(program: Program, backdrop: Target | null): void {
    bind(this.#gl, 1, this.#gl.TEXTURE_2D, backdrop?.texture ?? null)
    this.#gl.uniform1i(program.at('hasBackdrop'), backdrop ? 1 : 0)
  }

  #cover(program: Program, { opacity, mask }: Cover): void {
    bind(this.#gl, 2, this.#gl.TEXTURE_2D_ARRAY, mask?.texture ?? null)
    this.#gl.uniform1f(program.at('opacity'), opacity)
    this.#gl.uniform1i(program.at('masked'), mask ? 1 : 0)
    if (mask) this.#gl.uniform3i(program.at('maskAt'), mask.x, mask.y, mask.slice)
  }

  #draw(program: Program, place: Place, rect: Rect): void {
    const gl = this.#gl
    gl.bindVertexArray(this.#plainArray)
    gl.uniform2i(program.at('cellAt'), place.x, place.y)
    this.#into(place, rect)
    gl.drawArrays(gl.TRIANGLES, 0, 3)
    this.count++
  }

  #into({ framebuffer, x, y }: Place, rect: Rect): void {
    const gl = this.#gl
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer)
    gl.viewport(x, y, TILE_SIZE, TILE_SIZE)
    gl.scissor(x + rect.x, y + rect.y, rect.width, rect.height)
  }
}
