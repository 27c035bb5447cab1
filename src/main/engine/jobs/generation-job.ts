/**
 * A generation: from the selection, the picture as it is seen and a request to candidates.
 *
 * Invariant: works on the document as it was when it was asked for, and changes nothing in it. What a candidate shows is 0 in
 * alpha outside its compositing mask. Candidates that are made stay when the work is cancelled or fails later; the one that
 * was under way leaves no tiles. A candidate's own request makes it again by itself.
 */
import { randomUUID } from 'node:crypto'
import type { Document } from '../../../shared/document/model.ts'
import { throwIfCancelled } from '../../../shared/errors.ts'
import type { GenerationRequest } from '../../../shared/generation.ts'
import { type BlobHash, CandidateId } from '../../../shared/ids.ts'
import type { Candidate, GenerationEvent } from '../../../shared/rpc/contract.ts'
import { type ColourTransform, createColourTransform } from '../imaging/colour-profile-transform.ts'
import { cropMask, maskBounds } from '../imaging/mask.ts'
import { createPace, type Pace } from '../imaging/pace.ts'
import { resampleMask } from '../imaging/resample.ts'
import type {
  GenerationHandling,
  GenerationResult,
  GenerationTask,
  Generator,
} from '../inference/generate/task.ts'
import type { CandidateSession, CandidateStore } from './candidate-store.ts'
import { writeCandidateTiles } from './candidate-tiles.ts'
import { comparisonOf } from './comparison.ts'
import { type GenerationMasks, masksFor, masksOfChange, modelMask } from './generation-masks.ts'
import { broughtBack, type Surroundings, surroundingsOf } from './generation-picture.ts'
import { type GenerationPlan, planGeneration } from './generation-plan.ts'
import { PreviewSender } from './generation-previews.ts'
import { type EmittingJob, JobQueue } from './job-queue.ts'

export interface GenerationSession extends CandidateSession {
  readonly document: Document
  /** The bytes of a profile. */
  blob(hash: BlobHash): Uint8Array
}

export interface GenerationOptions {
  readonly candidates: CandidateStore
  readonly generator: Generator
  /** Where a request's model lies; null for the built-in one. @throws InlayError `model.unknown` */
  readonly placeOf: (model: string) => Promise<string | null>
  /** Jobs of one host share one; without it the generation starts at once. */
  readonly queue?: JobQueue
  readonly signal?: AbortSignal | undefined
  readonly newId?: () => string
  /** Whether somebody watches: then there are previews, and pictures to compare are kept. */
  readonly watched?: boolean
  /** Told of every candidate, before its event. */
  readonly onMade?: (candidate: Candidate) => void
}

/** What all candidates of a request have in common. */
interface Setting {
  readonly session: GenerationSession
  readonly document: Document
  readonly options: GenerationOptions
  readonly request: GenerationRequest
  readonly place: string | null
  readonly plan: GenerationPlan
  /** Null where the model finds out what changes. */
  readonly masks: GenerationMasks | null
  readonly surroundings: Surroundings
  /** What the model is told; null for "all", and for "find out". */
  readonly mask: Uint8Array | null
  readonly colours: ColourTransform
  readonly pace: Pace
}

type MadeEvent = Exclude<GenerationEvent, { readonly type: 'progress' }>

/**
 * Runs a generation and keeps its candidates in the store. The stream's last event is `done`.
 * @throws InlayError (from the stream) `mask.empty`, `usage`, `model.*`, `host.lost`, `cancelled`, `project.damaged`
 */
export function runGeneration(
  session: GenerationSession,
  request: GenerationRequest,
  options: GenerationOptions,
): AsyncIterableIterator<GenerationEvent, void, void> {
  const queue = options.queue ?? new JobQueue()
  const { document } = session
  return queue.run<MadeEvent>((job) => generateAll(session, document, request, options, job), options.signal)
}

async function generateAll(
  session: GenerationSession,
  document: Document,
  request: GenerationRequest,
  options: GenerationOptions,
  job: EmittingJob<MadeEvent>,
): Promise<MadeEvent> {
  const { tiles } = session
  const pace = createPace(job.signal)
  job.progress(0, 'Reading the mask')
  const place = await options.placeOf(request.model)
  const plan = planGeneration(document, request, await options.generator.limits(place))
  const masks = await masksFor(plan, document, tiles, request, pace)
  job.progress(0, 'Reading the picture')
  const { hash } = document.profile
  const colours = await createColourTransform(hash === null ? null : session.blob(hash))
  try {
    const { region, size } = plan
    const surroundings = await surroundingsOf(document, tiles, plan, colours, pace)
    const isPartly = masks !== null && plan.mask !== 'none' && request.task !== 'text-to-image'
    const mask = isPartly ? await modelMask(masks, request, region, size, pace) : null
    const common = { session, document, options, request, place, plan, masks, surroundings, mask, colours }
    for (let index = 0; index < request.candidates; index++)
      await makeCandidate({ ...common, pace }, index, job)
  } finally {
    colours.close()
  }
  return { type: 'done' }
}

async function makeCandidate(setting: Setting, index: number, job: EmittingJob<MadeEvent>): Promise<void> {
  const began = performance.now()
  const { options, place, plan, surroundings, mask } = setting
  const count = setting.request.candidates
  const request = ownRequest(setting.request, index)
  const previews = options.watched ? new PreviewSender(plan.region, job.emit) : null
  const suffix = count > 1 ? `, picture ${index + 1} of ${count}` : ''
  const handling: GenerationHandling = {
    signal: job.signal,
    onNote(note) {
      if (note.type === 'progress')
        job.progress((index + 0.98 * note.fraction) / count, `${note.stage}${suffix}`)
      else previews?.send(note)
    },
  }
  const task: GenerationTask = {
    request,
    candidate: 0,
    place,
    size: plan.size,
    rgb: request.task === 'text-to-image' ? null : surroundings.seen,
    mask,
    alsoPlain: options.watched === true && request.decoder === 'asymmetric',
  }
  const result = await options.generator.generate(task, handling).finally(() => previews?.finish())
  throwIfCancelled(job.signal)
  const candidate = await keep(setting, request, index, result, began)
  options.onMade?.(candidate)
  job.emit({ type: 'candidate', candidate })
}

/** An odd step far from 1: seeds that lie near each other have no candidates in common. */
const SEED_STEP = 0x9e3779b1

/** The request of one candidate: it makes the same picture again, alone. */
export function ownRequest(request: GenerationRequest, index: number): GenerationRequest {
  return { ...request, seed: (request.seed + Math.imul(index, SEED_STEP)) >>> 0, candidates: 1 }
}

/** Puts a result into the document's coordinates and colours, and keeps it. */
async function keep(
  setting: Setting,
  request: GenerationRequest,
  index: number,
  result: GenerationResult,
  began: number,
): Promise<Candidate> {
  const { session, document, options, plan, surroundings, colours, pace } = setting
  const { region, size, frame } = plan
  const masks = setting.masks ?? (await inferredMasks(setting, request, result))
  const isAll = setting.masks === null ? result.mask === null : plan.mask === 'none'
  const isNew = request.task === 'text-to-image'
  const hole = isAll || isNew ? null : cropMask(masks.hole, region).pixels
  const rgb = await broughtBack(result.rgb, surroundings, size, hole, colours, pace)
  const comparison = options.watched
    ? await comparisonOf(
        { original: surroundings.seen, made: result.rgb, plain: result.plainRgb },
        size,
        region,
      )
    : null
  const made = await writeCandidateTiles({ rect: region, rgb }, masks, session.tiles, pace, (maps) =>
    options.candidates.discardTiles(maps),
  )
  const candidate: Candidate = {
    id: CandidateId.parse((options.newId ?? randomUUID)()),
    request,
    index,
    report: result.report,
    tiles: made.shown,
    bounds: maskBounds(masks.hole),
    seconds: (performance.now() - began) / 1000,
  }
  const grown = request.outpaint ? { canvas: document.canvas, rect: frame } : null
  const layer = { request, tiles: made.filled, mask: isAll ? null : made.mask, frame: grown }
  options.candidates.add(candidate, layer, comparison)
  return candidate
}

async function inferredMasks(
  { plan, pace }: Setting,
  request: GenerationRequest,
  { mask }: GenerationResult,
) {
  const changed = mask && (await resampleMask(mask, plan.size, plan.region, pace))
  return masksOfChange(changed, plan, request, pace)
}
