/** What a model is, in words for people: the same in the window and on the command line. */
import type { ModelSummary } from './model-manifest.ts'

const FAMILIES: Readonly<Record<NonNullable<ModelSummary['family']>, string>> = {
  sd1: 'Stable Diffusion 1',
  sd2: 'Stable Diffusion 2',
  sdxl: 'Stable Diffusion XL',
}
const TASKS: Readonly<Record<NonNullable<ModelSummary['task']>, string>> = {
  'text-to-image': 'text to image',
  inpaint: 'inpainting',
  instruct: 'editing by instruction',
}
const NETWORKS: Readonly<Record<string, string>> = {
  unet: 'denoiser',
  vae: 'autoencoder',
  vae_encoder: 'autoencoder, encoding half',
  vae_decoder: 'autoencoder, decoding half',
  text_encoder: 'text encoder',
  text_encoder_2: 'second text encoder',
}
const ARCHITECTURES: Readonly<Record<string, string>> = {
  'asymmetric-autoencoder': 'asymmetric',
  'tiny-autoencoder': 'tiny',
  onnx: 'ONNX',
}
const LAYOUTS: Readonly<Record<ModelSummary['layout'], string>> = {
  diffusers: 'diffusers folder',
  'single-file': 'single file',
  component: 'one network',
  onnx: 'ONNX folder',
}

/** "Stable Diffusion 1, inpainting", or the network where it is one on its own. */
export function kindOf({ family, task, components, layout }: ModelSummary): string {
  const known = [family && FAMILIES[family], task && TASKS[task]].filter((word) => word)
  if (known.length > 0) return known.join(', ')
  const [only] = components
  return only ? networkName(only) : LAYOUTS[layout]
}

export function networkName({ role, architecture }: ModelSummary['components'][number]): string {
  const kind = ARCHITECTURES[architecture]
  return `${kind ? `${kind} ` : ''}${roleName(role)}`
}

export function roleName(role: string): string {
  return NETWORKS[role] ?? role
}

export function layoutName(layout: ModelSummary['layout']): string {
  return LAYOUTS[layout]
}

export function familyName(family: NonNullable<ModelSummary['family']>): string {
  return FAMILIES[family]
}

export function taskName(task: NonNullable<ModelSummary['task']>): string {
  return TASKS[task]
}
