/**
 * What a generation looks at and what it may change, before a pixel is read.
 *
 * Invariant: pure. The same document, request and limits give the same plan, so what was shown as an estimate is what is run.
 * Rectangles are in document coordinates.
 */
import type { Document } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { GenerationRequest, Sides } from '../../../shared/generation.ts'
import {
  inflate,
  intersect,
  isEmpty,
  type Rect,
  rectOf,
  type Size,
  translate,
} from '../../../shared/geometry.ts'
import { MAX_PIXELS, MAX_SIDE } from '../../../shared/pixels.ts'
import { contextRegion } from '../inference/context-region.ts'
import type { ModelLimits } from '../inference/generate/task.ts'

export interface GenerationPlan {
  /**
   * Where the mask comes from: what is selected; the border that the canvas grows by; the whole picture where it is found out
   * what changed; or nothing is kept (`frame` is all of it).
   */
  readonly mask: 'selection' | 'border' | 'inferred' | 'none'
  /** The canvas as it will be; of `none` the picture that is made. */
  readonly frame: Rect
  /** What the model sees. */
  readonly region: Rect
  /** What it works at. */
  readonly size: Size
  /** Of `border`: how far the mask reaches into the picture that is there. */
  readonly overlap: number
}

/** A small hole gets this many model pixels along one of its own: more invents what nobody will see. */
const MAX_UPSCALE = 2
/** Some cells of any decoder. */
const LEAST_OVERLAP = 16

export const NOTHING_SELECTED = 'Paint over what is to be made anew first (press Q).'

/** @throws InlayError `mask.empty`, and `usage` for a request that makes no sense */
export function planGeneration(
  document: Pick<Document, 'canvas' | 'selection'>,
  request: GenerationRequest,
  limits: Pick<ModelLimits, 'side' | 'factor'>,
): GenerationPlan {
  const canvas = rectOf(document.canvas)
  const { task, padding } = request
  if (request.outpaint) return outpaintPlan(canvas, request, request.outpaint, limits)
  const selected = intersect(document.selection?.bounds ?? { x: 0, y: 0, width: 0, height: 0 }, canvas)
  if (document.selection && isEmpty(selected)) throw new InlayError('mask.empty', NOTHING_SELECTED)
  const whole = (mask: GenerationPlan['mask']): GenerationPlan => ({
    mask,
    frame: canvas,
    ...seen(canvas, canvas, limits, 0),
    overlap: 0,
  })
  if (document.selection) {
    const bounds = intersect(inflate(selected, Math.floor(request.grow)), canvas)
    const around = task === 'text-to-image' ? 0 : padding
    return { mask: 'selection', frame: canvas, ...seen(bounds, canvas, limits, around), overlap: 0 }
  }
  if (task === 'inpaint') throw new InlayError('mask.empty', NOTHING_SELECTED)
  if (task !== 'text-to-image') return whole('inferred')
  return request.size ? ofSize(canvas, request.size, limits) : whole('none')
}

function outpaintPlan(
  canvas: Rect,
  { task, padding, grow, feather }: GenerationRequest,
  { left, top, right, bottom }: Sides,
  limits: Pick<ModelLimits, 'side' | 'factor'>,
): GenerationPlan {
  if (left + top + right + bottom === 0)
    throw new InlayError('usage', 'The picture would not grow; say by how many pixels on which side.')
  if (task === 'text-to-image')
    throw new InlayError('usage', 'A picture grows by inpainting; text-to-image makes a new one.')
  const frame = {
    x: 0 - left,
    y: 0 - top,
    width: canvas.width + left + right,
    height: canvas.height + top + bottom,
  }
  if (frame.width > MAX_SIDE || frame.height > MAX_SIDE || frame.width * frame.height > MAX_PIXELS)
    throw new InlayError(
      'image.too-large',
      'The picture would be larger than 100 megapixels. Add less to it.',
    )
  const quarter = Math.max(1, Math.floor(Math.min(canvas.width, canvas.height) / 4))
  const overlap = Math.min(quarter, Math.max(LEAST_OVERLAP, Math.ceil(grow + feather) + 1))
  const kept = keptBy({ left, top, right, bottom }, canvas, overlap)
  return { mask: 'border', frame, ...seen(boundsBeside(kept, frame), frame, limits, padding), overlap }
}

/** What an outpainting leaves of the canvas as it is. */
export function keptBy({ left, top, right, bottom }: Sides, canvas: Rect, overlap: number): Rect {
  const x = left > 0 ? overlap : 0
  const y = top > 0 ? overlap : 0
  return {
    x,
    y,
    width: canvas.width - x - (right > 0 ? overlap : 0),
    height: canvas.height - y - (bottom > 0 ? overlap : 0),
  }
}

/** The smallest rectangle around what of a frame lies beside a rectangle in it. */
function boundsBeside(kept: Rect, frame: Rect): Rect {
  const [right, bottom] = [frame.x + frame.width, frame.y + frame.height]
  const spansRows = kept.y <= frame.y && kept.y + kept.height >= bottom
  const spansColumns = kept.x <= frame.x && kept.x + kept.width >= right
  if (spansRows && kept.x <= frame.x)
    return { ...frame, x: kept.x + kept.width, width: right - kept.x - kept.width }
  if (spansRows && kept.x + kept.width >= right) return { ...frame, width: kept.x - frame.x }
  if (spansColumns && kept.y <= frame.y)
    return { ...frame, y: kept.y + kept.height, height: bottom - kept.y - kept.height }
  if (spansColumns && kept.y + kept.height >= bottom) return { ...frame, height: kept.y - frame.y }
  return frame
}

/** A picture of a size of its own, in the middle of the canvas. */
function ofSize(canvas: Rect, size: Size, { factor }: Pick<ModelLimits, 'factor'>): GenerationPlan {
  const whole = (length: number): number => Math.max(factor, Math.round(length / factor) * factor)
  const frame = {
    x: Math.floor((canvas.width - size.width) / 2),
    y: Math.floor((canvas.height - size.height) / 2),
    ...size,
  }
  const model = { width: whole(size.width), height: whole(size.height) }
  return { mask: 'none', frame, region: frame, size: model, overlap: 0 }
}

function seen(
  bounds: Rect,
  frame: Rect,
  limits: Pick<ModelLimits, 'side' | 'factor'>,
  padding: number,
): Pick<GenerationPlan, 'region' | 'size'> {
  const local = translate(bounds, { x: 0 - frame.x, y: 0 - frame.y })
  const { region, passes } = contextRegion(local, frame, limits, { padding, maxUpscale: MAX_UPSCALE })
  return { region: translate(region, frame), size: passes[0] }
}
