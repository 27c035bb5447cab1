/**
 * The masks of a job, from what is selected.
 *
 * Invariant: the hole is cut to the canvas; nothing outside it can change.
 */
import type { Document } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import { intersect, isEmpty, rectOf } from '../../../shared/geometry.ts'
import type { Mask } from '../imaging/mask.ts'
import { type RemovalMasks, removalMasks } from '../imaging/mask-removal.ts'
import { grayPixels, tilesSource } from '../imaging/mask-source.ts'
import type { Pace } from '../imaging/pace.ts'
import type { TileReader } from '../imaging/tile-access.ts'

export interface SelectionMasks extends RemovalMasks {
  /** The selection itself, soft where it is. */
  readonly drawn: Mask
}

/**
 * @param options grow and feather in pixels
 * @param hint what to do where nothing on the canvas is selected
 * @throws InlayError `mask.empty` with that hint
 */
export async function selectionMasks(
  document: Document,
  reader: TileReader,
  options: { readonly grow: number; readonly feather: number },
  hint: string,
  pace: Pace,
): Promise<SelectionMasks> {
  const canvas = rectOf(document.canvas)
  const selection = document.selection
  const rect = intersect(selection?.bounds ?? { x: 0, y: 0, width: 0, height: 0 }, canvas)
  if (!selection || isEmpty(rect)) throw new InlayError('mask.empty', hint)
  const pixels = grayPixels(await tilesSource(selection.tiles, reader, rect).read(rect, pace), rect)
  const drawn = { rect, pixels }
  const masks = await removalMasks(drawn, options, canvas, pace)
  if (!masks) throw new InlayError('mask.empty', hint)
  return { ...masks, drawn }
}
