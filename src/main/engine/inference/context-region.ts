/**
 * "Inpaint only masked": which part of the document a generation sees, and at what size the model works on it.
 *
 * Invariant: pure functions of whole numbers. The region contains the mask with its padding, as far as the canvas goes; it
 * lies on the canvas where it fits there, and else reaches past it evenly, where the picture is mirrored. The model's
 * sides are multiples of its factor, have about its pixels, and a document pixel never becomes more than `maxUpscale`
 * model pixels. Both sides are scaled alike but for rounding, which is less than one multiple.
 */
import { InlayError } from '../../../shared/errors.ts'
import { inflate, intersect, isEmpty, type Rect, rectOf, type Size } from '../../../shared/geometry.ts'

export interface RegionModel {
  /** Side of the squares it was trained on: 512, 768 or 1024. */
  readonly side: number
  /** Its sides are multiples of this: 8 for a latent cell, more where its network needs even halvings. */
  readonly factor: number
  /** The most pixels it may work on at once; with more than its square has, a large region gets a second pass. */
  readonly largestPixels?: number
}

export interface RegionOptions {
  /** Document pixels of surroundings on every side of the mask. */
  readonly padding: number
  /** The most model pixels along one document pixel; 1 keeps small masks at their scale. */
  readonly maxUpscale: number
}

export interface ContextRegion {
  /** In document coordinates; past the canvas the picture is mirrored. */
  readonly region: Rect
  /** The sizes that the model works at: its own, and a larger one to refine at where the region has more pixels. */
  readonly passes: readonly [Size] | readonly [Size, Size]
}

/** Beyond this the pictures of a model fall apart into two. */
const MAX_ASPECT = 2
/** A second pass with fewer times the pixels is not worth its time. */
const LEAST_GAIN = 1.5
const LARGEST_UPSCALE = 8

/**
 * @param mask the bounds of what is to change, with its growth and feather
 * @throws InlayError `mask.empty` where the mask does not meet the canvas, `usage` for options that make no sense
 */
export function contextRegion(
  mask: Rect,
  canvas: Size,
  model: RegionModel,
  { padding, maxUpscale }: RegionOptions,
): ContextRegion {
  check('padding', padding, 0, 1_000_000)
  check('upscale', maxUpscale, 1, LARGEST_UPSCALE)
  const onCanvas = intersect(mask, rectOf(canvas))
  if (isEmpty(onCanvas))
    throw new InlayError('mask.empty', 'The mask does not meet the picture; paint over what is to change.')
  const wanted = intersect(inflate(onCanvas, Math.round(padding)), rectOf(canvas))

  const aspect = Math.min(MAX_ASPECT, Math.max(1 / MAX_ASPECT, wanted.width / wanted.height))
  const ideal = {
    width: below(model.side * Math.sqrt(aspect), model.factor),
    height: below(model.side / Math.sqrt(aspect), model.factor),
  }
  /** Document pixels along a model pixel. */
  const scale = Math.max(wanted.width / ideal.width, wanted.height / ideal.height, 1 / maxUpscale)
  const across = fitAxis(ideal.width, scale, canvas.width, model)
  const down = fitAxis(ideal.height, scale, canvas.height, model)
  const region = {
    x: place(wanted.x, wanted.width, across.region, canvas.width),
    y: place(wanted.y, wanted.height, down.region, canvas.height),
    width: across.region,
    height: down.region,
  }
  const first = { width: across.model, height: down.model }
  const second = secondPass(first, region, model)
  return { region, passes: second ? [first, second] : [first] }
}

/** A model side and the document pixels it stands for; both smaller where the canvas ends before. */
function fitAxis(ideal: number, scale: number, canvas: number, { side, factor }: RegionModel) {
  const region = Math.ceil(ideal * scale - 1e-9)
  if (region <= canvas) return { model: ideal, region }
  // Below half its trained side a model makes nothing of use: rather more picture, mirrored.
  const least = Math.min(ideal, below(side / 2, factor))
  const fitting = Math.floor((canvas / scale + 1e-9) / factor) * factor
  if (fitting >= least) return { model: fitting, region: canvas }
  return { model: least, region: Math.ceil(least * scale - 1e-9) }
}

/** Around the middle of what is wanted, moved onto the canvas; past both of its ends alike where it is too long. */
function place(start: number, length: number, region: number, canvas: number): number {
  if (region > canvas) return -Math.floor((region - canvas) / 2)
  const centred = Math.floor(start + (length - region) / 2)
  return Math.min(canvas - region, Math.max(0, centred))
}

function secondPass(first: Size, region: Rect, { factor, largestPixels = 0 }: RegionModel): Size | undefined {
  const byDocument = Math.min(region.width / first.width, region.height / first.height)
  const byMemory = Math.sqrt(largestPixels / (first.width * first.height))
  const gain = Math.min(byDocument, byMemory)
  const second = { width: below(first.width * gain, factor), height: below(first.height * gain, factor) }
  const isLarger = second.width * second.height >= first.width * first.height * LEAST_GAIN
  return gain > 1 && isLarger ? second : undefined
}

/** The largest multiple of `factor` up to a length, at least one. */
function below(length: number, factor: number): number {
  return Math.max(factor, Math.floor(length / factor) * factor)
}

/**
 * The pixel of a row of `length` that stands at `index`, which may lie past its ends: the row is mirrored there, its outer
 * pixels twice, as often as needed.
 */
export function mirroredIndex(index: number, length: number): number {
  const period = 2 * length
  const inPeriod = ((index % period) + period) % period
  return inPeriod < length ? inPeriod : period - 1 - inPeriod
}

function check(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most))
    throw new InlayError(
      'usage',
      `A context ${name} of ${value} makes no sense; it goes from ${least} to ${most}.`,
    )
}
