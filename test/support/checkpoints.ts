/**
 * Checkpoints on a real disk for tests: full-size ones from the published lists of tensors, as sparse files that have the right
 * header and size and hold nothing but zeros, and tiny whole ones put together from the golden components.
 */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const PUBLISHED = fileURLToPath(new URL('../fixtures/published/', import.meta.url))
export const GOLDEN = fileURLToPath(new URL('../fixtures/golden/components/', import.meta.url))

export interface Published {
  readonly family: string
  readonly config: Readonly<Record<string, unknown>>
  readonly tensors: Readonly<Record<string, readonly number[]>>
  /** Of a single file: what such files hold beside the networks. */
  readonly ignored?: Readonly<Record<string, readonly number[]>>
}

const CLASSES: Readonly<Record<string, readonly [string, string]>> = {
  unet: ['diffusers', 'UNet2DConditionModel'],
  autoencoder_kl: ['diffusers', 'AutoencoderKL'],
  asymmetric_autoencoder_kl: ['diffusers', 'AsymmetricAutoencoderKL'],
  autoencoder_tiny: ['diffusers', 'AutoencoderTiny'],
  clip_text: ['transformers', 'CLIPTextModel'],
  clip_text_projection: ['transformers', 'CLIPTextModelWithProjection'],
}
const BYTES: Readonly<Record<string, number>> = { F16: 2, BF16: 2, F32: 4, I64: 8, F8_E4M3: 1 }

export function published(name: string): Published {
  return JSON.parse(gunzipSync(fs.readFileSync(`${PUBLISHED}${name}.json.gz`)).toString()) as Published
}

interface Written {
  readonly type?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** A `.safetensors` file of these shapes whose data is a hole in the disk. */
export function writeWeights(
  file: string,
  tensors: Readonly<Record<string, readonly number[]>>,
  { type = 'F16', metadata }: Written = {},
): void {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {}
  let at = 0
  for (const [name, shape] of Object.entries(tensors)) {
    const end = at + shape.reduce((product, size) => product * size, BYTES[type]!)
    header[name] = { dtype: type, shape, data_offsets: [at, end] }
    at = end
  }
  const json = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  fs.mkdirSync(path.dirname(file), { recursive: true })
  fs.writeFileSync(file, Buffer.concat([length, json]))
  fs.truncateSync(file, 8 + json.length + at)
}

/** A network in its folder: config.json and weights. */
export function writeComponent(
  folder: string,
  name: string,
  options: Written & { variant?: string } = {},
): void {
  const { family, config, tensors } = published(name)
  const text = family.startsWith('clip_text')
  const [, className] = CLASSES[family]!
  const stated = text
    ? { architectures: [className], model_type: 'clip_text_model' }
    : { _class_name: className }
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ ...config, ...stated }))
  const stem = text ? 'model' : 'diffusion_pytorch_model'
  const variant = options.variant === undefined ? '' : `.${options.variant}`
  writeWeights(path.join(folder, `${stem}${variant}.safetensors`), tensors, options)
}

/** A diffusers folder of published networks, by role. */
export function writePipeline(
  folder: string,
  parts: Readonly<Record<string, string>>,
  scheduler: string | null = '{"_class_name": "PNDMScheduler", "beta_schedule": "scaled_linear"}',
): string {
  const index: Record<string, unknown> = {
    _class_name: 'StableDiffusionPipeline',
    safety_checker: [null, null],
    feature_extractor: ['transformers', 'CLIPImageProcessor'],
  }
  for (const [role, name] of Object.entries(parts)) {
    writeComponent(path.join(folder, role), name)
    index[role] = CLASSES[published(name).family]
  }
  fs.writeFileSync(path.join(folder, 'model_index.json'), JSON.stringify(index))
  if (scheduler !== null) {
    fs.mkdirSync(path.join(folder, 'scheduler'))
    fs.writeFileSync(path.join(folder, 'scheduler', 'scheduler_config.json'), scheduler)
  }
  return folder
}

/** A whole tiny Stable Diffusion 1 for inpainting, of golden components, that can be changed. */
export function writeTinyPipeline(folder: string): string {
  const parts = { unet: 'unet_sd1_inpaint', vae: 'vae_sd', text_encoder: 'text_sd1' }
  const index: Record<string, unknown> = { _class_name: 'StableDiffusionInpaintPipeline' }
  for (const [role, name] of Object.entries(parts)) {
    const own = path.join(folder, role)
    fs.mkdirSync(own, { recursive: true })
    for (const file of ['config.json', 'model.safetensors', 'diffusion_pytorch_model.safetensors'])
      if (fs.existsSync(path.join(GOLDEN, name, file)))
        fs.copyFileSync(path.join(GOLDEN, name, file), path.join(own, file))
    const { _class_name, architectures } = JSON.parse(
      fs.readFileSync(path.join(own, 'config.json'), 'utf8'),
    ) as Record<string, unknown>
    index[role] = ['library', _class_name ?? (architectures as string[])[0]]
  }
  fs.writeFileSync(path.join(folder, 'model_index.json'), JSON.stringify(index))
  return folder
}

/** Changes a JSON file in place. */
export function editJson(file: string, change: (json: Record<string, unknown>) => void): void {
  const json = JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, unknown>
  change(json)
  fs.writeFileSync(file, JSON.stringify(json))
}
