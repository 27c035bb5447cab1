/**
 * The shaders of the compositor's passes.
 *
 * Invariant: every pass works on one cell (256 pixels square, at some mipmap level) and reads texel by texel, never
 * filtered. `cellOf()` is the pixel of the cell, wherever the cell lies in the target. Colours are straight.
 */
import { blendGlsl } from '../../shared/blend.ts'
import { DAB_GLSL } from '../../shared/brush.ts'
import type { BlendMode } from '../../shared/document/model.ts'

/** One triangle over the whole viewport; a scissor cuts it. */
export const WHOLE_VERTEX = `
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}
`

const CELL = `
uniform ivec2 cellAt;
ivec2 cellOf() { return ivec2(gl_FragCoord.xy) - cellAt; }
`

/** A source's pixels: a slice of an array, moved by \`sourceAt.xy\` against the cell. */
const SOURCE = `
uniform sampler2DArray source;
uniform ivec3 sourceAt;
vec4 sourceTexel() { return texelFetch(source, ivec3(cellOf() - sourceAt.xy, sourceAt.z), 0); }
`

/** How much of a source counts: its opacity, times its mask where it has one. */
const COVERAGE = `
uniform float opacity;
uniform bool masked;
uniform sampler2DArray mask;
uniform ivec3 maskAt;
float coverage() {
  return masked ? opacity * texelFetch(mask, ivec3(cellOf() - maskAt.xy, maskAt.z), 0).r : opacity;
}
`

/** Tiles into a cell: one quad each, its top left corner in the cell and its slice as attribute. */
export const TILE_VERTEX = `
layout(location = 0) in ivec3 tile;
uniform float side;
flat out ivec3 placed;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  gl_Position = vec4((vec2(tile.xy) + corner * side) / 128.0 - 1.0, 0.0, 1.0);
  placed = tile;
}
`

export const TILE_FRAGMENT = `
uniform sampler2DArray source;
flat in ivec3 placed;
out vec4 result;
void main() {
  result = texelFetch(source, ivec3(ivec2(gl_FragCoord.xy) - placed.xy, placed.z), 0);
}
`

/** A source over a backdrop; \`group\`: the source is a composed group instead of a layer's bytes. */
export function blendFragment(mode: BlendMode, group: boolean): string {
  return `${CELL}${group ? 'uniform sampler2D source;\n' : SOURCE}${COVERAGE}${blendGlsl(mode)}
uniform sampler2D backdrop;
uniform bool hasBackdrop;
out vec4 result;
void main() {
  vec4 above = ${group ? 'texelFetch(source, cellOf(), 0)' : 'sourceTexel()'};
  above.a *= coverage();
  result = hasBackdrop ? composeOver(texelFetch(backdrop, cellOf(), 0), above) : above;
}
`
}

/** A pass-through group with opacity or mask: between the backdrop and what the group made of it. */
export const MIX_FRAGMENT = `${CELL}${COVERAGE}
uniform sampler2D source;
uniform sampler2D backdrop;
uniform bool hasBackdrop;
out vec4 result;
void main() {
  vec4 under = hasBackdrop ? texelFetch(backdrop, cellOf(), 0) : vec4(0.0);
  vec4 over = texelFetch(source, cellOf(), 0);
  float t = coverage();
  float alpha = under.a * (1.0 - t) + over.a * t;
  float share = t <= 0.0 || alpha <= 0.0 ? 0.0 : over.a * t / alpha;
  result = t >= 1.0 ? over : vec4(mix(under.rgb, over.rgb, share), alpha);
}
`

/** A stroke in progress, laid on the bytes of what it paints on. \`mode\`: 0 paint, 1 erase; \`gray\`: mask or selection. */
export const STROKE_FRAGMENT = `${CELL}${SOURCE}${COVERAGE}
uniform sampler2D cover;
uniform vec3 colour;
uniform int mode;
uniform bool gray;
out vec4 result;
void main() {
  vec4 under = sourceTexel();
  float amount = texelFetch(cover, cellOf(), 0).r * coverage();
  if (amount <= 0.0) {
    result = under;
  } else if (gray) {
    result = vec4(mode == 0 ? under.r + (1.0 - under.r) * amount : under.r * (1.0 - amount));
  } else if (mode == 1) {
    result = vec4(under.rgb, under.a * (1.0 - amount));
  } else {
    float alpha = amount + under.a * (1.0 - amount);
    result = vec4(mix(under.rgb, colour, amount / alpha), alpha);
  }
}
`

/** Dabs into a cover target by additive-over blending: (x, y, radius, hardness) and flow, in pixels of the level. */
export const DAB_VERTEX = `
layout(location = 0) in vec4 dab;
layout(location = 1) in float flow;
uniform vec2 origin;
flat out vec4 spot;
flat out float strength;
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2.0 - 1.0;
  float reach = dab.z + 2.0;
  vec2 at = dab.xy - origin + corner * reach;
  gl_Position = vec4(at / 128.0 - 1.0, 0.0, 1.0);
  spot = vec4(dab.xy - origin, dab.zw);
  strength = flow;
}
`

export const DAB_FRAGMENT = `
flat in vec4 spot;
flat in float strength;
out vec4 result;
${DAB_GLSL}
void main() {
  float amount = strength * dabCoverage(distance(gl_FragCoord.xy, spot.xy), spot.z, spot.w);
  result = vec4(amount);
}
`
