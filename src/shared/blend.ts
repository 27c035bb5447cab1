/**
 * The sixteen blend modes of W3C "Compositing and Blending Level 1" (sections 5.8, 9 and 10), each once: the function for
 * the engine and the GLSL for the screen stand side by side so that one cannot be changed without seeing the other.
 *
 * Invariant: colours go in and come out *straight*, components 0..1; `b` is the backdrop, `s` the source. Composition
 * multiplies by alpha inside and divides once:
 *
 *     αo = αs + αb (1 - αs)        Co αo = αs ((1 - αb) Cs + αb B(Cb, Cs)) + (1 - αs) αb Cb
 *
 * A source with alpha 0 leaves the backdrop as it is, colour under alpha 0 included. Nothing is rounded here.
 */
import type { BlendMode } from './document/model.ts'

/**
 * Distances below this are rounding noise: where a formula jumps (dodge at 0, burn at 1, the saturation of a grey), engine
 * and screen must jump at the same colours. The engine computes in double precision, the GLSL in single.
 */
const NOISE = 1e-9

interface Separable {
  readonly kind: 'separable'
  /** B(b, s) of one component. */
  readonly blend: (b: number, s: number) => number
  /** Statements that return B(b, s); `b` and `s` are floats. */
  readonly glsl: string
}

interface NonSeparable {
  readonly kind: 'non-separable'
  /** B of a whole colour: writes three components to `out`. */
  readonly blend: NonSeparableBlend
  /** Statements that return B(b, s); `b` and `s` are vec3. */
  readonly glsl: string
}

type NonSeparableBlend = (
  br: number,
  bg: number,
  bb: number,
  sr: number,
  sg: number,
  sb: number,
  out: Float64Array,
) => void

export type BlendFormula = Separable | NonSeparable

const hardLight = (b: number, s: number): number => (s <= 0.5 ? 2 * b * s : b + (2 * s - 1) * (1 - b))

export const BLEND_FORMULAS: Readonly<Record<BlendMode, BlendFormula>> = {
  normal: {
    kind: 'separable',
    blend: (_b, s) => s,
    glsl: 'return s;',
  },
  multiply: {
    kind: 'separable',
    blend: (b, s) => b * s,
    glsl: 'return b * s;',
  },
  screen: {
    kind: 'separable',
    blend: (b, s) => b + s - b * s,
    glsl: 'return b + s - b * s;',
  },
  overlay: {
    kind: 'separable',
    blend: (b, s) => hardLight(s, b),
    glsl: 'return hardLight(s, b);',
  },
  darken: {
    kind: 'separable',
    blend: (b, s) => Math.min(b, s),
    glsl: 'return min(b, s);',
  },
  lighten: {
    kind: 'separable',
    blend: (b, s) => Math.max(b, s),
    glsl: 'return max(b, s);',
  },
  'color-dodge': {
    kind: 'separable',
    blend: (b, s) => (b < NOISE ? 0 : 1 - s < NOISE ? 1 : Math.min(1, b / (1 - s))),
    glsl: 'return b < NOISE ? 0.0 : 1.0 - s < NOISE ? 1.0 : min(1.0, b / (1.0 - s));',
  },
  'color-burn': {
    kind: 'separable',
    blend: (b, s) => (1 - b < NOISE ? 1 : s < NOISE ? 0 : 1 - Math.min(1, (1 - b) / s)),
    glsl: 'return 1.0 - b < NOISE ? 1.0 : s < NOISE ? 0.0 : 1.0 - min(1.0, (1.0 - b) / s);',
  },
  'hard-light': {
    kind: 'separable',
    blend: hardLight,
    glsl: 'return hardLight(b, s);',
  },
  'soft-light': {
    kind: 'separable',
    blend: (b, s) => {
      if (s <= 0.5) return b - (1 - 2 * s) * b * (1 - b)
      const d = b <= 0.25 ? ((16 * b - 12) * b + 4) * b : Math.sqrt(b)
      return b + (2 * s - 1) * (d - b)
    },
    glsl: `if (s <= 0.5) return b - (1.0 - 2.0 * s) * b * (1.0 - b);
      float d = b <= 0.25 ? ((16.0 * b - 12.0) * b + 4.0) * b : sqrt(b);
      return b + (2.0 * s - 1.0) * (d - b);`,
  },
  difference: {
    kind: 'separable',
    blend: (b, s) => Math.abs(b - s),
    glsl: 'return abs(b - s);',
  },
  exclusion: {
    kind: 'separable',
    blend: (b, s) => b + s - 2 * b * s,
    glsl: 'return b + s - 2.0 * b * s;',
  },
  hue: {
    kind: 'non-separable',
    blend: (br, bg, bb, sr, sg, sb, out) => {
      setSaturation(sr, sg, sb, saturation(br, bg, bb), out)
      setLuminosity(out[0]!, out[1]!, out[2]!, luminosity(br, bg, bb), out)
    },
    glsl: 'return setLuminosity(setSaturation(s, saturation(b)), luminosity(b));',
  },
  saturation: {
    kind: 'non-separable',
    blend: (br, bg, bb, sr, sg, sb, out) => {
      setSaturation(br, bg, bb, saturation(sr, sg, sb), out)
      setLuminosity(out[0]!, out[1]!, out[2]!, luminosity(br, bg, bb), out)
    },
    glsl: 'return setLuminosity(setSaturation(b, saturation(s)), luminosity(b));',
  },
  color: {
    kind: 'non-separable',
    blend: (br, bg, bb, sr, sg, sb, out) => setLuminosity(sr, sg, sb, luminosity(br, bg, bb), out),
    glsl: 'return setLuminosity(s, luminosity(b));',
  },
  luminosity: {
    kind: 'non-separable',
    blend: (br, bg, bb, sr, sg, sb, out) => setLuminosity(br, bg, bb, luminosity(sr, sg, sb), out),
    glsl: 'return setLuminosity(b, luminosity(s));',
  },
}

/** Lum(C) of the specification: not a colorimetric luminance, but the weights it prescribes. */
function luminosity(r: number, g: number, b: number): number {
  return 0.3 * r + 0.59 * g + 0.11 * b
}

/** Sat(C). */
function saturation(r: number, g: number, b: number): number {
  return Math.max(r, g, b) - Math.min(r, g, b)
}

/** SetLum(C, l) with ClipColor(C): moves all components alike, then pulls them towards `l` into 0..1. */
function setLuminosity(r: number, g: number, b: number, l: number, out: Float64Array): void {
  const d = l - luminosity(r, g, b)
  const low = Math.min(r, g, b) + d
  const high = Math.max(r, g, b) + d
  let scale = 1
  if (low < 0) scale = l / (l - low)
  if (high > 1) scale = Math.min(scale, (1 - l) / (high - l))
  out[0] = l + (r + d - l) * scale
  out[1] = l + (g + d - l) * scale
  out[2] = l + (b + d - l) * scale
}

/** SetSat(C, s): the smallest component becomes 0, the largest `s`, the middle one keeps its relative place. */
function setSaturation(r: number, g: number, b: number, s: number, out: Float64Array): void {
  const low = Math.min(r, g, b)
  const range = Math.max(r, g, b) - low
  const scale = range < NOISE ? 0 : s / range
  out[0] = (r - low) * scale
  out[1] = (g - low) * scale
  out[2] = (b - low) * scale
}

/** What the GLSL of the table calls: the same functions as above, in the same order. */
const GLSL_HELPERS = `
const float NOISE = 5e-7;

float hardLight(float b, float s) {
  return s <= 0.5 ? 2.0 * b * s : b + (2.0 * s - 1.0) * (1.0 - b);
}

float luminosity(vec3 c) {
  return 0.3 * c.r + 0.59 * c.g + 0.11 * c.b;
}

float saturation(vec3 c) {
  return max(c.r, max(c.g, c.b)) - min(c.r, min(c.g, c.b));
}

vec3 setLuminosity(vec3 c, float l) {
  float d = l - luminosity(c);
  float low = min(c.r, min(c.g, c.b)) + d;
  float high = max(c.r, max(c.g, c.b)) + d;
  float scale = 1.0;
  if (low < 0.0) scale = l / (l - low);
  if (high > 1.0) scale = min(scale, (1.0 - l) / (high - l));
  return l + (c + d - l) * scale;
}

vec3 setSaturation(vec3 c, float s) {
  float low = min(c.r, min(c.g, c.b));
  float range = max(c.r, max(c.g, c.b)) - low;
  return range < NOISE ? vec3(0.0) : (c - low) * (s / range);
}
`

const GLSL_COMPOSE = `
vec4 composeOver(vec4 backdrop, vec4 source) {
  if (source.a <= 0.0) return backdrop;
  vec3 mixed = mix(source.rgb, blendColours(backdrop.rgb, source.rgb), backdrop.a);
  if (source.a >= 1.0) return vec4(mixed, 1.0);
  float alpha = source.a + backdrop.a * (1.0 - source.a);
  return vec4(mix(backdrop.rgb, mixed, source.a / alpha), alpha);
}
`

/**
 * GLSL ES 3.00 for one mode: `vec3 blendColours(vec3 b, vec3 s)` and `vec4 composeOver(vec4 backdrop, vec4 source)`,
 * both on straight colours. Needs `precision highp float`.
 */
export function blendGlsl(mode: BlendMode): string {
  const { kind, glsl } = BLEND_FORMULAS[mode]
  const blend =
    kind === 'non-separable'
      ? `vec3 blendColours(vec3 b, vec3 s) { ${glsl} }`
      : `float blendComponent(float b, float s) { ${glsl} }
vec3 blendColours(vec3 b, vec3 s) {
  return vec3(blendComponent(b.r, s.r), blendComponent(b.g, s.g), blendComponent(b.b, s.b));
}`
  return `${GLSL_HELPERS}${blend}${GLSL_COMPOSE}`
}
