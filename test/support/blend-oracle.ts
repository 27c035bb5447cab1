/**
 * A second, independent answer to "what does this document look like": one pixel at a time, in double precision, written
 * from the text of W3C "Compositing and Blending Level 1" and nothing else. Slow on purpose; shares no code with the
 * compositor.
 */
import type { BlendMode, Document, LayerMask } from '../../src/shared/document/model.ts'
import type { LayerId } from '../../src/shared/ids.ts'
import type { TileKey, TileMap } from '../../src/shared/tiles.ts'

type Rgb = readonly [number, number, number]
/** Premultiplied colour and alpha, 0..1. */
type Pixel = readonly [number, number, number, number]

/** Gives a level 0 tile by hash. */
export type ReadTile = (hash: string) => Uint8Array

/**
 * @param shake changes every intermediate result a little, to learn how much the answer hangs on their last digits
 * @returns the composed pixel, straight, each component 0..255 and not rounded
 */
export function oraclePixel(
  document: Document,
  read: ReadTile,
  x: number,
  y: number,
  shake: (value: number) => number = (value) => value,
): readonly [number, number, number, number] {
  const [r, g, b, a] = stack({ document, read, x, y, shake }, document.root, [0, 0, 0, 0])
  return a === 0 ? [0, 0, 0, 0] : [(r / a) * 255, (g / a) * 255, (b / a) * 255, a * 255]
}

interface Place {
  readonly document: Document
  readonly read: ReadTile
  readonly x: number
  readonly y: number
  readonly shake: (value: number) => number
}

function stack(place: Place, ids: readonly LayerId[], below: Pixel): Pixel {
  const { document, read, x, y, shake } = place
  let result = below
  for (const id of ids) {
    const layer = document.layers[id]!
    if (!layer.visible) continue
    const lx = x - layer.offset.x
    const ly = y - layer.offset.y
    const shape = layer.opacity * maskAt(layer.mask, read, lx, ly)
    if (layer.kind === 'raster') {
      const [r, g, b, a] = sample(layer.tiles, read, 4, lx, ly) ?? [0, 0, 0, 0]
      result = compose(result, [r! / 255, g! / 255, b! / 255], (a! / 255) * shape, layer.blendMode)
    } else if (layer.passThrough) {
      const inside = stack(place, layer.children, result)
      const before = result
      result = [0, 1, 2, 3].map((i) => before[i]! * (1 - shape) + inside[i]! * shape) as unknown as Pixel
    } else {
      const [r, g, b, a] = stack(place, layer.children, [0, 0, 0, 0])
      const colour: Rgb = a === 0 ? [0, 0, 0] : [r / a, g / a, b / a]
      result = compose(result, colour, a * shape, layer.blendMode)
    }
    result = result.map(shake) as unknown as Pixel
  }
  return result
}

/** Section 10: Cs = (1 - αb) Cs + αb B(Cb, Cs), then source-over of section 9.1.4. */
function compose(below: Pixel, cs: Rgb, as: number, mode: BlendMode): Pixel {
  const ab = below[3]
  const cb: Rgb = ab === 0 ? [0, 0, 0] : [below[0] / ab, below[1] / ab, below[2] / ab]
  const blended = blend(mode, cb, cs)
  const channel = (i: 0 | 1 | 2) => as * ((1 - ab) * cs[i] + ab * blended[i]) + (1 - as) * below[i]
  return [channel(0), channel(1), channel(2), as + ab * (1 - as)]
}

function maskAt(mask: LayerMask | null, read: ReadTile, x: number, y: number): number {
  if (!mask?.enabled) return 1
  return (sample(mask.tiles, read, 1, x, y)?.[0] ?? mask.outside) / 255
}

function sample(map: TileMap, read: ReadTile, channels: number, x: number, y: number): number[] | null {
  const tx = Math.floor(x / 256)
  const ty = Math.floor(y / 256)
  const hash = map[`${tx},${ty}` as TileKey]
  if (!hash) return null
  const at = ((y - ty * 256) * 256 + (x - tx * 256)) * channels
  return Array.from(read(hash).subarray(at, at + channels))
}

/** Section 9.2 for the separable modes, 9.3 for the others. */
export function blend(mode: BlendMode, cb: Rgb, cs: Rgb): Rgb {
  switch (mode) {
    case 'hue':
      return setLum(setSat(cs, sat(cb)), lum(cb))
    case 'saturation':
      return setLum(setSat(cb, sat(cs)), lum(cb))
    case 'color':
      return setLum(cs, lum(cb))
    case 'luminosity':
      return setLum(cb, lum(cs))
    default:
      return [one(mode, cb[0], cs[0]), one(mode, cb[1], cs[1]), one(mode, cb[2], cs[2])]
  }
}

function one(mode: BlendMode, cb: number, cs: number): number {
  switch (mode) {
    case 'multiply':
      return cb * cs
    case 'screen':
      return 1 - (1 - cb) * (1 - cs)
    case 'overlay':
      return one('hard-light', cs, cb)
    case 'darken':
      return cb < cs ? cb : cs
    case 'lighten':
      return cb > cs ? cb : cs
    case 'color-dodge':
      if (same(cb, 0)) return 0
      return same(cs, 1) ? 1 : Math.min(1, cb / (1 - cs))
    case 'color-burn':
      if (same(cb, 1)) return 1
      return same(cs, 0) ? 0 : 1 - Math.min(1, (1 - cb) / cs)
    case 'hard-light':
      return cs <= 0.5 ? one('multiply', cb, 2 * cs) : one('screen', cb, 2 * cs - 1)
    case 'soft-light': {
      if (cs <= 0.5) return cb - (1 - 2 * cs) * cb * (1 - cb)
      const d = cb <= 0.25 ? ((16 * cb - 12) * cb + 4) * cb : Math.sqrt(cb)
      return cb + (2 * cs - 1) * (d - cb)
    }
    case 'difference':
      return Math.abs(cb - cs)
    case 'exclusion':
      return cb + cs - 2 * cb * cs
    default:
      return cs
  }
}

/** The formulas jump at 0, at 1 and at grey; sums of doubles come out 1e-17 beside them. */
function same(a: number, b: number): boolean {
  return Math.abs(a - b) < 1e-12
}

function lum(c: Rgb): number {
  return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2]
}

function sat(c: Rgb): number {
  return Math.max(...c) - Math.min(...c)
}

function setLum(c: Rgb, l: number): Rgb {
  const d = l - lum(c)
  return clipColor([c[0] + d, c[1] + d, c[2] + d])
}

function clipColor(c: Rgb): Rgb {
  const l = lum(c)
  const n = Math.min(...c)
  const x = Math.max(...c)
  let result = c
  if (n < 0) result = result.map((v) => l + ((v - l) * l) / (l - n)) as unknown as Rgb
  if (x > 1) result = result.map((v) => l + ((v - l) * (1 - l)) / (x - l)) as unknown as Rgb
  return result
}

function setSat(c: Rgb, s: number): Rgb {
  const order = [0, 1, 2].sort((i, j) => c[i]! - c[j]!)
  const [min, mid, max] = order as [0 | 1 | 2, 0 | 1 | 2, 0 | 1 | 2]
  const result: [number, number, number] = [0, 0, 0]
  if (!same(c[max], c[min])) {
    result[mid] = ((c[mid] - c[min]) * s) / (c[max] - c[min])
    result[max] = s
  }
  return result
}
