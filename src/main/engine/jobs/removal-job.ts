/**
 * A removal: from the selection and the picture as it is seen to a candidate.
 *
 * Invariant: works on the document as it was at the start and changes nothing in it. Only the context region around the
 * hole is composed and held. What a candidate shows is 0 in alpha outside the compositing mask. A removal that fails or
 * is cancelled leaves no tiles.
 */
import { randomUUID } from 'node:crypto'
import type { Document } from '../../../shared/document/model.ts'
import { InlayError, throwIfCancelled } from '../../../shared/errors.ts'
import { intersect, isEmpty, type Rect, rectOf } from '../../../shared/geometry.ts'
import { CandidateId } from '../../../shared/ids.ts'
import type { RemovalRequest } from '../../../shared/removal.ts'
import type { Candidate, JobEvent } from '../../../shared/rpc/contract.ts'
import { composeRect } from '../imaging/composite.ts'
import { type Fill, fillContext } from '../imaging/fill.ts'
import { cropMask, type Mask, maskBounds } from '../imaging/mask.ts'
import { removalMasks } from '../imaging/mask-removal.ts'
import { grayPixels, tilesSource } from '../imaging/mask-source.ts'
import { createPace, type Pace } from '../imaging/pace.ts'
import { patchFill } from '../imaging/patch-fill/patch-fill.ts'
import type { TileReader } from '../imaging/tile-access.ts'
import type { CandidateSession, CandidateStore } from './candidate-store.ts'
import { writeCandidateTiles } from './candidate-tiles.ts'
import { type Job, JobQueue } from './job-queue.ts'

export interface RemovalSession extends CandidateSession {
  readonly document: Document
}

export interface RemovalOptions {
  readonly candidates: CandidateStore
  /** Jobs of one host share one; without it the removal starts at once. */
  readonly queue?: JobQueue
  readonly signal?: AbortSignal | undefined
  readonly newId?: () => string
  /** Worker threads for the fill; the result does not depend on it. */
  readonly threads?: number
  /** Another fill than the built-in one. */
  readonly fill?: Fill
}

const HINT = 'Paint over what you want to remove first (press Q).'

/**
 * Runs a removal and keeps its candidate in the store. The stream's last event is `done`.
 * @throws InlayError (from the stream) `mask.empty`, `fill.no-source`, `cancelled`, `project.damaged`
 */
export function runRemoval(
  session: RemovalSession,
  request: RemovalRequest,
  options: RemovalOptions,
): AsyncIterableIterator<JobEvent, void, void> {
  const queue = options.queue ?? new JobQueue()
  return queue.run(
    async (job) => ({ type: 'done', candidate: await remove(session, request, options, job) }) as const,
    options.signal,
  )
}

async function remove(
  session: RemovalSession,
  request: RemovalRequest,
  { candidates, newId = randomUUID, threads, fill = patchFill }: RemovalOptions,
  { signal, progress }: Job,
): Promise<Candidate> {
  const began = performance.now()
  const { document, tiles } = session
  const pace = createPace(signal)
  progress(0, 'Reading the mask')
  const masks = await masksOf(document, tiles, request, pace)
  const hole = maskBounds(masks.hole)
  const context = fillContext(hole, document.canvas)
  progress(0.02, 'Reading the picture')
  const { rgb, unusable } = await pictureIn(document, tiles, context, pace)
  const filled = await fill(
    {
      width: context.width,
      height: context.height,
      rgb,
      hole: cropMask(masks.hole, context).pixels,
      ...(unusable ? { unusable } : {}),
      seed: request.seed,
    },
    {
      signal,
      onProgress: (fraction) => progress(0.05 + 0.9 * fraction, 'Filling'),
      ...(threads === undefined ? {} : { threads }),
    },
  )
  throwIfCancelled(signal)
  progress(0.95, 'Finishing')
  const made = await writeCandidateTiles({ rect: context, rgb: filled }, masks, tiles, pace, (maps) =>
    candidates.discardTiles(maps),
  )
  const candidate: Candidate = {
    id: CandidateId.parse(newId()),
    request,
    index: 0,
    report: null,
    tiles: made.shown,
    bounds: hole,
    seconds: (performance.now() - began) / 1000,
  }
  candidates.add(candidate, { request, tiles: made.filled, mask: made.mask })
  return candidate
}

/** @throws InlayError `mask.empty` when nothing on the canvas is selected */
async function masksOf(
  document: Document,
  reader: TileReader,
  request: RemovalRequest,
  pace: Pace,
): Promise<{ readonly hole: Mask; readonly compositing: Mask }> {
  const canvas = rectOf(document.canvas)
  const selection = document.selection
  const rect = intersect(selection?.bounds ?? { x: 0, y: 0, width: 0, height: 0 }, canvas)
  if (!selection || isEmpty(rect)) throw new InlayError('mask.empty', HINT)
  const drawn = grayPixels(await tilesSource(selection.tiles, reader, rect).read(rect, pace), rect)
  const masks = await removalMasks({ rect, pixels: drawn }, request, canvas, pace)
  if (!masks) throw new InlayError('mask.empty', HINT)
  return masks
}

/** Rows composed between two looks at the clock. */
const STRIP = 64

/** The picture as it is seen in a rectangle; `unusable` marks what is wholly transparent, if anything is. */
async function pictureIn(
  document: Document,
  reader: TileReader,
  rect: Rect,
  pace: Pace,
): Promise<{ readonly rgb: Uint8Array; readonly unusable: Uint8Array | null }> {
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
