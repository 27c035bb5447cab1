/** What is said of a model, in words for people. */
import type { ModelSummary } from '../../shared/model-manifest.ts'

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
  'single-file': 'one file',
  component: 'one network',
  onnx: 'ONNX folder',
}
const TYPES: Readonly<Record<string, string>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
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

export function typeNames(dtypes: readonly string[]): string {
  return dtypes.map((type) => TYPES[type] ?? type).join(', ')
}

/** 1234567 as "1.2 million". */
export function parametersInWords(count: number): string {
  if (count < 1e6) return count.toLocaleString('en')
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} million` : `${(count / 1e9).toFixed(2)} billion`
}

/** "5.2 GB", decimal units. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  for (const [unit, size] of [
    ['kB', 1e3],
    ['MB', 1e6],
  ] as const)
    if (bytes < size * 999.5) return `${(bytes / size).toFixed(bytes < size * 10 ? 1 : 0)} ${unit}`
  return `${(bytes / 1e9).toFixed(1)} GB`
}

/** "5,213,442,118 bytes". */
export function exactBytes(bytes: number): string {
  return `${bytes.toLocaleString('en')} bytes`
}

export function timeLeftInWords(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds))} s left`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `about ${minutes} minutes left` : `about ${(minutes / 60).toFixed(1)} hours left`
}
