/**
 * The last pass: from the composed cells to the screen.
 *
 * Invariant: a screen pixel shows the mean of the part of the picture under it (an exact box filter, weighted by alpha;
 * at 100 % that is one texel). From 200 % on it shows the one texel under its centre. Composed cells lie in a texture
 * that wraps around: pixel (x, y) of the level is at (x mod width, y mod height).
 */
export const PRESENT_FRAGMENT = `
/** From a device pixel, y down, to document pixels: document = device * scale + shift. */
uniform float scale;
uniform vec2 shift;
uniform float screenHeight;
uniform vec2 canvasSize;
uniform bool nearest;
/** The level's picture, which of its cells are there, and pixels of the document per texel. */
uniform sampler2D cells;
uniform sampler2D cellState;
uniform float step;
/** The coarse picture shown where a cell is not there yet. */
uniform sampler2D coarse;
uniform sampler2D coarseState;
uniform float coarseStep;
uniform sampler3D lut;
uniform bool hasLut;
uniform sampler2D veil;
uniform sampler2D veilState;
uniform vec4 veilColour;
uniform float checkerSize;
out vec4 result;

ivec2 wrap(ivec2 at, ivec2 size) {
  return ivec2(mod(vec2(at), vec2(size)));
}

/** Whether the cell that holds a texel has been composed. */
bool isThere(sampler2D state, ivec2 texel) {
  ivec2 cell = ivec2(floor(vec2(texel) / 256.0));
  return texelFetch(state, wrap(cell, textureSize(state, 0)), 0).r > 0.5;
}

/** Mean over the box [from, to), in texels; colour weighted by alpha, straight again. */
vec4 box(sampler2D picture, vec2 from, vec2 to, ivec2 last) {
  ivec2 size = textureSize(picture, 0);
  ivec2 first = max(ivec2(floor(from)), ivec2(0));
  ivec2 end = min(max(ivec2(ceil(to - 1e-4)) - 1, first), last);
  vec4 sum = vec4(0.0);
  float total = 0.0;
  for (int y = first.y; y <= end.y; y++) {
    float high = min(float(y + 1), to.y) - max(float(y), from.y);
    for (int x = first.x; x <= end.x; x++) {
      float area = high * (min(float(x + 1), to.x) - max(float(x), from.x));
      vec4 texel = texelFetch(picture, wrap(ivec2(x, y), size), 0);
      sum += vec4(texel.rgb * texel.a, texel.a) * area;
      total += area;
    }
  }
  return sum.a <= 0.0 ? vec4(0.0) : vec4(sum.rgb / sum.a, sum.a / max(total, 1e-6));
}

vec4 sampleAt(sampler2D picture, vec2 middle, float pixels) {
  vec2 texel = middle / pixels;
  ivec2 last = ivec2(ceil(canvasSize / pixels)) - 1;
  if (nearest) return texelFetch(picture, wrap(clamp(ivec2(floor(texel)), ivec2(0), last), textureSize(picture, 0)), 0);
  vec2 reach = vec2(0.5 * scale / pixels);
  return box(picture, texel - reach, texel + reach, last);
}

void main() {
  vec2 device = vec2(gl_FragCoord.x, screenHeight - gl_FragCoord.y);
  vec2 middle = device * scale + shift;
  if (any(lessThan(middle, vec2(0.0))) || any(greaterThanEqual(middle, canvasSize))) {
    result = vec4(0.0);
    return;
  }
  vec4 picture = vec4(0.0);
  if (isThere(cellState, ivec2(floor(middle / step)))) picture = sampleAt(cells, middle, step);
  else if (isThere(coarseState, ivec2(floor(middle / coarseStep)))) picture = sampleAt(coarse, middle, coarseStep);
  if (hasLut) picture.rgb = texture(lut, (picture.bgr * 32.0 + 0.5) / 33.0).rgb;
  vec2 square = floor(device / checkerSize);
  float ground = mod(square.x + square.y, 2.0) < 0.5 ? 1.0 : 0.8;
  vec3 shown = mix(vec3(ground), picture.rgb, picture.a);
  if (veilColour.a > 0.0 && isThere(veilState, ivec2(floor(middle / step)))) {
    vec2 texel = middle / step;
    vec2 reach = vec2(0.5 * scale / step);
    ivec2 size = textureSize(veil, 0);
    ivec2 first = ivec2(floor(nearest ? texel : texel - reach));
    ivec2 end = nearest ? first : max(ivec2(ceil(texel + reach - 1e-4)) - 1, first);
    float sum = 0.0;
    for (int y = first.y; y <= end.y; y++)
      for (int x = first.x; x <= end.x; x++) {
        vec2 part = nearest ? vec2(1.0) : min(vec2(x + 1, y + 1), texel + reach) - max(vec2(x, y), texel - reach);
        sum += part.x * part.y * texelFetch(veil, wrap(ivec2(x, y), size), 0).r;
      }
    float amount = nearest ? sum : sum / (4.0 * reach.x * reach.y);
    shown = mix(shown, veilColour.rgb, amount * veilColour.a);
  }
  result = vec4(shown, 1.0);
}
`
