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
/** The picture at the view's level; where a cell is not there, at the level before, else the whole at a coarse level. */
uniform sampler2D picture0;
uniform sampler2D state0;
uniform sampler2D veil0;
uniform sampler2D veilState0;
uniform sampler2D picture1;
uniform sampler2D state1;
uniform sampler2D veil1;
uniform sampler2D veilState1;
uniform sampler2D picture2;
uniform sampler2D state2;
uniform sampler2D veil2;
uniform sampler2D veilState2;
/** Document pixels per texel of the three; 0 where there is none. */
uniform vec3 texelSize;
uniform sampler3D lut;
uniform bool hasLut;
uniform vec4 veilColour;
uniform float checkerSize;
out vec4 result;

ivec2 wrap(ivec2 at, ivec2 size) {
  return ivec2(at.x % max(size.x, 1), at.y % max(size.y, 1));
}

/** Whether the cell that holds a document point is there. */
bool isThere(sampler2D state, vec2 middle, float size) {
  if (size <= 0.0) return false;
  ivec2 cell = ivec2(middle / size) / 256;
  return texelFetch(state, wrap(cell, textureSize(state, 0)), 0).r > 0.5;
}

/** The mean over a box around a point, colour weighted by alpha: premultiplied. */
vec4 mean(sampler2D picture, vec2 middle, float size) {
  ivec2 last = ivec2(ceil(canvasSize / size)) - 1;
  ivec2 extent = textureSize(picture, 0);
  vec2 texel = middle / size;
  if (nearest) {
    vec4 one = texelFetch(picture, wrap(min(ivec2(texel), last), extent), 0);
    return vec4(one.rgb * one.a, one.a);
  }
  vec2 from = texel - 0.5 * scale / size;
  vec2 to = texel + 0.5 * scale / size;
  ivec2 first = max(ivec2(floor(from + 1e-4)), ivec2(0));
  ivec2 end = min(max(ivec2(ceil(to - 1e-4)) - 1, first), last);
  vec4 sum = vec4(0.0);
  float total = 0.0;
  for (int y = first.y; y <= end.y; y++) {
    float high = min(float(y + 1), to.y) - max(float(y), from.y);
    for (int x = first.x; x <= end.x; x++) {
      float area = high * (min(float(x + 1), to.x) - max(float(x), from.x));
      vec4 one = texelFetch(picture, wrap(ivec2(x, y), extent), 0);
      sum += vec4(one.rgb * one.a, one.a) * area;
      total += area;
    }
  }
  return sum / max(total, 1e-6);
}

/** A veil has alpha 1 throughout and its samples in red. */
float veilAt(vec2 middle) {
  if (isThere(veilState0, middle, texelSize.x)) return mean(veil0, middle, texelSize.x).r;
  if (isThere(veilState1, middle, texelSize.y)) return mean(veil1, middle, texelSize.y).r;
  if (isThere(veilState2, middle, texelSize.z)) return mean(veil2, middle, texelSize.z).r;
  return 0.0;
}

vec4 pictureAt(vec2 middle) {
  if (isThere(state0, middle, texelSize.x)) return mean(picture0, middle, texelSize.x);
  if (isThere(state1, middle, texelSize.y)) return mean(picture1, middle, texelSize.y);
  if (isThere(state2, middle, texelSize.z)) return mean(picture2, middle, texelSize.z);
  return vec4(0.0);
}

void main() {
  vec2 device = vec2(gl_FragCoord.x, screenHeight - gl_FragCoord.y);
  vec2 middle = device * scale + shift;
  if (any(lessThan(middle, vec2(0.0))) || any(greaterThanEqual(middle, canvasSize))) {
    result = vec4(0.0);
    return;
  }
  vec4 picture = pictureAt(middle);
  if (hasLut && picture.a > 0.0) {
    vec3 colour = picture.rgb / picture.a;
    picture.rgb = texture(lut, (colour.bgr * 32.0 + 0.5) / 33.0).rgb * picture.a;
  }
  vec2 square = floor(device / checkerSize);
  float ground = mod(square.x + square.y, 2.0) < 0.5 ? 1.0 : 0.8;
  vec3 shown = picture.rgb + ground * (1.0 - picture.a);
  if (veilColour.a > 0.0) shown = mix(shown, veilColour.rgb, veilAt(middle) * veilColour.a);
  result = vec4(shown, 1.0);
}
`
