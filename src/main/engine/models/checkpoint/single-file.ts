/**
 * A single-file checkpoint: the networks of one `.safetensors` file with the names of the original training code.
 *
 * Invariant: recognised by its keys and shapes. Settings that shapes do not show are the published ones for its widths; where
 * those are unknown they are taken from configurations beside it, or said to be missing. The one thing that no key tells,
 * what an SD 2 denoiser predicts, is a stated assumption.
 */
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import type { SafetensorsHeader, StoredTensor } from '../safetensors.ts'
import type {
  Architecture,
  Checkpoint,
  Component,
  Family,
  OpenOptions,
  PredictionType,
  TokenizerPlace,
} from './checkpoint.ts'
import { NEEDED, predictionOf, taskOf } from './family.ts'
import {
  architectureOf,
  autoencoderConfigOf,
  clipTextConfigOf,
  familyOfDenoiser,
  unetConfigOf,
  unknownSettings,
} from './family-shapes.ts'
import { type JsonObject, readJsonIfThere } from './json.ts'
import { type CheckpointComponents, type CheckpointSizes, checkpointComponents } from './key-map.ts'
import { KNOWN_SCHEDULER } from './known-configs.ts'

type Tensors = ReadonlyMap<string, StoredTensor>
/** Its only text encoder stands where others have their first, and is of another kind. */
const REFINER = 'conditioner.embedders.0.model.token_embedding.weight'

const ROLES = ['unet', 'vae', 'text_encoder', 'text_encoder_2'] as const

type Found = Omit<Checkpoint, 'path' | 'dtypes' | 'bytes' | 'licence'>

/** Whether these are the names of the original code: a denoiser, or one of its companions with their prefixes. */
export function isSingleFile(tensors: Tensors): boolean {
  return ['model.diffusion_model.input_blocks.0.0.weight', 'first_stage_model.decoder.conv_in.weight'].some(
    (key) => tensors.has(key),
  )
}

/** @param file the real file; configurations are looked for beside it only where its widths are not published ones */
export async function openSingleFile(
  file: string,
  { tensors, metadata }: SafetensorsHeader,
  options: OpenOptions,
): Promise<Found> {
  if (tensors.has(REFINER))
    throw new InlayError(
      'model.unsupported',
      `${file} is SDXL's refiner, which only finishes what the base model began. Get the base model.`,
    )
  const parts = checkpointComponents(tensors, sizesOf(tensors))
  const family = parts.unet.size > 0 ? familyOfDenoiser(parts.unet) : null
  const [components, notices]: [Component[], string[]] = [[], []]
  for (const role of ROLES) {
    if (parts[role].size === 0) continue
    const own = { role, architecture: architectureIn(role, parts[role]), tensors: parts[role], source: file }
    const derive = (given?: JsonObject) => configOf(role, parts, file, family, given)
    const beside = path.join(path.dirname(file), role, 'config.json')
    const unknown = unknownSettings(derive())
    const stated = options.configs?.[role]
    const found = stated || unknown.length === 0 ? undefined : await readJsonIfThere(beside)
    if (found) notices.push(`${role}: ${unknown.join(', ')} as in ${beside}.`)
    const config = derive(stated ?? found)
    components.push({ ...own, config, unknown: unknownSettings(config) })
  }
  const unet = components.find(({ role }) => role === 'unet')
  const prediction = family === null ? null : predictionOfFile(family, { tensors, metadata }, file, options)
  if (prediction?.assumed) notices.push(prediction.assumed)
  return {
    layout: 'single-file',
    family,
    task: unet ? taskOf(channelsOf(unet), file) : null,
    predictionType: prediction?.type ?? null,
    components,
    scheduler: prediction && {
      ...KNOWN_SCHEDULER,
      prediction_type: prediction.type,
      ...zeroTerminal(tensors),
    },
    tokenizers: tokenizersOf(family, components),
    missing: [...missingOf(family, components), ...unsaidOf(components)],
    notices,
  }
}

type Role = (typeof ROLES)[number]

/** By its place in the file: a tensor that tells it apart may be the one that is missing. */
function architectureIn(role: Role, tensors: Tensors): Architecture {
  if (role === 'unet') return 'unet'
  if (role !== 'vae') return 'clip-text'
  return architectureOf(tensors) === 'asymmetric-autoencoder' ? 'asymmetric-autoencoder' : 'autoencoder'
}

function configOf(
  role: Role,
  parts: CheckpointComponents,
  file: string,
  family: Family | null,
  given?: JsonObject,
) {
  const pooled = parts.text_encoder_2.get('text_projection.transposed')?.shape[1]
  if (role === 'unet') return unetConfigOf(parts.unet, file, given, pooled)
  if (role === 'vae') return autoencoderConfigOf(parts.vae, file, family, given)
  const openClip = role === 'text_encoder_2' || family === 'sd2'
  return clipTextConfigOf(parts[role], file, given, { hidden_act: openClip ? 'gelu' : 'quick_gelu' })
}

function missingOf(family: Family | null, components: readonly Component[]): readonly string[] {
  return family ? NEEDED[family].filter((role) => !components.some((one) => one.role === role)) : []
}

/** What keeps a component from being run, a text each. */
export function unsaidOf(components: readonly Component[]): readonly string[] {
  return components.flatMap(({ role, unknown = [] }) =>
    unknown.length === 0
      ? []
      : [
          `${role}: ${unknown.join(', ')} (its widths are none of the published ones, and no config.json lies beside it)`,
        ],
  )
}

function channelsOf({ config }: Component): { readonly in: number; readonly out: number } {
  const { in_channels, out_channels } = config as { in_channels: number; out_channels: number }
  return { in: in_channels, out: out_channels }
}

/** Depths that decide which name a block gets, from the names themselves: between two levels stands what halves the size. */
function sizesOf(tensors: Tensors): CheckpointSizes {
  const keys = [...tensors.keys()]
  const numbers = (pattern: RegExp) =>
    [...new Set(keys.flatMap((key) => pattern.exec(key)?.slice(1) ?? []))].map(Number).sort((a, b) => a - b)
  const inputs = numbers(/^model\.diffusion_model\.input_blocks\.(\d+)\./).length
  const halvings = numbers(/^model\.diffusion_model\.input_blocks\.(\d+)\.0\.op\.weight$/)
  const bounds = [0, ...halvings, inputs]
  const layers = numbers(
    /^(?:cond_stage_model|conditioner\.embedders\.1)\.model\.transformer\.resblocks\.(\d+)\./,
  ).length
  const xl = keys.some((key) => key.startsWith('conditioner.'))
  return {
    unetLevels: halvings.length + 1,
    unetBlocks: bounds.slice(1).map((bound, i) => Math.max(0, bound - bounds[i]! - 1)),
    vaeLevels: numbers(/^first_stage_model\.decoder\.up\.(\d+)\./).length,
    openClipLayers: xl || layers === OPEN_CLIP_H_USED ? layers : layers - 1,
  }
}

/** SD 2 uses all but the last of OpenCLIP-H's 24 layers; files that were converted back may lack the last. */
const OPEN_CLIP_H_USED = 23

interface Prediction {
  readonly type: PredictionType
  readonly assumed?: string
}

/**
 * What the caller states; the file's metadata in the words of the ModelSpec standard; the empty tensor `v_pred` by which
 * fine-tuned SDXL files say it; else what the family was published with. SD 2 was published with both.
 */
function predictionOfFile(
  family: Family,
  { tensors, metadata }: SafetensorsHeader,
  file: string,
  { predictionType }: OpenOptions,
): Prediction {
  if (predictionType) return { type: predictionType }
  const stated = metadata['modelspec.prediction_type']
  if (stated !== undefined && stated !== '')
    return {
      type: predictionOf(
        { prediction_type: /^v(_prediction)?$/i.test(stated) ? 'v_prediction' : stated },
        file,
      ),
    }
  if (tensors.has('v_pred')) return { type: 'v_prediction' }
  if (family !== 'sd2') return { type: 'epsilon' }
  const spec = metadata['modelspec.architecture'] ?? ''
  if (/768-v/.test(spec)) return { type: 'v_prediction' }
  if (/512/.test(spec)) return { type: 'epsilon' }
  const inputs = tensors.get('model.diffusion_model.input_blocks.0.0.weight')?.shape[1]
  const type = inputs === 4 ? 'v_prediction' : 'epsilon'
  const published = inputs === 4 ? 'the 768-pixel SD 2 is published' : 'SD 2 for inpainting is published'
  return {
    type,
    assumed: `The file does not say what its denoiser predicts: taken as ${type}, as ${published}. If pictures come out as noise, state the other (--prediction).`,
  }
}

function zeroTerminal(tensors: Tensors): { readonly rescale_betas_zero_snr?: true } {
  return tensors.has('ztsnr') ? { rescale_betas_zero_snr: true } : {}
}

function tokenizersOf(family: Family | null, components: readonly Component[]): readonly TokenizerPlace[] {
  const has = (role: string) => components.some((component) => component.role === role)
  const own = { folder: null } as const
  return [
    ...(has('text_encoder')
      ? [{ role: 'tokenizer', ...own, pad: family === 'sd2' ? '!' : null } as const]
      : []),
    ...(has('text_encoder_2') ? [{ role: 'tokenizer_2', ...own, pad: '!' } as const] : []),
  ]
}
