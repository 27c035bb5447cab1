/**
 * A task by a Stable Diffusion checkpoint: the recipe that the request names, with a decoder that is told what is to be kept.
 *
 * Invariant: recipes make latents and say what changed; how they are decoded is decided here, once for all of them. The denoiser
 * works on whole cells; the decoder is given a drawn mask to the pixel, since the picture around it will be kept to the pixel.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { PreservationFigures } from '../../../../shared/generation.ts'
import type { Size } from '../../../../shared/geometry.ts'
import { rectOf } from '../../../../shared/geometry.ts'
import { softLatentMask } from '../latent-mask.ts'
import type { Made, Run, Step } from '../pipelines/denoise.ts'
import { diffEdit } from '../pipelines/diffedit.ts'
import { seededDraws } from '../pipelines/draws.ts'
import { imageToImage } from '../pipelines/image-to-image.ts'
import { inpaint } from '../pipelines/inpaint.ts'
import { instruct } from '../pipelines/instruct.ts'
import { cellsOf, FACTOR } from '../pipelines/latents.ts'
import { Networks, type Opener, type Tiles } from '../pipelines/networks.ts'
import { textToImage } from '../pipelines/text-to-image.ts'
import type { Planes } from '../reflection-padding.ts'
import { isAllocationFailure } from './allocation.ts'
import { preservation } from './figures.ts'
import type { Job } from './job.ts'
import { type DiffusionModel, requireTask } from './model.ts'
import { hardMask, planesOf } from './pictures.ts'
import { latentPreview } from './previews.ts'
import { schedulerOf } from './schedule.ts'
import type { GenerationTask } from './task.ts'
import type { Bench } from './workbench.ts'

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
  bench: Bench,
  tokenizerFolder: string,
  job: Job,
): Promise<Outcome> {
  const { request, size } = task
  requireTask(checkpoint, request.task)
  const original = task.rgb && planesOf(task.rgb, size)
  const drawn = task.mask && hardMask(task.mask)
  const { opener, sparing } = sparingOpener(bench, job)
  const own = new UndecodedNetworks(checkpoint, opener, tokenizerFolder)
  const { latents, mask } = await recipe(task, own, original, drawn, job)

  // Soft cells change as wholes, whatever their pixels' share.
  const hole = request.softMask && request.task === 'inpaint' ? mask : (drawn ?? mask)
  const wanted = request.decoder === 'asymmetric' ? asymmetric : null
  const shared = { mask: task.mask ?? mask }
  const figures = (picture: Planes) =>
    original && hole ? preservation(original, { planes: picture, at: rectOf(size) }, hole) : null
  if (!wanted || !hole || !original) {
    const picture = await sparing((tiles) => own.decodeNow(latents, size, tiles))
    const plain = task.alsoPlain ? picture : null
    return { ...shared, picture, plain, decoder: 'plain', preservation: figures(picture) }
  }
  if (checkpoint.family === 'sd2')
    job.note(
      'The asymmetric decoder was trained for Stable Diffusion 1; with this Stable Diffusion 2 it is an experiment.',
    )
  const components = [...checkpoint.components.filter(({ role }) => !role.startsWith('vae')), wanted]
  const decoding = new Networks({ ...checkpoint, components }, opener, tokenizerFolder)
  const shown = { picture: original, hole }
  const picture = await sparing((tiles) => decoding.decode(latents, size, shown, tiles))
  const plain = task.alsoPlain ? await sparing((tiles) => own.decodeNow(latents, size, tiles)) : null
  return { ...shared, picture, plain, decoder: 'asymmetric', preservation: figures(picture) }
}

async function recipe(
  { request, candidate, size, mask }: GenerationTask,
  networks: UndecodedNetworks,
  original: Planes | null,
  hole: Uint8Array | null,
  job: Job,
): Promise<Made> {
  const { prompt, negative, source, guidance, clipSkip, strength, task } = request
  // An empty field means no words, which SDXL tells from words that are empty.
  const words = { prompt, negative: negative === '' ? null : negative, guidance, clipSkip }
  const run = (cut = 1): Run => ({
    networks,
    scheduler: schedulerOf(networks.schedule, request, cut),
    draws: seededDraws(request.seed, candidate),
    ...(job.signal ? { signal: job.signal } : {}),
    onStep: (step) => tell(step, size, networks, job),
  })
  if (task === 'text-to-image') return textToImage(run(), { ...words, size })
  if (!original)
    throw new InlayError('usage', 'There is no picture to change; give one, or make one from words alone.')
  const picture = original
  switch (task) {
    case 'inpaint': {
      const soft = request.softMask && mask ? { soft: softLatentMask(mask, size, FACTOR) } : {}
      return inpaint(run(), { ...words, picture, hole: hole!, strength, ...soft })
    }
    case 'image-to-image': {
      // What lies around a drawn mask is known, and set back at every step.
      if (hole) return inpaint(run(), { ...words, picture, hole, strength })
      const cut = run(strength)
      return imageToImage(cut, { ...words, picture, strength: cut.scheduler.name === 'lcm' ? 1 : strength })
    }
    case 'instruct':
      return instruct(run(), {
        ...words,
        picture,
        pictureGuidance: request.imageGuidance,
        ...(hole ? { hole } : {}),
      })
    case 'diffedit':
      return diffEdit(run(), { ...words, source, picture, strength, ...(hole ? { hole } : {}) })
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

/** Side of the tiles that a large picture is decoded in where memory is short, in latent cells. */
const TILE = 32

/** Networks of a bench, and decodes that are told at once when memory runs short, so that they can be made in tiles. */
function sparingOpener(bench: Bench, job: Job) {
  let last = true
  const opener: Opener = {
    open: (component, wanted) => bench.open(component, wanted, last),
    openFile: (component) => bench.openFile(component),
  }
  const sparing = async (decode: (tiles?: Tiles) => Promise<Planes>): Promise<Planes> => {
    last = false
    try {
      return await decode()
    } catch (error) {
      if (error instanceof InlayError || !isAllocationFailure(error)) throw error
    } finally {
      last = true
    }
    job.announce('Memory ran short, so the picture is decoded in smaller parts.')
    return decode({ side: TILE, ...(job.signal ? { signal: job.signal } : {}) })
  }
  return { opener, sparing }
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

  decodeNow(latents: Float32Array, size: Size, tiles?: Tiles): Promise<Planes> {
    return super.decode(latents, size, undefined, tiles)
  }
}
