/**
 * Makes pictures in this process: a task goes in, a picture and what was measured of it come out.
 *
 * Invariant: one task runs at a time, in the order they came. The same task on the CPU gives the same bytes with as many
 * threads. What is wrong with a task is one `InlayError`, before anything is computed wherever that can be known.
 */
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import type { GenerationReport } from '../../../../shared/generation.ts'
import {
  type Checkpoint,
  type Component,
  type LoraAtWeight,
  type OnnxComponent,
  openLora,
} from '../../models/index.ts'
import { matchLora } from '../../models/lora/lora.ts'
import { runFill } from './built-in.ts'
import { type Outcome, runDiffusion } from './diffusion.ts'
import { Job, PLACE } from './job.ts'
import { limitsOf, openModel } from './model.ts'
import { denoiserDigest } from './model-digest.ts'
import { bytesOf } from './pictures.ts'
import type { GenerationHandling, GenerationResult, GenerationTask, Generator, ModelLimits } from './task.ts'
import { type Bench, Workbench, type WorkbenchOptions } from './workbench.ts'

export interface GeneratorOptions extends Partial<Pick<WorkbenchOptions, 'version' | 'providers'>> {
  /** Digests and the list of installed models lie there. */
  readonly dataFolder: string
  readonly builtInFolder: string
  /** Of the application's own tokenizer. */
  readonly tokenizerFolder: string
  readonly threads?: number
  /** Bytes of networks that are kept open; half of the machine's memory unless told. */
  readonly memory?: number
}

/** A generator in this process. */
export interface LocalGenerator extends Generator {
  /** Lets go of all networks, after the tasks that were given before; another task opens what it needs again. */
  close(): Promise<void>
}

/** The most pixels that are asked of a model at once. */
const MOST_PIXELS = 2048 * 2048

export function createGenerator(options: GeneratorOptions): LocalGenerator {
  const { version = '', providers = ['cpu'], ...others } = options
  const workbench = new Workbench({ version, providers, ...others })
  let last: Promise<unknown> = Promise.resolve()
  /** Waits for those that came before, however they end. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work, work)
    last = result.catch(() => {})
    return result
  }
  return {
    limits: (place): Promise<ModelLimits> => limitsOf(place, options),
    generate: (task, handling = {}) => inTurn(() => generate(task, handling, workbench, options)),
    close: () => inTurn(() => workbench.close()),
  }
}

async function generate(
  task: GenerationTask,
  handling: GenerationHandling,
  workbench: Workbench,
  options: GeneratorOptions,
): Promise<GenerationResult> {
  throwIfCancelled(handling.signal)
  const started = performance.now()
  requireSense(task)
  const job = new Job(handling)
  job.stage('Loading the model', PLACE.load)
  const opened = await openModel(task.place, options)
  let bench: Bench
  let outcome: Outcome
  let denoiser: Component | OnnxComponent
  if (opened.kind === 'diffusion') {
    denoiser = opened.denoiser
    for (const notice of opened.notices) job.note(notice)
    bench = await workbench.benchFor(job, await lorasOf(task, opened.checkpoint, job))
    outcome = await runDiffusion(task, opened, bench, options.tokenizerFolder, job)
  } else {
    denoiser = opened.model.denoiser
    bench = await workbench.benchFor(job)
    outcome = await runFill(task, opened, bench, job)
  }
  job.stage('Measuring', PLACE.measure)
  const modelDigest = await denoiserDigest(denoiser, options.dataFolder, job.signal)
  const report: GenerationReport = {
    decoder: outcome.decoder,
    preservation: outcome.preservation,
    provider: bench.provider,
    modelDigest,
    size: task.size,
    seconds: (performance.now() - started) / 1000,
    megabytes: Math.round(process.resourceUsage().maxRSS / 1024),
    notices: job.notices,
  }
  job.stage('Measuring', 1)
  return {
    rgb: bytesOf(outcome.picture),
    mask: outcome.mask,
    report,
    plainRgb: outcome.plain && bytesOf(outcome.plain),
  }
}

/** @throws InlayError `usage`, `mask.size` */
function requireSense({ size: { width, height }, rgb, mask, request }: GenerationTask): void {
  if (width * height > MOST_PIXELS)
    throw new InlayError(
      'usage',
      `The model cannot make ${width} x ${height} pixels at once; ask for ${MOST_PIXELS} pixels at most.`,
    )
  if (rgb && rgb.length !== width * height * 3)
    throw new InlayError('usage', `The picture has not ${width} x ${height} pixels.`)
  if (mask && mask.length !== width * height)
    throw new InlayError('mask.size', `The mask has not the ${width} x ${height} pixels of the picture.`)
  if (request.task === 'inpaint' && !mask)
    throw new InlayError('mask.empty', 'There is no mask; paint over what is to be made anew.')
}

/** @throws InlayError as `openLora` and `matchLora` do */
async function lorasOf(
  { request }: GenerationTask,
  { components, layout, path: source }: Checkpoint,
  job: Job,
): Promise<readonly LoraAtWeight[]> {
  if (layout === 'onnx' && request.loras.length > 0)
    throw new InlayError(
      'model.unsupported',
      `${source} is an ONNX folder, into which no LoRA can be merged; use the checkpoint it was exported from.`,
    )
  const networks = components.filter((one): one is Component => one.architecture !== 'onnx')
  const loras: LoraAtWeight[] = []
  for (const { path, weight } of request.loras) {
    const lora = await openLora(path)
    const { notice } = matchLora(lora, networks)
    if (notice) job.note(notice)
    loras.push({ lora, weight })
  }
  return loras
}
