/**
 * The way of a picture's colours to a model and back.
 *
 * Invariant: models speak sRGB at their own size, documents speak their own numbers at theirs. Every generation starts from
 * the document's tiles, so nothing is carried from one edit to the next.
 */
import type { Document } from '../../../shared/document/model.ts'
import type { Rect, Size } from '../../../shared/geometry.ts'
import { matchColours } from '../imaging/colour-match.ts'
import type { ColourTransform } from '../imaging/colour-profile-transform.ts'
import { eachRow, type Pace } from '../imaging/pace.ts'
import { resampleRgb } from '../imaging/resample.ts'
import type { TileReader } from '../imaging/tile-access.ts'
import { pictureAround } from './picture-in.ts'

/** What a model is shown of a document. */
export interface Surroundings {
  readonly region: Rect
  /** The document's numbers in the region, three bytes a pixel. */
  readonly original: Uint8Array
  /** Above 0 for what must not be matched: transparent, or beyond the canvas. */
  readonly unusable: Uint8Array | null
  /** sRGB at the model's size. */
  readonly seen: Uint8Array
}

/** What stands for no colour at all: the middle, as in the holes that inpainting models are shown. */
const NO_COLOUR = 128

/** Of the decoder's cells along the band whose colours are matched. */
const BAND_CELLS = 2
const CELL = 8

export async function surroundingsOf(
  document: Document,
  reader: TileReader,
  { region, size }: { readonly region: Rect; readonly size: Size },
  colours: ColourTransform,
  pace: Pace,
): Promise<Surroundings> {
  const { rgb: original, unusable } = await pictureAround(document, reader, region, pace)
  const srgb = colours.toSrgb(original)
  if (unusable)
    for (let i = 0; i < unusable.length; i++) if (unusable[i]! > 0) srgb.fill(NO_COLOUR, 3 * i, 3 * i + 3)
  const seen = await resampleRgb(srgb, region, size, pace)
  return { region, original, unusable: await beyond(document.canvas, region, unusable, pace), seen }
}

/** Adds what lies past the canvas, which is only mirrored. */
async function beyond(canvas: Size, region: Rect, unusable: Uint8Array | null, pace: Pace) {
  const { x, y, width, height } = region
  if (x >= 0 && y >= 0 && x + width <= canvas.width && y + height <= canvas.height) return unusable
  const marked = unusable ?? new Uint8Array(width * height)
  await eachRow(height, pace, (row) => {
    const isInside = y + row >= 0 && y + row < canvas.height
    for (let column = 0, i = row * width; column < width; column++, i++)
      if (!isInside || x + column < 0 || x + column >= canvas.width) marked[i] = 1
  })
  return marked
}

/**
 * What a model made, in the document's numbers over the region, its light matched to what lies around the hole.
 * @param made sRGB at the model's size
 * @param hole a byte a pixel of the region; null where nothing is kept
 */
export async function broughtBack(
  made: Uint8Array,
  { region, original, unusable }: Omit<Surroundings, 'seen'>,
  size: Size,
  hole: Uint8Array | null,
  colours: ColourTransform,
  pace: Pace,
): Promise<Uint8Array> {
  const rgb = colours.fromSrgb(await resampleRgb(made, size, region, pace))
  if (!hole) return rgb
  const cell = CELL * Math.max(region.width / size.width, region.height / size.height)
  return matchColours(
    { size: region, original, made: rgb, hole, unusable, reach: Math.max(4, BAND_CELLS * cell) },
    pace,
  )
}
