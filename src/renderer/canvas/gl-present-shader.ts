/**
 * The last pass: from the composed cells to the screen.
 *
 * Invariant: a screen pixel shows the mean of the part of the picture under it (an exact box filter, weighted by alpha).
 * At 100 % that is one texel, and from 200 % on it is the one under the pixel's centre. Composed cells lie in textures
 * that wrap around: pixel (x, y) of the level is at (x mod width, y mod height).
 *
 * One program for each combination of what a frame needs, so that a frame pays for nothing else: on a machine without a
 * GPU this pass is most of the cost of moving the view.
 */
export interface PresentNeeds {
  /** One texel a pixel: 100 %, and 200 % and more. */
  readonly nearest: boolean
  /** Some cells are not there, and others stand in for them. */
  readonly standIn: boolean
  readonly veil: boolean
  readonly lut: boolean
}

export function presentFragment({ nearest, standIn, veil, lut }: PresentNeeds): string {
  const flags = { NEAREST: nearest, STAND_IN: standIn, VEIL: veil, LUT: lut }
  const defines = Object.entries(flags).map(([name, on]) => (on ? `#define ${name}\n` : ''))
  return defines.join('') + FRAGMENT
}

const FRAGMENT = `
/** From a device pixel, y down, to document pixels: document = device * scale + shift. */
uniform float scale;
uniform vec2 shift;
uniform float screenHeight;
uniform vec2 canvasSize;
/** The picture at the view's level; where a cell is not there, at the level before, else the whole at a coarse level. */
uniform sampler2D picture0;
uniform sampler2D state0;
uniform sampler2D veil0;
uniform sampler2D veilState0;
#ifdef STAND_IN
uniform sampler2D picture1;
uniform sampler2D state1;
uniform sampler2D veil1;
uniform sampler2D veilState1;
uniform sampler2D picture2;
uniform sampler2D state2;
uniform sampler2D veil2;
uniform sampler2D veilState2;
#endif
/** Document pixels per texel of the three; 0 where there is none. */
uniform vec3 texelSize;
/** For each of the three, the multiple of its texture's size at or before the first pixel in sight. */
uniform ivec2 wrapFrom[3];
uniform sampler3D lut;
uniform vec4 veilColour;
uniform float checkerSize;
out vec4 result;

#ifdef STAND_IN
ivec2 wrap(ivec2 at, ivec2 from, ivec2 size) {
  return at - at / size * size;
}

/** Whether the cell that holds a document point is there: its slot may hold another one, whole turns away. */
bool isThere(sampler2D state, vec2 middle, float size) {
  if (size <= 0.0) return false;
  ivec2 cell = ivec2(middle / size) >> 8;
  ivec2 turn = cell / textureSize(state, 0);
  vec4 slot = texelFetch(state, cell - turn * textureSize(state, 0), 0);
  return slot.a > 0.5 && ivec2(slot.rg * 255.0 + 0.5) == turn;
}
#else
/** Where a texel of the level lies in a texture; what is in sight wraps at most once. */
ivec2 wrap(ivec2 at, ivec2 from, ivec2 size) {
  ivec2 inside = at - from;
  return inside - size * ivec2(greaterThanEqual(inside, size));
}
#endif

/** The mean over a pixel's box, colour weighted by alpha: premultiplied. */
vec4 mean(sampler2D picture, vec2 middle, float size, ivec2 from) {
  ivec2 last = ivec2(ceil(canvasSize / size)) - 1;
  ivec2 extent = textureSize(picture, 0);
  vec2 texel = middle / size;
  float reach = 0.5 * scale / size;
#ifdef NEAREST
  bool single = true;
#else
  // What stands in may be far too fine: then one texel of many has to do.
  bool single = reach > 2.5;
#endif
  if (single) {
    vec4 one = texelFetch(picture, wrap(min(ivec2(texel), last), from, extent), 0);
    return vec4(one.rgb * one.a, one.a);
  }
  ivec2 first = max(ivec2(floor(texel - reach + 1e-4)), ivec2(0));
  ivec2 end = min(max(ivec2(ceil(texel + reach - 1e-4)) - 1, first), last);
  vec4 sum = vec4(0.0);
  float total = 0.0;
  for (int y = first.y; y <= end.y; y++) {
    float high = min(float(y + 1), texel.y + reach) - max(float(y), texel.y - reach);
    for (int x = first.x; x <= end.x; x++) {
      float area = high * (min(float(x + 1), texel.x + reach) - max(float(x), texel.x - reach));
      vec4 one = texelFetch(picture, wrap(ivec2(x, y), from, extent), 0);
      sum += vec4(one.rgb * one.a, one.a) * area;
      total += area;
    }
  }
  return sum / max(total, 1e-6);
}

vec4 pictureAt(vec2 middle) {
#ifdef STAND_IN
  if (isThere(state0, middle, texelSize.x)) return mean(picture0, middle, texelSize.x, wrapFrom[0]);
  if (isThere(state1, middle, texelSize.y)) return mean(picture1, middle, texelSize.y, wrapFrom[1]);
  if (isThere(state2, middle, texelSize.z)) return mean(picture2, middle, texelSize.z, wrapFrom[2]);
  return vec4(0.0);
#else
  return mean(picture0, middle, texelSize.x, wrapFrom[0]);
#endif
}

#ifdef VEIL
/** A veil's samples are in red. */
float veilAt(vec2 middle) {
#ifdef STAND_IN
  if (isThere(veilState0, middle, texelSize.x)) return mean(veil0, middle, texelSize.x, wrapFrom[0]).r;
  if (isThere(veilState1, middle, texelSize.y)) return mean(veil1, middle, texelSize.y, wrapFrom[1]).r;
  if (isThere(veilState2, middle, texelSize.z)) return mean(veil2, middle, texelSize.z, wrapFrom[2]).r;
  return 0.0;
#else
  return mean(veil0, middle, texelSize.x, wrapFrom[0]).r;
#endif
}
#endif

void main() {
  vec2 device = vec2(gl_FragCoord.x, screenHeight - gl_FragCoord.y);
  vec2 middle = device * scale + shift;
  if (any(lessThan(middle, vec2(0.0))) || any(greaterThanEqual(middle, canvasSize))) {
    result = vec4(0.0);
    return;
  }
  vec4 picture = pictureAt(middle);
#ifdef LUT
  if (picture.a > 0.0) {
    vec3 colour = picture.rgb / picture.a;
    picture.rgb = texture(lut, (colour.bgr * 32.0 + 0.5) / 33.0).rgb * picture.a;
  }
#endif
  if (picture.a < 1.0) {
    ivec2 square = ivec2(device / checkerSize);
    picture.rgb += (((square.x + square.y) & 1) == 0 ? 1.0 : 0.8) * (1.0 - picture.a);
  }
#ifdef VEIL
  picture.rgb = mix(picture.rgb, veilColour.rgb, veilAt(middle) * veilColour.a);
#endif
  result = vec4(picture.rgb, 1.0);
}
`
