/**
 * A WebGL2 context with what the compositor needs, and the few helpers all of it uses.
 *
 * Invariant: the canvas keeps what was drawn, so a frame may redraw a part of it only. Row 0 of every texture and
 * framebuffer of the compositor is the top row of the picture; only the last step, to the screen, turns it over.
 */
import { InlayError } from '../../shared/errors.ts'

export interface Gl {
  readonly gl: WebGL2RenderingContext
  readonly maxTexture: number
  readonly maxLayers: number
  /** Whether 32-bit float targets can be blended into; 16-bit ones always can. */
  readonly floatBlend: boolean
}

/** @throws InlayError `internal` where the browser has no WebGL2 with float targets */
export function openGl(canvas: HTMLCanvasElement | OffscreenCanvas): Gl {
  const gl = canvas.getContext('webgl2', {
    alpha: true,
    antialias: false,
    depth: false,
    stencil: false,
    premultipliedAlpha: true,
    preserveDrawingBuffer: true,
    powerPreference: 'high-performance',
  }) as WebGL2RenderingContext | null
  if (!gl?.getExtension('EXT_color_buffer_float') && !gl?.isContextLost())
    throw new InlayError(
      'internal',
      'This browser cannot draw pictures (it lacks WebGL2 with float targets); update it or its graphics driver.',
    )
  return {
    gl,
    maxTexture: gl.getParameter(gl.MAX_TEXTURE_SIZE) ?? 2048,
    maxLayers: gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS) ?? 256,
    floatBlend: gl.getExtension('EXT_float_blend') !== null,
  }
}

/** A linked program and its uniforms by name. */
export interface Program {
  readonly program: WebGLProgram
  at(uniform: string): WebGLUniformLocation | null
}

const HEADER = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp sampler2DArray;
precision highp sampler3D;
`

/** Compiles a program. `samplers` get texture units 0, 1, 2… in their order. */
export function compile(
  gl: WebGL2RenderingContext,
  vertex: string,
  fragment: string,
  samplers: readonly string[] = [],
): Program {
  const program = gl.createProgram()
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type)
    if (!shader) break
    gl.shaderSource(shader, HEADER + source)
    gl.compileShader(shader)
    gl.attachShader(program, shader)
    gl.deleteShader(shader)
  }
  gl.linkProgram(program)
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    const shaders = gl.getAttachedShaders(program) ?? []
    const logs = shaders.map((shader) => gl.getShaderInfoLog(shader)).join('\n')
    throw new Error(`A shader does not compile: ${gl.getProgramInfoLog(program)}\n${logs}`)
  }
  const places = new Map<string, WebGLUniformLocation | null>()
  const at = (name: string): WebGLUniformLocation | null => {
    let place = places.get(name)
    if (place === undefined) {
      place = gl.getUniformLocation(program, name)
      places.set(name, place)
    }
    return place
  }
  activate(gl, program)
  samplers.forEach((name, unit) => {
    gl.uniform1i(at(name), unit)
  })
  return { program, at }
}

/** Makes a program the current one. */
export function activate(gl: WebGL2RenderingContext, program: WebGLProgram): void {
  // biome-ignore lint/correctness/useHookAtTopLevel: WebGL's own name, not a React hook
  gl.useProgram(program)
}

/** A texture that something is drawn into. */
export interface Target {
  readonly texture: WebGLTexture
  readonly framebuffer: WebGLFramebuffer
  readonly width: number
  readonly height: number
  readonly bytes: number
}

const BYTES: Readonly<Record<number, number>> = {
  [WebGL2RenderingContext.RGBA8]: 4,
  [WebGL2RenderingContext.R8]: 1,
  [WebGL2RenderingContext.RGBA32F]: 16,
  [WebGL2RenderingContext.R32F]: 4,
  [WebGL2RenderingContext.R16F]: 2,
}

/** A 2D texture (or an array of one layer) with its framebuffer, all 0. */
export function createTarget(
  gl: WebGL2RenderingContext,
  format: number,
  width: number,
  height: number,
  asArray = false,
): Target {
  const kind = asArray ? gl.TEXTURE_2D_ARRAY : gl.TEXTURE_2D
  const texture = createTexture(gl, kind)
  const framebuffer = gl.createFramebuffer()
  gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer)
  if (asArray) {
    gl.texStorage3D(kind, 1, format, width, height, 1)
    gl.framebufferTextureLayer(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, texture, 0, 0)
  } else {
    gl.texStorage2D(kind, 1, format, width, height)
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, kind, texture, 0)
  }
  return { texture, framebuffer, width, height, bytes: width * height * (BYTES[format] ?? 4) }
}

export function deleteTarget(gl: WebGL2RenderingContext, target: Target): void {
  gl.deleteTexture(target.texture)
  gl.deleteFramebuffer(target.framebuffer)
}

/** A texture that is read texel by texel, bound to its kind on the active unit. */
export function createTexture(gl: WebGL2RenderingContext, kind: number): WebGLTexture {
  const texture = gl.createTexture()
  gl.bindTexture(kind, texture)
  gl.texParameteri(kind, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
  gl.texParameteri(kind, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
  gl.texParameteri(kind, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE)
  gl.texParameteri(kind, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE)
  return texture
}

export function bind(
  gl: WebGL2RenderingContext,
  unit: number,
  kind: number,
  texture: WebGLTexture | null,
): void {
  gl.activeTexture(gl.TEXTURE0 + unit)
  gl.bindTexture(kind, texture)
}
