/** Draws composed surfaces to the screen; see `gl-present-shader.ts`. */
import type { Rect } from '../../shared/geometry.ts'
import type { Presentation } from './compositor-view.ts'
import { activate, bind, compile, createTexture, type Gl, type Program } from './gl-context.ts'
import { PRESENT_FRAGMENT } from './gl-present-shader.ts'
import { WHOLE_VERTEX } from './gl-shaders.ts'
import type { Surface } from './gl-surface.ts'

/** Points along each side of the display table. */
const LUT_SIDE = 33

/** Side of a checkerboard square, in CSS pixels. */
const CHECKER = 8

export class Presenter {
  readonly #gl: WebGL2RenderingContext
  readonly #program: Program
  readonly #array: WebGLVertexArrayObject
  #lut: WebGLTexture | null = null

  constructor({ gl }: Gl) {
    this.#gl = gl
    const layers = [0, 1, 2].flatMap((i) => [`picture${i}`, `state${i}`, `veil${i}`, `veilState${i}`])
    this.#program = compile(gl, WHOLE_VERTEX, PRESENT_FRAGMENT, [...layers, 'lut'])
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

  /** @param surfaces the view's own first, then what stands in for it @param part device pixels to draw, y down */
  present(surfaces: readonly (Surface | null)[], how: Presentation, part: Rect): void {
    const gl = this.#gl
    const { program, at } = this.#program
    gl.bindFramebuffer(gl.FRAMEBUFFER, null)
    gl.viewport(0, 0, how.screen.width, how.screen.height)
    gl.scissor(part.x, how.screen.height - part.y - part.height, part.width, part.height)
    activate(gl, program)
    for (let i = 0; i < 3; i++) {
      const surface = surfaces[i]
      const { picture, veil } = surface ?? {}
      const textures = [picture?.target.texture, picture?.state, veil?.target.texture, veil?.state]
      for (const [k, texture] of textures.entries()) bind(gl, 4 * i + k, gl.TEXTURE_2D, texture ?? null)
    }
    bind(gl, 12, gl.TEXTURE_3D, this.#lut)
    const size = (i: number) => (surfaces[i] ? 2 ** surfaces[i].level : 0)
    gl.uniform3f(at('texelSize'), size(0), size(1), size(2))
    gl.uniform1f(at('scale'), 1 / how.zoom)
    gl.uniform2f(at('shift'), how.left, how.top)
    gl.uniform1f(at('screenHeight'), how.screen.height)
    gl.uniform2f(at('canvasSize'), how.canvas.width, how.canvas.height)
    gl.uniform1i(at('nearest'), how.zoom >= 2 ? 1 : 0)
    gl.uniform1i(at('hasLut'), this.#lut ? 1 : 0)
    const { colour, opacity } = how.veil ?? { colour: { r: 0, g: 0, b: 0 }, opacity: 0 }
    gl.uniform4f(at('veilColour'), colour.r, colour.g, colour.b, opacity)
    gl.uniform1f(at('checkerSize'), CHECKER * how.pixelRatio)
    gl.bindVertexArray(this.#array)
    gl.drawArrays(gl.TRIANGLES, 0, 3)
  }

  dispose(): void {
    this.#gl.deleteTexture(this.#lut)
    this.#gl.deleteProgram(this.#program.program)
    this.#gl.deleteVertexArray(this.#array)
  }
}
