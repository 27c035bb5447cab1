/**
 * A task by the built-in model: its hole filled and decoded, as far as anything has to be.
 *
 * Invariant: cells far from the hole are not decoded where that saves much; there the picture is what it was, and the figures
 * are of what was decoded. Where the plain decoder is wanted beside it, both decode everything, so that they can be compared.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { rectOf } from '../../../../shared/geometry.ts'
import { patchFill } from '../../imaging/patch-fill/patch-fill.ts'
import { type Decoded, decodeAsymmetric, decodePlain, decodeRegion, framed } from '../asymmetric-decode.ts'
import { builtInFill, type FillStep } from '../pipelines/built-in-fill.ts'
import { seededDraws } from '../pipelines/draws.ts'
import { FACTOR, finite } from '../pipelines/latents.ts'
import type { Planes } from '../reflection-padding.ts'
import type { Tensor } from '../tensors.ts'
import { decodeInPieces, pasteDecoded } from './decode-pieces.ts'
import type { Outcome } from './diffusion.ts'
import { preservation } from './figures.ts'
import { type Job, PLACE } from './job.ts'
import type { FillModel } from './model.ts'
import { bytesOf, hardMask, planesOf } from './pictures.ts'
import type { GenerationTask } from './task.ts'
import type { Bench } from './workbench.ts'

const PLAIN = { part: 'decoder', region: true } as const
const ASYMMETRIC = { part: 'conditioned-decoder', region: true } as const

/** Cells around the hole that are decoded with it, so that nobody sees where the decode ends. */
const MARGIN = 4
/** Of the picture's cells; beyond, all are decoded. */
const WORTH_CUTTING = 0.6
/** Cells of a preview's longer side. */
const PREVIEW = 24

export async function runFill(
  task: GenerationTask,
  { model, config }: FillModel,
  bench: Bench,
  job: Job,
): Promise<Outcome> {
  const { request, size } = task
  if (request.task !== 'inpaint')
    throw new InlayError(
      'model.unsupported',
      'The built-in model fills holes and does nothing else; paint a mask, or choose another model.',
    )
  const hole = hardMask(task.mask!)
  if (!task.rgb || !hole.some((value) => value > 0))
    throw new InlayError('mask.empty', 'The mask is empty; paint over what is to be made anew.')
  noteWhatIsLeftAside(task, config.hole, job)
  const original = planesOf(task.rgb, size)
  const given = await filled(task, task.rgb, hole, config.hole, job)
  const plainDecoder = await bench.open(model.autoencoder, PLAIN)
  const latents = await builtInFill(
    {
      encoder: await bench.open(model.autoencoder, { part: 'encoder' }),
      denoiser: await bench.open(model.denoiser, { part: 'denoiser' }),
      config,
      draws: seededDraws(request.seed, task.candidate),
      ...(job.signal ? { signal: job.signal } : {}),
      onStep: async (step) => {
        job.step(step.done, step.count)
        if (job.wantsPreviews) await preview(step, (frame, z) => decodePlain(plainDecoder, frame, z), job)
      },
    },
    {
      given,
      hole,
      steps: request.steps,
      strength: config.hole === 'patch-fill' ? request.strength : 1,
    },
  )

  job.stage('Decoding', PLACE.decode)
  const frame = framed(original)
  const cells = { x: 0, y: 0, width: frame.planes.width / FACTOR, height: frame.planes.height / FACTOR }
  const around = decodeRegion(hole, frame, MARGIN)
  const isWorthIt = around.width * around.height <= WORTH_CUTTING * cells.width * cells.height
  const region = isWorthIt && !task.alsoPlain ? around : cells
  const { asymmetricDecoder } = model
  const isAsymmetric = request.decoder === 'asymmetric' && asymmetricDecoder !== null
  if (request.decoder === 'asymmetric' && !asymmetricDecoder)
    job.note(
      'The built-in model has no asymmetric decoder in this version of Inlay, so the plain one was used.',
    )
  const plainly = () =>
    decodeInPieces(job, region, async (part, last) =>
      decodePlain(await bench.open(model.autoencoder, PLAIN, last), frame, latents, part),
    )
  const decoded: Decoded = isAsymmetric
    ? await decodeInPieces(job, region, async (part, last) =>
        decodeAsymmetric(await bench.open(asymmetricDecoder, ASYMMETRIC, last), frame, latents, hole, part),
      )
    : await plainly()
  finite(decoded.planes.data, 'The decoder of the built-in model')
  const plain = task.alsoPlain ? (isAsymmetric ? await plainly() : decoded) : null
  return {
    picture: pasteDecoded(original, decoded),
    plain: plain && pasteDecoded(original, plain),
    mask: task.mask,
    decoder: isAsymmetric ? 'asymmetric' : 'plain',
    preservation: preservation(original, decoded, hole),
  }
}

/** The picture as the condition wants it in the hole. A picture that is all hole has nothing to be filled from. */
async function filled(
  { request, candidate, size }: GenerationTask,
  rgb: Uint8Array,
  hole: Uint8Array,
  how: FillModel['config']['hole'],
  job: Job,
): Promise<Planes> {
  if (how === 'patch-fill' && hole.some((value) => value === 0)) {
    job.stage('Filling from the surroundings', PLACE.prompt)
    const seed = (request.seed + candidate) % 2 ** 32
    return planesOf(
      await patchFill({ ...size, rgb, hole, seed }, job.signal ? { signal: job.signal } : {}),
      size,
    )
  }
  const original = planesOf(rgb, size)
  return { ...original, data: original.data.map((value, i) => (hole[i % hole.length] === 255 ? 0 : value)) }
}

/** What the request says that this model has no use for. */
function noteWhatIsLeftAside({ request }: GenerationTask, how: FillModel['config']['hole'], job: Job): void {
  const words = [request.prompt, request.negative].some((text) => text.trim() !== '')
  const leftAside = [
    ...(words ? ['words'] : []),
    ...(request.scheduler === null ? [] : ['the scheduler']),
    ...(request.loras.length > 0 ? ['LoRAs'] : []),
    ...(how === 'grey' && request.strength < 1 ? ['the strength'] : []),
  ]
  if (leftAside.length > 0)
    job.note(`The built-in model has no use for ${leftAside.join(' and ')}; that was left aside.`)
}

/** Decoded small: every pixel of a preview stands for several of the picture. */
async function preview(
  { denoised }: FillStep,
  decode: (frame: Parameters<typeof decodePlain>[1], latents: Tensor) => Promise<Decoded>,
  job: Job,
): Promise<void> {
  const small = pooled(denoised, PREVIEW)
  const [, , rows = 0, columns = 0] = small.shape
  const size = { width: columns * FACTOR, height: rows * FACTOR }
  const planes = { channels: 3, ...size, data: new Float32Array() }
  const { planes: made } = await decode({ planes, at: rectOf(size) }, small)
  job.preview(size, bytesOf(made))
}

/** Means of squares of cells, so that no side has more than `most`; what does not fill a square is left out. */
function pooled({ data, shape }: Tensor, most: number): Tensor {
  const [, channels = 0, height = 0, width = 0] = shape
  const by = Math.ceil(Math.max(height, width) / most)
  if (by === 1) return { data, shape }
  const [rows, columns] = [Math.max(1, Math.floor(height / by)), Math.max(1, Math.floor(width / by))]
  const out = new Float32Array(channels * rows * columns)
  for (let i = 0; i < out.length; i++) {
    const [x, row] = [i % columns, Math.floor(i / columns)]
    const [y, channel] = [row % rows, Math.floor(row / rows)]
    let [sum, count] = [0, 0]
    for (let dy = 0; dy < by && y * by + dy < height; dy++)
      for (let dx = 0; dx < by && x * by + dx < width; dx++) {
        sum += data[(channel * height + y * by + dy) * width + x * by + dx] as number
        count++
      }
    out[i] = sum / count
  }
  return { data: out, shape: [1, channels, rows, columns] }
}
