/**
 * The two masks of a removal, made from the one that was drawn.
 *
 * Invariant: `hole` is what may change (0 or 255); `compositing` is how the result is laid over the picture: 0 outside
 * the hole, 255 deep inside it, and a rim `feather` pixels wide that lies inside the hole. So nothing outside the hole can
 * change, however it is blended.
 */
import { inflate, intersect, isEmpty, type Rect } from '../../../shared/geometry.ts'
import { cropMask, type Mask, maskBounds } from './mask.ts'
import { innerFeather } from './mask-feather.ts'
import { growHole } from './mask-morphology.ts'
import { createPace, type Pace } from './pace.ts'

export interface RemovalMasks {
  readonly hole: Mask
  readonly compositing: Mask
}

/**
 * @param drawn any value above 0 is hole
 * @param options grow and feather in pixels
 * @param canvas the hole is cut to it, and its edge counts as no rim
 * @returns both masks over the same rectangle, which is one pixel larger than the hole where the canvas goes on;
 *   null when nothing is drawn inside the canvas
 */
export async function removalMasks(
  drawn: Mask,
  options: { readonly grow: number; readonly feather: number },
  canvas: Rect,
  pace: Pace = createPace(),
): Promise<RemovalMasks | null> {
  const bounds = intersect(maskBounds(drawn), canvas)
  if (isEmpty(bounds)) return null
  const rect = intersect(inflate(bounds, Math.floor(options.grow) + 1), canvas)
  const hole = await growHole(cropMask(drawn, rect), options.grow, pace)
  return { hole, compositing: await innerFeather(hole, options.feather, pace) }
}
