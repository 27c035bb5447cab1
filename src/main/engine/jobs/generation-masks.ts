/**
 * The masks of a generation: what may change, how the result is laid over the picture, and what the model is told of it.
 *
 * Invariant: compositing is 0 outside the hole, and 255 wherever nothing lies beneath.
 */
import type { Document } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { GenerationRequest } from '../../../shared/generation.ts'
import { intersect, type Rect, rectOf, type Size } from '../../../shared/geometry.ts'
import { constantMask, cropMask, type Mask } from '../imaging/mask.ts'
import { innerFeather } from '../imaging/mask-feather.ts'
import { type RemovalMasks, removalMasks } from '../imaging/mask-removal.ts'
import { spreadMask } from '../imaging/mask-spread.ts'
import type { Pace } from '../imaging/pace.ts'
import { resampleMask } from '../imaging/resample.ts'
import type { TileReader } from '../imaging/tile-access.ts'
import { type GenerationPlan, keptBy, NOTHING_SELECTED } from './generation-plan.ts'
import { selectionMasks } from './selection-masks.ts'

export interface GenerationMasks extends RemovalMasks {
  /** What was selected, with its softness; null where nobody selected anything. */
  readonly drawn: Mask | null
}

/** A pixel of the model's is made anew where at least this much of it is: rather a little more than a rest of what was there. */
const TOUCHED = 16

/** @returns null where the model is to find out what changes. @throws InlayError `mask.empty`, `cancelled` */
export async function masksFor(
  plan: GenerationPlan,
  document: Document,
  reader: TileReader,
  request: GenerationRequest,
  pace: Pace,
): Promise<GenerationMasks | null> {
  switch (plan.mask) {
    case 'selection':
      return selectionMasks(document, reader, request, NOTHING_SELECTED, pace)
    case 'border':
      return borderMasks(plan, document, request, pace)
    case 'none':
      return wholeMasks(plan.frame)
    case 'inferred':
      return null
  }
}

/** All of a rectangle, without a rim. */
export function wholeMasks(rect: Rect): GenerationMasks {
  const hole = constantMask(rect, 255)
  return { hole, compositing: hole, drawn: null }
}

async function borderMasks(
  { frame, overlap }: GenerationPlan,
  { canvas }: Document,
  { outpaint, feather }: GenerationRequest,
  pace: Pace,
): Promise<GenerationMasks> {
  const hole = constantMask(frame, 255)
  const kept = keptBy(outpaint!, rectOf(canvas), overlap)
  for (let y = kept.y; y < kept.y + kept.height; y++) {
    const from = (y - frame.y) * frame.width + kept.x - frame.x
    hole.pixels.fill(0, from, from + kept.width)
  }
  // Where the canvas ends nothing lies beneath, so the rim is over before.
  const compositing = await innerFeather(hole, Math.min(feather, overlap - 1), pace)
  return { hole, compositing, drawn: null }
}

/**
 * The masks of an edit that nobody drew one for.
 * @param changed a byte a pixel of the region, 128 and more is what changed; null for all of it
 * @throws InlayError `mask.empty` where nothing did
 */
export async function masksOfChange(
  changed: Uint8Array | null,
  { region, frame }: GenerationPlan,
  request: GenerationRequest,
  pace: Pace,
): Promise<RemovalMasks> {
  if (!changed) return wholeMasks(intersect(region, frame))
  const pixels = changed.map((value) => (value >= 128 ? 255 : 0))
  const masks = await removalMasks({ rect: region, pixels }, request, frame, pace)
  if (masks) return masks
  throw new InlayError(
    'mask.empty',
    'The model changed nothing. Say more clearly what is to be different, or paint over it first.',
  )
}

/** The mask that the model is told, at its size: hard, or soft where that was asked for. */
export async function modelMask(
  { hole, drawn }: GenerationMasks,
  request: GenerationRequest,
  region: Rect,
  size: Size,
  pace: Pace,
): Promise<Uint8Array> {
  const soft = request.softMask && drawn !== null
  const mask = soft ? await spreadMask(cropMask(drawn, hole.rect), request.grow, pace) : hole
  const seen = await resampleMask(cropMask(mask, region).pixels, region, size, pace)
  return soft ? seen : seen.map((value) => (value >= TOUCHED ? 255 : 0))
}
