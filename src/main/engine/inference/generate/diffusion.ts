/**
 * A task by a Stable Diffusion checkpoint: the recipe that the request names, with a decoder that is told what is to be kept.
 *
 * Invariant: recipes make latents; how they are decoded is decided here, once for all of them. The denoiser works on whole
 * cells, so for it the hole is grown to such; the decoder is given the hard hole itself.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { PreservationFigures } from '../../../../shared/generation.ts'
import type { Size } from '../../../../shared/geometry.ts'
import { rectOf } from '../../../../shared/geometry.ts'
import { grownToCells } from '../latent-mask.ts'
import type { Run, Step } from '../pipelines/denoise.ts'
import { seededDraws } from '../pipelines/draws.ts'
import { imageToImage } from '../pipelines/image-to-image.ts'
import { inpaint } from '../pipelines/inpaint.ts'
import { instruct } from '../pipelines/instruct.ts'
import { cellsOf, FACTOR, latentCount } from '../pipelines/latents.ts'
import { Networks, type Opener } from '../pipelines/networks.ts'
import { textToImage } from '../pipelines/text-to-image.ts'
import type { Planes } from '../reflection-padding.ts'
import { changedHole } from './changed-hole.ts'
import { preservation } from './figures.ts'
import type { Job } from './job.ts'
import { type DiffusionModel, requireTask } from './model.ts'
import { hardMask, planesOf } from './pictures.ts'
import { latentPreview } from './previews.ts'
import { schedulerOf } from './schedule.ts'
import type { GenerationTask } from './task.ts'

/** What a model made of a task, before it is bytes. */
export interface Outcome {
  readonly picture: Planes
  readonly plain: Planes | null
  readonly mask: Uint8Array | null
  readonly decoder: 'asymmetric' | 'plain'
  readonly preservation: PreservationFigures | null
}

export async function runDiffusion(
  task: GenerationTask,
  { checkpoint, asymmetric }: DiffusionModel,
  opener: Opener,
  tokenizerFolder: string,
  job: Job,
): Promise<Outcome> {
  const { request, size } = task
  requireTask(checkpoint, request.task)
  const original = task.rgb && planesOf(task.rgb, size)
  const drawn = task.mask && hardMask(task.mask)
  const own = new UndecodedNetworks(checkpoint, opener, tokenizerFolder)
  const latents = await denoised(task, own, original, drawn, job)

  const wanted = request.decoder === 'asymmetric' ? asymmetric : null
  const hole = drawn ?? (original && wanted ? await inferredHole(own, original, latents, size) : null)
  const plainly = () => own.decodeNow(latents, size)
  if (!wanted || !hole || !original) {
    const picture = await plainly()
    const figures =
      original && hole ? preservation(original, { planes: picture, at: rectOf(size) }, hole) : null
    return {
      picture,
      plain: task.alsoPlain ? picture : null,
      mask: task.mask ?? hole,
      decoder: 'plain',
      preservation: figures,
    }
  }
  if (checkpoint.family === 'sd2')
    job.note(
      'The asymmetric decoder was trained for Stable Diffusion 1; with this Stable Diffusion 2 it is an experiment.',
    )
  const components = [...checkpoint.components.filter(({ role }) => role !== 'vae'), wanted]
  const asymmetrically = new Networks({ ...checkpoint, components }, opener, tokenizerFolder)
  const picture = await asymmetrically.decode(latents, size, { picture: original, hole })
  return {
    picture,
    plain: task.alsoPlain ? await plainly() : null,
    mask: task.mask ?? hole,
    decoder: 'asymmetric',
    preservation: preservation(original, { planes: picture, at: rectOf(size) }, hole),
  }
}

/** Runs the recipe. @returns clean scaled latents */
async function denoised(
  { request, candidate, size }: GenerationTask,
  networks: UndecodedNetworks,
  original: Planes | null,
  hole: Uint8Array | null,
  job: Job,
): Promise<Float32Array> {
  const { prompt, negative, guidance, clipSkip, strength } = request
  const words = { prompt, negative, guidance, clipSkip }
  const run = (cut = 1): Run => ({
    networks,
    scheduler: schedulerOf(networks.schedule, request, cut),
    draws: seededDraws(request.seed, candidate),
    ...(job.signal ? { signal: job.signal } : {}),
    onStep: (step) => tell(step, size, networks, job),
  })
  switch (request.task) {
    case 'text-to-image':
      return (await textToImage(run(), { ...words, size })).latents
    case 'inpaint':
      return (await inpaint(run(), { ...words, ...required(original, hole, size), strength })).latents
    case 'image-to-image': {
      // With a mask, what lies around it is known, and set back at every step.
      if (hole)
        return (await inpaint(run(), { ...words, ...required(original, hole, size), strength })).latents
      const first = run(strength)
      const isCut = first.scheduler.name === 'lcm'
      return (
        await imageToImage(first, { ...words, picture: pictureOf(original), strength: isCut ? 1 : strength })
      ).latents
    }
    case 'instruct':
      return (
        await instruct(run(), {
          ...words,
          picture: pictureOf(original),
          pictureGuidance: request.imageGuidance,
        })
      ).latents
    case 'diffedit':
      throw new InlayError('model.unsupported', 'DiffEdit is not there yet; draw a mask and inpaint.')
  }
}

function tell(
  { done, count, denoised: shown }: Step,
  size: Size,
  networks: UndecodedNetworks,
  job: Job,
): void {
  job.step(done, count)
  if (!job.wantsPreviews) return
  const cells = cellsOf(size)
  job.preview(cells, latentPreview(shown, cells, networks.family))
}

function required(original: Planes | null, hole: Uint8Array | null, size: Size) {
  if (!hole?.some((value) => value > 0))
    throw new InlayError('mask.empty', 'The mask is empty; paint over what is to be made anew.')
  return { picture: pictureOf(original), hole: grownToCells(hole, size, FACTOR) }
}

function pictureOf(original: Planes | null): Planes {
  if (original) return original
  throw new InlayError('usage', 'There is no picture to change; give one, or make one from words alone.')
}

/** What differs from the picture, where nobody drew it. */
async function inferredHole(
  networks: Networks,
  original: Planes,
  latents: Float32Array,
  size: Size,
): Promise<Uint8Array> {
  const known = await networks.encode(original, new Float32Array(latentCount(size)))
  return changedHole(known, latents, size)
}

/** A checkpoint's networks for a recipe whose picture nobody looks at: decoding comes later. */
class UndecodedNetworks extends Networks {
  readonly schedule: unknown
  readonly family: DiffusionModel['checkpoint']['family']

  constructor(checkpoint: DiffusionModel['checkpoint'], opener: Opener, tokenizerFolder: string) {
    super(checkpoint, opener, tokenizerFolder)
    this.schedule = checkpoint.scheduler
    this.family = checkpoint.family
  }

  override async decode(_: Float32Array, size: Size): Promise<Planes> {
    return { channels: 3, ...size, data: new Float32Array() }
  }

  decodeNow(latents: Float32Array, size: Size): Promise<Planes> {
    return super.decode(latents, size)
  }
}
