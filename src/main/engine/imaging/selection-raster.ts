/**
 * What makes and changes selections, as sources of cover that are written tile by tile.
 *
 * Invariant: a selection lies inside the canvas, and the canvas's edge is no outline: growing stops there, and
 * feathering or shrinking does not eat in from there.
 */
import { intersect, isEmpty, type Rect } from '../../../shared/geometry.ts'
import { cropMask } from './mask.ts'
import { featherMask, featherReach } from './mask-feather.ts'
import { fillHoles } from './mask-fill-holes.ts'
import { growMask, shrinkMask } from './mask-morphology.ts'
import {
  compactGray,
  grayPixels,
  invertSource,
  localSource,
  type MaskSource,
  maskSource,
} from './mask-source.ts'
import type { Pace } from './pace.ts'

export type SelectionChange = 'invert' | 'grow' | 'shrink' | 'feather' | 'fill-holes'

/** A shape or selection with a soft edge, `amount` pixels to either side. */
export function featherSource(source: MaskSource, amount: number, canvas: Rect): MaskSource {
  const reach = featherReach(amount)
  if (reach === 0) return source
  return localSource(source, canvas, reach, (mask, pace) => featherMask(mask, amount, pace))
}

/**
 * A changed selection. All changes but `fill-holes` look only as far as the amount; that one needs the selection's
 * bounds as one plane.
 * @param amount pixels; `invert` and `fill-holes` ignore it
 */
export async function changeSource(
  source: MaskSource,
  change: SelectionChange,
  amount: number,
  canvas: Rect,
  pace: Pace,
): Promise<MaskSource> {
  switch (change) {
    case 'invert':
      return invertSource(source, canvas)
    case 'feather':
      return featherSource(source, amount, canvas)
    case 'grow':
    case 'shrink': {
      if (amount === 0) return source
      const operation = change === 'grow' ? growMask : shrinkMask
      return localSource(source, canvas, Math.ceil(amount) + 1, (mask, p) => operation(mask, amount, p))
    }
    case 'fill-holes': {
      const rect = intersect(source.bounds, canvas)
      if (isEmpty(rect)) return source
      return maskSource(
        await fillHoles({ rect, pixels: grayPixels(await source.read(rect, pace), rect) }, pace),
      )
    }
  }
}

/**
 * What a picture covers: its alpha, block by block.
 * @param compose gives the straight rgba8 pixels of a rectangle of the document
 */
export function alphaSource(bounds: Rect, compose: (rect: Rect) => Uint8Array): MaskSource {
  return {
    bounds,
    async read(rect) {
      const part = intersect(rect, bounds)
      if (isEmpty(part)) return 0
      const rgba = compose(part)
      const alpha = new Uint8Array(part.width * part.height)
      for (let i = 0; i < alpha.length; i++) alpha[i] = rgba[4 * i + 3]!
      return compactGray(cropMask({ rect: part, pixels: alpha }, rect).pixels)
    },
  }
}
