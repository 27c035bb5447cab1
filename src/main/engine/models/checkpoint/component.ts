/**
 * A network on its own: a folder with config.json and weights, or one `.safetensors` file, or the two halves of a TAESD.
 *
 * Invariant: recognised by keys and shapes. A config.json that lies beside a file and names the same network is its own.
 */
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import { unetConfig } from '../architectures/config.ts'
import { readSafetensors, type SafetensorsHeader, type StoredTensor } from '../safetensors.ts'
import type { Architecture, Checkpoint, Component, OpenOptions } from './checkpoint.ts'
import { openComponentFolder, roleOf, statedArchitecture } from './diffusers-folder.ts'
import { familyOfConfig, taskOf } from './family.ts'
import {
  architectureOf,
  autoencoderConfigOf,
  clipTextConfigOf,
  settled,
  unetConfigOf,
  unknownSettings,
} from './family-shapes.ts'
import { type TinyHalf, tinyConfigOf, tinyHalfOf, tinyTensors } from './family-tiny.ts'
import { type JsonObject, readJsonIfThere } from './json.ts'
import { isSingleFile, openSingleFile, unsaidOf } from './single-file.ts'
import { listFolder } from './weights.ts'

type Tensors = ReadonlyMap<string, StoredTensor>
type Found = Omit<Checkpoint, 'path' | 'dtypes' | 'bytes' | 'licence'>

export async function openLoneFolder(folder: string, options: OpenOptions): Promise<Found> {
  const { component, notices } = await openComponentFolder(folder, null)
  return alone(component, options, notices)
}

/** @param file as the person named it; its other half and its config.json are looked for beside that name */
export async function openLoneFile(
  file: string,
  header: SafetensorsHeader,
  options: OpenOptions,
): Promise<Found> {
  const half = tinyHalfOf(header.tensors)
  if (half) return openTiny(file, half, header.tensors, options)
  const prefix = originalPrefix(header.tensors)
  if (prefix !== null) {
    const tensors = new Map([...header.tensors].map(([name, tensor]) => [prefix + name, tensor]))
    const found = await openSingleFile(file, { ...header, tensors }, options)
    return { ...found, layout: 'component', missing: unsaidOf(found.components.filter(isNetwork)) }
  }
  const tensors = withPlainSteps(header.tensors)
  const architecture = architectureOf(tensors)
  if (!architecture) throw unknown(file, tensors)
  const beside = await configBeside(file, architecture)
  const config = beside ?? derivedConfig(architecture, tensors, file, options)
  const role = roleOf(architecture, config)
  const unsaid = beside ? {} : { unknown: unknownSettings(config) }
  return alone({ role, architecture, config, tensors, source: file, ...unsaid }, options, [])
}

async function configBeside(file: string, architecture: Architecture): Promise<JsonObject | undefined> {
  const place = path.join(path.dirname(file), 'config.json')
  const config = await readJsonIfThere(place)
  return config && statedArchitecture(config, place) === architecture ? config : undefined
}

function derivedConfig(
  architecture: Architecture,
  tensors: Tensors,
  file: string,
  { configs }: OpenOptions,
): JsonObject {
  switch (architecture) {
    case 'unet':
      return unetConfigOf(tensors, file, configs?.unet)
    case 'clip-text':
      return clipTextConfigOf(tensors, file, configs?.text_encoder ?? configs?.text_encoder_2)
    case 'tiny-autoencoder':
      return tinyConfigOf(tensors, file)
    case 'autoencoder':
    case 'asymmetric-autoencoder':
      return autoencoderConfigOf(tensors, file, null, configs?.vae)
    case 'small-asymmetric-decoder':
    case 'latent-denoiser':
      throw new InlayError(
        'model.incomplete',
        `${file} lacks the config.json that was written beside it. Get the model again.`,
      )
  }
}

/** Whether a weights file is a network, alone or one of several, and not references, embeddings or a LoRA. */
export function isNetworkFile(tensors: Tensors): boolean {
  return (
    isSingleFile(tensors) ||
    tinyHalfOf(tensors) !== null ||
    originalPrefix(tensors) !== null ||
    architectureOf(withPlainSteps(tensors)) !== null
  )
}

/** The prefix that the names of the original code have in a whole checkpoint, where a file holds only one of its networks. */
function originalPrefix(tensors: Tensors): string | null {
  if (tensors.has('input_blocks.0.0.weight')) return 'model.diffusion_model.'
  if (tensors.has('decoder.mid.block_1.norm1.weight') || tensors.has('encoder.mid.block_1.norm1.weight'))
    return 'first_stage_model.'
  return null
}

/** Both halves of a TAESD in one file: `encoder.0.…`, `decoder.1.…`. */
function withPlainSteps(tensors: Tensors): Tensors {
  if (!tensors.has('encoder.0.weight') && !tensors.has('decoder.1.weight')) return tensors
  const halves = (['encoder', 'decoder'] as const).flatMap((half) => {
    const own = [...tensors].filter(([name]) => name.startsWith(`${half}.`))
    return [...tinyTensors(half, new Map(own.map(([name, tensor]) => [name.slice(half.length + 1), tensor])))]
  })
  return new Map(halves)
}

async function openTiny(file: string, half: TinyHalf, own: Tensors, options: OpenOptions): Promise<Found> {
  const other: TinyHalf = half === 'encoder' ? 'decoder' : 'encoder'
  const folder = path.dirname(file)
  const name = path.basename(file).replace(half, other)
  const beside = name !== path.basename(file) && (await listFolder(folder)).includes(name)
  const rest: Tensors = beside ? (await readSafetensors(path.join(folder, name))).tensors : new Map()
  if (beside && tinyHalfOf(rest) !== other)
    throw new InlayError(
      'model.unreadable',
      `${path.join(folder, name)} is not the ${other} that its name says.`,
    )
  const tensors = new Map([...tinyTensors(half, own), ...(beside ? tinyTensors(other, rest) : [])])
  const config = tinyConfigOf(tensors, file)
  const component: Component = {
    role: 'vae',
    architecture: 'tiny-autoencoder',
    config,
    tensors,
    source: file,
  }
  return alone(component, options, beside ? [`Its ${other} is ${path.join(folder, name)}.`] : [])
}

function alone(component: Component, options: OpenOptions, notices: readonly string[]): Found {
  const { role, architecture, config, source, tensors } = component
  const denoiser = architecture === 'unet'
  const halves = role === 'vae' && architecture !== 'small-asymmetric-decoder' ? ['encoder', 'decoder'] : []
  const lost = halves.filter((half) => ![...tensors.keys()].some((name) => name.startsWith(`${half}.`)))
  return {
    layout: 'component',
    family: denoiser ? familyOfConfig(config) : null,
    task: denoiser ? taskOf(unetConfig(settled(component), source), source) : null,
    predictionType: denoiser ? (options.predictionType ?? null) : null,
    components: [component],
    scheduler: null,
    tokenizers: [],
    missing: [...lost, ...unsaidOf([component])],
    notices,
  }
}

function isNetwork(component: Checkpoint['components'][number]): component is Component {
  return component.architecture !== 'onnx'
}

function unknown(file: string, tensors: Tensors): InlayError {
  const names = [...tensors.keys()]
  if (names.some((name) => /[._]lora[._]|lora_(up|down|A|B)\b/.test(name)))
    return new InlayError(
      'model.unsupported',
      `${file} is a LoRA: it is used beside a checkpoint and is none itself.`,
    )
  if (names.some((name) => /^(controlnet_cond_embedding|control_model|input_hint_block)\./.test(name)))
    return new InlayError('model.unsupported', `${file} is a ControlNet, which Inlay has no use for.`)
  const first =
    names[0] === undefined ? 'it holds no tensors' : `its tensors begin with ${names[0].slice(0, 100)}`
  return new InlayError(
    'model.unsupported',
    `${file} is no network that Inlay knows: ${first}. It opens Stable Diffusion 1, 2 and XL and their autoencoders.`,
  )
}
