/**
 * What every image in Inlay satisfies. One page, so that no module has to guess.
 *
 * - **Samples** are 8 bit, 0..255, row-major, interleaved, no row padding.
 * - **rgba8**: red, green, blue, alpha; alpha is *straight* (colour is not multiplied by it). A pixel with alpha 0 keeps
 *   whatever colour it has, but nothing may depend on it.
 * - **gray8**: one sample. In a mask or a selection 255 is fully in, 0 fully out. In a hole any value above 0 is hole.
 * - **Colour**: the numbers are those of the document's own RGB profile (untagged means sRGB). Blending happens on the
 *   numbers as they are, as Photoshop and the W3C compositing model do. Brush colours and models are sRGB and are
 *   converted at the border; the view converts for display.
 * - **Rounding**: a real value v in 0..1 becomes floor(v * 255 + 0.5). Composition is done in floating point and rounded
 *   once, at the end.
 * - **Mipmaps** average premultiplied colour over 2x2 pixels, so a transparent pixel never bleeds its colour.
 */

/** Longest side a document may have, in pixels. */
export const MAX_SIDE = 65_535

/** Largest area a document may have, in pixels: 100 megapixels, with a little room for round sensor sizes. */
export const MAX_PIXELS = 104_857_600

export type PixelFormat = 'rgba8' | 'gray8'

/** Bytes a pixel takes. */
export const BYTES_PER_PIXEL: Readonly<Record<PixelFormat, number>> = { rgba8: 4, gray8: 1 }

/** A colour with straight alpha, each component 0..1, in sRGB unless said otherwise. */
export interface Colour {
  readonly r: number
  readonly g: number
  readonly b: number
  readonly a: number
}

export function toByte(value: number): number {
  return value <= 0 ? 0 : value >= 1 ? 255 : Math.floor(value * 255 + 0.5)
}
