/**
 * A removal: from the selection and the picture as it is seen to a candidate.
 *
 * Invariant: works on the document as it was at the start and changes nothing in it. Only the context region around the
 * hole is composed and held. What a candidate shows is 0 in alpha outside the compositing mask. A removal that fails or
 * is cancelled leaves no tiles.
 */
import { randomUUID } from 'node:crypto'
import type { Document } from '../../../shared/document/model.ts'
import { throwIfCancelled } from '../../../shared/errors.ts'
import { CandidateId } from '../../../shared/ids.ts'
import type { RemovalRequest } from '../../../shared/removal.ts'
import type { Candidate, JobEvent } from '../../../shared/rpc/contract.ts'
import { type Fill, fillContext } from '../imaging/fill.ts'
import { cropMask, maskBounds } from '../imaging/mask.ts'
import { createPace } from '../imaging/pace.ts'
import { patchFill } from '../imaging/patch-fill/patch-fill.ts'
import type { CandidateSession, CandidateStore } from './candidate-store.ts'
import { writeCandidateTiles } from './candidate-tiles.ts'
import { type Job, JobQueue } from './job-queue.ts'
import { pictureIn } from './picture-in.ts'
import { selectionMasks } from './selection-masks.ts'

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
  const masks = await selectionMasks(document, tiles, request, HINT, pace)
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
  candidates.add(candidate, { request, tiles: made.filled, mask: made.mask, frame: null })
  return candidate
}
