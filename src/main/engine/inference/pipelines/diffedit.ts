/**
 * A picture of one thing made one of another, where the two differ (Couairon et al., "DiffEdit: Diffusion-based semantic image
 * editing with mask guidance", 2022).
 *
 * Three steps: where do the words for what is there and for what is wanted lead to different predictions; which noise does the
 * picture come from, by DDIM taken backwards under the words for what is there; denoise that again under the words for what is
 * wanted, and set all cells outside the mask back to the latents that the way backwards passed through.
 *
 * Invariant: cells outside the mask end as the picture's own latents, exactly. The mask that comes out is grown by a cell, and
 * an asymmetric decoder is shown the picture outside it.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { cellPixels, grownCells, grownToCells, latentMask } from '../latent-mask.ts'
import type { Planes } from '../reflection-padding.ts'
import { type InvertibleScheduler, isInvertible } from '../schedulers/scheduler.ts'
import { conditions, promptInputs, type Words } from './conditions.ts'
import { denoise, evaluate, type Made, type Run } from './denoise.ts'
import { Differences } from './difference-mask.ts'
import { blended, cellsOf, FACTOR, latentCount } from './latents.ts'

export interface DiffEdit extends Words {
  /** In -1..1; sides are multiples of 8. */
  readonly picture: Planes
  /** What the picture shows; `prompt` says what it is to show. */
  readonly source: string
  /** How far back towards noise the picture is taken, and how much may change in the mask: above 0, to 1. */
  readonly strength: number
  /** A drawn mask instead of the inferred one: a byte a pixel; 128 and more may change. */
  readonly hole?: Uint8Array
}

/** At half noise objects are undecided, and ten draws of it tell the words' difference from the noise's. */
const MAP_STRENGTH = 0.5
const MAPS = 10
/** Cells that the decoder may change beside those that the latents do. */
const GROWTH = 1

/** @throws InlayError as `denoise` does, `usage`, `model.unsupported`, `mask.size` and `mask.empty` */
export async function diffEdit(run: Run, request: DiffEdit): Promise<Made> {
  const { networks, draws } = run
  const { picture, strength, hole } = request
  if (networks.channels > 0)
    throw new InlayError(
      'model.unsupported',
      `DiffEdit needs a denoiser that is given only latents, and that of ${networks.source} is given a picture as well; choose a text-to-image model.`,
    )
  const scheduler = invertible(run)
  const count = latentCount(picture)
  const from = scheduler.startIndex(strength)
  const told = await conditions(networks, request, picture)
  const known = await networks.encode(picture, draws.next('picture', count))

  const maps = hole ? 0 : MAPS
  const backwards = scheduler.timesteps.length - from
  const report = (done: number) =>
    run.onStep?.({ done, count: maps + 2 * backwards, latents: known, denoised: known })
  const cells = hole ? drawnCells(hole, picture) : await differingCells(run, request, known, report)
  const path = await invert({ ...run, scheduler }, request, known, (done) => report(maps + done))
  const latents = await denoise(run, path[from]!, {
    size: picture,
    conditions: told,
    from,
    before: maps + backwards,
    keep: (changed, index) => blended(path[index]!, changed, cells),
  })
  const mask = cellPixels(grownCells(cells, cellsOf(picture), GROWTH), picture, FACTOR)
  return { latents, picture: await networks.decode(latents, picture, { picture, hole: mask }), mask }
}

/** Where the predictions for both texts differ. Guidance would scale all differences by the same factor. */
async function differingCells(
  run: Run,
  { picture, source, prompt, clipSkip = 0, ...words }: DiffEdit,
  known: Float32Array,
  report: (done: number) => void,
): Promise<Float32Array> {
  const { networks, scheduler, draws } = run
  const prompts = [source, prompt].map((text) => ({ text, clipSkip }))
  const inputs = await promptInputs(networks, prompts, words, picture)
  const index = scheduler.startIndex(MAP_STRENGTH)
  const { width, height } = cellsOf(picture)
  const differences = new Differences(width * height)
  for (let map = 0; map < MAPS; map++) {
    const noisy = scheduler.addNoise(known, draws.next('map', known.length), index)
    const [one, other] = await evaluate(run, noisy, index, {
      size: picture,
      conditions: { rows: prompts.length, inputs },
    })
    differences.add(one!, other!)
    report(map + 1)
  }
  const cells = differences.mask()
  if (cells.some((value) => value > 0)) return cells
  throw new InlayError(
    'mask.empty',
    'The two prompts mean the same everywhere in this picture; say more plainly what it shows and what it is to show, or select the place.',
  )
}

function drawnCells(hole: Uint8Array, picture: Planes): Float32Array {
  const { width, height } = picture
  if (hole.length !== width * height)
    throw new InlayError('mask.size', `The mask has not the ${width} x ${height} pixels of the picture.`)
  const cells = latentMask(grownToCells(hole, picture, FACTOR), picture, FACTOR)
  if (cells.some((value) => value > 0)) return cells
  throw new InlayError('mask.empty', 'The mask is empty; select what is to change.')
}

/**
 * The latents at every evaluation from which the picture would come under the words for what it shows: entry i is what
 * evaluation i would see, the entry after the last the picture itself.
 */
async function invert(
  run: Run & { readonly scheduler: InvertibleScheduler },
  request: DiffEdit,
  known: Float32Array,
  report: (done: number) => void,
): Promise<readonly Float32Array[]> {
  const { networks, scheduler } = run
  const { picture, source, strength } = request
  const words = { ...request, prompt: source, guidance: 1 }
  const told = await conditions(networks, words, picture)
  const count = scheduler.timesteps.length
  const path: Float32Array[] = []
  path[count] = known
  for (let index = count - 1; index >= scheduler.startIndex(strength); index--) {
    const rows = await evaluate(run, path[index + 1]!, index, { size: picture, conditions: told })
    path[index] = scheduler.invert(told.combine(rows), index, path[index + 1]!)
    report(count - index)
  }
  return path
}

function invertible({ scheduler }: Run): InvertibleScheduler {
  if (isInvertible(scheduler)) return scheduler
  throw new InlayError(
    'usage',
    `DiffEdit takes steps backwards, which ${scheduler.name} cannot; choose the scheduler ddim.`,
  )
}
