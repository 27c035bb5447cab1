/**
 * Pasting a picture.
 *
 * Invariant: a pasted picture keeps its size and lies on a layer of its own; its colours look the same in the document's
 * profile, and are copied where the profiles are the same.
 */
import type { Point } from '../../../../shared/geometry.ts'
import type { IntentOf } from '../../../../shared/intents.ts'
import { openImage } from '../../imaging/image-file.ts'
import { pictureColours } from './colour.ts'
import type { Edit, EditWork } from './context.ts'
import { freeName, insertion, newRaster, placeAbove } from './layers.ts'
import { makeTiles } from './tile-changes.ts'

/** @throws InlayError those of `openImage`, `document.conflict` when the group it shall go into is locked */
export async function paste(work: EditWork, intent: IntentOf<'paste'>): Promise<Edit> {
  const { document } = work
  const image = await openImage(await work.context.fileBytes(intent.file))
  const centre = intent.centre ?? { x: document.canvas.width >> 1, y: document.canvas.height >> 1 }
  const offset: Point = { x: centre.x - (image.width >> 1), y: centre.y - (image.height >> 1) }
  const pixels = await image.readPixels()
  const colours = await pictureColours(work, image.icc)
  try {
    const rect = { x: 0, y: 0, width: image.width, height: image.height }
    const tiles = await makeTiles(rect, work.tiles, work.pace, (tx, ty) =>
      colours.convert(pixels.tile(tx, ty)),
    )
    const layer = newRaster(work.newLayerId(), freeName(document, intent.name), tiles, { offset })
    return {
      label: 'Paste',
      origin: 'paste',
      changes: [insertion(document, placeAbove(document, intent.above), [layer])],
    }
  } finally {
    colours.close()
  }
}
