/** Draws composed surfaces to the screen; see `gl-present-shader.ts`. */
import type { Rect } from '../../shared/geometry.ts'
import { TILE_SIZE } from '../../shared/tiles.ts'
import type { Presentation } from './compositor-view.ts'
import { activate, bind, compile, createTexture, type Gl, type Program } from './gl-context.ts'
import { type PresentNeeds, presentFragment } from './gl-present-shader.ts'
import { WHOLE_VERTEX } from './gl-shaders.ts'
import type { Surface } from './gl-surface.ts'

/** Points along each side of the display table. */
const LUT_SIDE = 33

/** Side of a checkerboard square, in CSS pixels. */
const CHECKER = 8

/** Names of a surface's textures in the shader, in the order of their units. */
const TEXTURES = ['picture', 'state', 'veil', 'veilState']

export class Presenter {
  readonly #gl: WebGL2RenderingContext
  readonly #programs = new Map<string, Program>()
  readonly #array: WebGLVertexArrayObject
  #lut: WebGLTexture | null = null

  constructor({ gl }: Gl) {
    this.#gl = gl
    this.#array = gl.createVertexArray()
  }

  /** @param table 33 x 33 x 33 RGB bytes, blue fastest, from the document's numbers to sRGB; null for none */
  setLut(table: Uint8Array | null): void {
    const gl = this.#gl
    gl.deleteTexture(this.#lut)
    this.#lut = null
    if (!table) return
    gl.activeTexture(gl.TEXTURE0)
    this.#lut = createTexture(gl, gl.TEXTURE_3D)
    for (const filter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(gl.TEXTURE_3D, filter, gl.LINEAR)
    gl.texParameteri(gl.TEXTURE_3D, gl.TEXTURE_WRAP_R, gl.CLAMP_TO_EDGE)
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1)
    gl.texStorage3D(gl.TEXTURE_3D, 1, gl.RGB8, LUT_SIDE, LUT_SIDE, LUT_SIDE)
    gl.texSubImage3D(gl.TEXTURE_3D, 0, 0, 0, 0, LUT_SIDE, LUT_SIDE, LUT_SIDE, gl.RGB, gl.UNSIGNED_BYTE, table)
  }

  /**
   * @param surfaces the view's own first, then what stands in for it
   * @param complete whether all cells in sight are there @param part device pixels to draw, y down
   */
  present(surfaces: readonly (Surface | null)[], complete: boolean, how: Presentation, part: Rect): void {
    const gl = this.#gl
    const { program, at } = this.#program({
      nearest: how.zoom >= 2 || how.zoom === 1,
      standIn: !complete,
      veil: how.veil !== null,
      lut: this.#lut !== null,
    })
    gl.bindFramebuffer(gl.FRAMEBUFFER, null)
    gl.viewport(0, 0, how.screen.width, how.screen.height)
    gl.scissor(part.x, how.screen.height - part.y - part.height, part.width, part.height)
    activate(gl, program)
    const sizes = [0, 0, 0]
    const wraps = new Int32Array(6)
    for (const [i, surface] of surfaces.entries()) {
      const { picture, veil } = surface ?? {}
      const textures = [picture?.target.texture, picture?.state, veil?.target.texture, veil?.state]
      for (const [k, texture] of textures.entries())
        bind(gl, TEXTURES.length * i + k, gl.TEXTURE_2D, texture ?? null)
      if (!surface) continue
      const size = 2 ** surface.level
      sizes[i] = size
      wraps.set([wrapFrom(how.left / size, surface.columns), wrapFrom(how.top / size, surface.rows)], 2 * i)
    }
    bind(gl, TEXTURES.length * 3, gl.TEXTURE_3D, this.#lut)
    gl.uniform3f(at('texelSize'), sizes[0]!, sizes[1]!, sizes[2]!)
    gl.uniform2iv(at('wrapFrom'), wraps)
    gl.uniform1f(at('scale'), 1 / how.zoom)
    gl.uniform2f(at('shift'), how.left, how.top)
    gl.uniform1f(at('screenHeight'), how.screen.height)
    gl.uniform2f(at('canvasSize'), how.canvas.width, how.canvas.height)
    if (how.veil) {
      const { colour, opacity } = how.veil
      gl.uniform4f(at('veilColour'), colour.r, colour.g, colour.b, opacity)
    }
    gl.uniform1f(at('checkerSize'), CHECKER * how.pixelRatio)
    gl.bindVertexArray(this.#array)
    gl.drawArrays(gl.TRIANGLES, 0, 3)
  }

  dispose(): void {
    this.#gl.deleteTexture(this.#lut)
    for (const { program } of this.#programs.values()) this.#gl.deleteProgram(program)
    this.#gl.deleteVertexArray(this.#array)
  }

  #program(needs: PresentNeeds): Program {
    const key = JSON.stringify(needs)
    let program = this.#programs.get(key)
    if (!program) {
      const samplers = [0, 1, 2].flatMap((i) => TEXTURES.map((name) => `${name}${i}`))
      program = compile(this.#gl, WHOLE_VERTEX, presentFragment(needs), [...samplers, 'lut'])
      this.#programs.set(key, program)
    }
    return program
  }
}

/** The multiple of a texture's size, in texels, at or before the first one in sight (and the one before it). */
function wrapFrom(first: number, cells: number): number {
  const size = cells * TILE_SIZE
  return Math.floor(Math.max(0, first - 2) / size) * size
}
