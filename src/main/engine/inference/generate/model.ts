/**
 * A model that pictures can be made with: an opened checkpoint with all that its family needs, or the built-in one.
 *
 * Invariant: what is here can run. What is missing, what is of another kind and what does not fit together was refused with
 * one error that names it.
 */

import { InlayError } from '../../../../shared/errors.ts'
import type { GenerationRequest } from '../../../../shared/generation.ts'
import { latentDenoiserConfig } from '../../models/architectures/built-in-config.ts'
import type { DenoiserConfig } from '../../models/architectures/latent-denoiser.ts'
import { type BuiltInModel, openBuiltIn } from '../../models/checkpoint/built-in.ts'
import { type Checkpoint, type Component, type OnnxComponent, openCheckpoint } from '../../models/index.ts'
import { ModelRegistry } from '../../models/registry/registry.ts'
import { fillFactor } from '../pipelines/built-in-fill.ts'
import { FACTOR } from '../pipelines/latents.ts'
import type { ModelLimits } from './task.ts'

type Task = GenerationRequest['task']

export interface DiffusionModel {
  readonly kind: 'diffusion'
  readonly checkpoint: Checkpoint
  readonly denoiser: Component | OnnxComponent
  /** An autoencoder with an asymmetric decoder whose latents are this model's; its own, or one installed beside it. */
  readonly asymmetric: Component | null
  readonly notices: readonly string[]
}

export interface FillModel {
  readonly kind: 'built-in'
  readonly model: BuiltInModel & { readonly denoiser: Component }
  readonly config: DenoiserConfig
}

export interface ModelPlaces {
  readonly dataFolder: string
  readonly builtInFolder: string
}

/** @throws InlayError as `openCheckpoint` and `openBuiltIn` do, and `model.incomplete`, `model.unsupported` */
export async function openModel(
  place: string | null,
  places: ModelPlaces,
): Promise<DiffusionModel | FillModel> {
  if (place === null) {
    const model = await openBuiltIn(places.builtInFolder, places.dataFolder)
    const { denoiser } = model
    if (denoiser === null)
      throw new InlayError(
        'model.incomplete',
        'The built-in model has no denoiser in this version of Inlay; fill without a model, or install one.',
      )
    const config = latentDenoiserConfig(denoiser.config, denoiser.source)
    return { kind: 'built-in', model: { ...model, denoiser }, config }
  }
  const installed = await new ModelRegistry(places.dataFolder).list()
  const stated = installed.find((one) => one.path === place)?.statedPrediction ?? null
  const checkpoint = await openCheckpoint(place, stated === null ? {} : { predictionType: stated })
  const denoiser = requireWhole(checkpoint)
  const { family } = checkpoint
  const own = asymmetricOf(checkpoint)
  if (own && family === 'sdxl')
    throw new InlayError(
      'model.unsupported',
      `${own.source} decodes latents of Stable Diffusion 1, and ${checkpoint.path} makes those of XL; give it its own VAE.`,
    )
  const beside = own || family === 'sdxl' ? null : await asymmetricBeside(installed)
  return {
    kind: 'diffusion',
    checkpoint,
    denoiser,
    asymmetric: own ?? beside,
    notices: checkpoint.notices,
  }
}

/** What a model can take. The built-in one can do nothing yet where its denoiser is missing. */
export async function limitsOf(place: string | null, places: ModelPlaces): Promise<ModelLimits> {
  if (place === null) return builtInLimits(await openBuiltIn(places.builtInFolder, places.dataFolder))
  const model = await openModel(place, places)
  if (model.kind === 'built-in') throw new Error('a place is no built-in model')
  const { checkpoint, denoiser, asymmetric } = model
  const { time_cond_proj_dim: distilled = null } = (denoiser.config ?? {}) as { time_cond_proj_dim?: unknown }
  return {
    side: sideOf(checkpoint, denoiser),
    factor: FACTOR,
    tasks: tasksOf(checkpoint),
    asymmetric: asymmetric !== null,
    words: true,
    defaults: { steps: distilled === null ? 25 : 4, guidance: checkpoint.family === 'sdxl' ? 6 : 7.5 },
  }
}

function builtInLimits({ manifest, denoiser, asymmetricDecoder }: BuiltInModel): ModelLimits {
  const config = denoiser && latentDenoiserConfig(denoiser.config, denoiser.source)
  return {
    side: BUILT_IN_SIDE,
    factor: config ? fillFactor(config) : FACTOR,
    tasks: config ? ['inpaint'] : [],
    asymmetric: asymmetricDecoder !== null,
    words: false,
    defaults: { steps: manifest.defaults.steps, guidance: 1 },
  }
}

/** Twice the side of its training: without words there is nothing in a picture that it could draw twice. */
const BUILT_IN_SIDE = 512

/** What a denoiser with these inputs can do. */
export function tasksOf({ task }: Checkpoint): readonly Task[] {
  switch (task) {
    case 'inpaint':
      return ['inpaint']
    case 'instruct':
      return ['instruct']
    case 'text-to-image':
      return ['inpaint', 'image-to-image', 'text-to-image', 'diffedit']
    case null:
      return []
  }
}

const TITLES: Readonly<Record<Task, string>> = {
  inpaint: 'inpaint',
  'image-to-image': 'change a whole picture',
  'text-to-image': 'make a picture from words alone',
  instruct: 'follow an instruction',
  diffedit: 'find by itself what is to change',
}

/** @throws InlayError `model.unsupported` */
export function requireTask(checkpoint: Checkpoint, task: Task): void {
  if (!tasksOf(checkpoint).includes(task))
    throw new InlayError(
      'model.unsupported',
      `${checkpoint.path} cannot ${TITLES[task]}: its denoiser was made to ${tasksOf(checkpoint).map((one) => TITLES[one])[0]}. Choose another model.`,
    )
}

function asymmetricOf({ components }: Checkpoint): Component | null {
  const found = components.find((one) => one.architecture === 'asymmetric-autoencoder')
  return found && found.architecture !== 'onnx' ? found : null
}

/** @returns its denoiser */
function requireWhole({ path, layout, missing, components }: Checkpoint): Component | OnnxComponent {
  const denoiser = components.find(({ role }) => role === 'unet')
  const lacking = denoiser && layout !== 'component' ? missing : ['the rest of the model', ...missing]
  if (!denoiser || lacking.length > 0)
    throw new InlayError(
      'model.incomplete',
      `${path} lacks what a picture is made with: ${lacking.join('; ')}. Get the whole model, or choose another.`,
    )
  return denoiser
}

/** The published pictures' side where the denoiser says it, else its family's. */
function sideOf({ family }: Checkpoint, { config }: Pick<Component, 'config'>): number {
  const { sample_size: cells } = (config ?? {}) as { sample_size?: unknown }
  if (typeof cells === 'number' && Number.isInteger(cells) && cells > 0) return cells * FACTOR
  return family === 'sdxl' ? 1024 : 512
}

/** The largest asymmetric decoder among the installed models. */
async function asymmetricBeside(
  installed: Awaited<ReturnType<ModelRegistry['list']>>,
): Promise<Component | null> {
  const found = installed
    .flatMap(({ path, summary }) =>
      (summary?.components ?? [])
        .filter(({ architecture }) => architecture === 'asymmetric-autoencoder')
        .map(({ parameters }) => ({ path, parameters: parameters ?? 0 })),
    )
    .sort((a, b) => b.parameters - a.parameters)
  for (const { path } of found) {
    const opened = await openCheckpoint(path).catch(() => null)
    const vae = opened && asymmetricOf(opened)
    if (vae) return vae
  }
  return null
}
