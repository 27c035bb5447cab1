/**
 * The picture as it is seen, for a job to look at: colours without alpha, read from the document's tiles.
 *
 * Invariant: colours are the document's own numbers. Beyond the canvas the picture is mirrored, its outer pixels twice.
 */
import type { Document } from '../../../shared/document/model.ts'
import type { Rect } from '../../../shared/geometry.ts'
import { composeRect } from '../imaging/composite.ts'
import { eachRow, type Pace } from '../imaging/pace.ts'
import type { TileReader } from '../imaging/tile-access.ts'
import { mirroredIndex } from '../inference/context-region.ts'

export interface SeenPicture {
  /** Three bytes a pixel. */
  readonly rgb: Uint8Array
  /** Above 0 for what is wholly transparent; null where nothing is. */
  readonly unusable: Uint8Array | null
}

/** Rows composed between two looks at the clock. */
const STRIP = 64

/** A part of the canvas. @throws InlayError `project.damaged`, `cancelled` */
export async function pictureIn(
  document: Document,
  reader: TileReader,
  rect: Rect,
  pace: Pace,
): Promise<SeenPicture> {
  const rgb = new Uint8Array(rect.width * rect.height * 3)
  let unusable: Uint8Array | null = null
  for (let y = 0; y < rect.height; y += STRIP) {
    if (pace.due()) await pace.rest()
    const strip = { ...rect, y: rect.y + y, height: Math.min(STRIP, rect.height - y) }
    const rgba = composeRect(document, reader, strip)
    for (let from = 0, i = y * rect.width; from < rgba.length; from += 4, i++) {
      rgb[3 * i] = rgba[from]!
      rgb[3 * i + 1] = rgba[from + 1]!
      rgb[3 * i + 2] = rgba[from + 2]!
      if (rgba[from + 3] !== 0) continue
      unusable ??= new Uint8Array(rect.width * rect.height)
      unusable[i] = 1
    }
  }
  return { rgb, unusable }
}

/** Any rectangle of the document: as `pictureIn` on the canvas, mirrored beyond it. */
export async function pictureAround(
  document: Document,
  reader: TileReader,
  rect: Rect,
  pace: Pace,
): Promise<SeenPicture> {
  const columns = axis(rect.x, rect.width, document.canvas.width)
  const rows = axis(rect.y, rect.height, document.canvas.height)
  const source = { x: columns.first, y: rows.first, width: columns.length, height: rows.length }
  const seen = await pictureIn(document, reader, source, pace)
  if (columns.isPlain && rows.isPlain) return seen
  const rgb = new Uint8Array(rect.width * rect.height * 3)
  const unusable = seen.unusable && new Uint8Array(rect.width * rect.height)
  await eachRow(rect.height, pace, (y) => {
    const row = rows.places[y]! * source.width
    for (let x = 0, i = y * rect.width; x < rect.width; x++, i++) {
      const from = row + columns.places[x]!
      rgb[3 * i] = seen.rgb[3 * from]!
      rgb[3 * i + 1] = seen.rgb[3 * from + 1]!
      rgb[3 * i + 2] = seen.rgb[3 * from + 2]!
      if (unusable) unusable[i] = seen.unusable![from]!
    }
  })
  return { rgb, unusable }
}

/** What part of a row of the canvas is needed, and where in it each pixel is taken from. */
function axis(start: number, length: number, canvas: number) {
  const mirrored = Int32Array.from({ length }, (_, i) => mirroredIndex(start + i, canvas))
  let [first, last] = [canvas, -1]
  for (const place of mirrored) {
    first = Math.min(first, place)
    last = Math.max(last, place)
  }
  const isPlain = start >= 0 && start + length <= canvas
  return { first, length: last - first + 1, places: mirrored.map((place) => place - first), isPlain }
}
