/**
 * A folder as Optimum writes it, or as older exports did: model_index.json and an ONNX file for each network.
 *
 * Invariant: the graphs are run as they are. Here it is only said which are there, that each is sound as far as its weights, and
 * that the data it keeps beside it lies in its own folder and is all there.
 */
import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import type { Checkpoint, OnnxComponent, OpenOptions } from './checkpoint.ts'
import { INDEX_FILE, NO_SCHEDULER, tokenizersOf, wordlessOf } from './diffusers-folder.ts'
import { familyOfConfig, predictionOf, taskOf } from './family.ts'
import { type JsonObject, readJson, readJsonIfThere } from './json.ts'
import { type OnnxFile, readOnnxFile } from './onnx-file.ts'
import { listFolder } from './weights.ts'

const ROLES = ['unet', 'vae_encoder', 'vae_decoder', 'text_encoder', 'text_encoder_2'] as const
/** What Optimum names its pipelines, and what diffusers named its own. */
const PIPELINE = /^(ORT|Onnx)/

type Found = Omit<Checkpoint, 'path' | 'dtypes' | 'licence'>

/** Whether a folder is one: by its pipeline's class, or by the denoiser's file. */
export async function isOnnxFolder(folder: string, index: JsonObject | undefined): Promise<boolean> {
  if (typeof index?.['_class_name'] === 'string' && PIPELINE.test(index['_class_name'])) return true
  const names = await listFolder(path.join(folder, 'unet')).catch((): readonly string[] => [])
  return names.includes('model.onnx') && !names.some((name) => name.endsWith('.safetensors'))
}

export async function openOnnxFolder(folder: string, options: OpenOptions): Promise<Found> {
  const index = await readJson(path.join(folder, INDEX_FILE))
  const components: OnnxComponent[] = []
  const absent: string[] = []
  let bytes = 0
  for (const role of ROLES) {
    const own = path.join(folder, role)
    const found = await graphFile(path.join(own, 'model.onnx'))
    if (found) {
      const stated = await readJsonIfThere(path.join(own, 'config.json'))
      const config = stated ?? (role === 'unet' ? configOfInputs(found.inputs) : null)
      components.push({ role, architecture: 'onnx', file: found.file, config, source: own })
      bytes += found.bytes
    } else if (isListed(index, role)) absent.push(`${role}/model.onnx`)
  }
  if (absent.length > 0)
    throw new InlayError('model.incomplete', `${folder} lacks ${absent.join(', ')}. Get the model again.`)
  const unet = components.find(({ role }) => role === 'unet')
  if (!unet) throw new InlayError('model.incomplete', `${folder} lacks unet/model.onnx. Get the model again.`)
  const schedulerFile = path.join(folder, 'scheduler', 'scheduler_config.json')
  const scheduler = await readJsonIfThere(schedulerFile)
  const config = unet.config as JsonObject | null
  const family = config && familyOfConfig(config)
  const needed = family === 'sdxl' ? ROLES : ROLES.slice(0, 4)
  return {
    layout: 'onnx',
    family,
    task:
      config &&
      taskOf({ in: numberOf(config, 'in_channels'), out: numberOf(config, 'out_channels') }, unet.source),
    predictionType: options.predictionType ?? predictionOf(scheduler ?? {}, schedulerFile),
    components,
    ...wordlessOf(index),
    scheduler: scheduler ?? null,
    tokenizers: await tokenizersOf(folder, family === 'sd2', components),
    bytes,
    missing: needed.filter((role) => !components.some((component) => component.role === role)),
    notices: [
      ...(config ? [] : ['unet has no config.json, so its family and its task are not known.']),
      ...(scheduler || options.predictionType ? [] : [NO_SCHEDULER]),
    ],
  }
}

function isListed(index: JsonObject, role: string): boolean {
  const entry = Object.hasOwn(index, role) ? index[role] : null
  return Array.isArray(entry) && typeof entry[1] === 'string'
}

function numberOf(config: JsonObject, name: string): number {
  const value = config[name] ?? 4
  return typeof value === 'number' ? value : Number.NaN
}

interface FoundGraph {
  readonly file: string
  /** With the data beside it. */
  readonly bytes: number
  readonly inputs: OnnxFile['inputs']
}

/** The real file; null where there is none. */
async function graphFile(file: string): Promise<FoundGraph | null> {
  const real = await realpath(file).catch(() => null)
  if (real === null) return null
  const size = await sizeOf(real, file)
  const { inputs, outside } = await readOnnxFile(real)
  const sizes = new Map<string, number>()
  for (const { location, offset, length } of outside) {
    const known = sizes.get(location) ?? (await outsideSize(file, real, location))
    sizes.set(location, known)
    if (offset + (length ?? 0) > known)
      throw new InlayError(
        'model.unreadable',
        `${path.join(path.dirname(file), location)} is cut short: ${file} keeps data in it past its end. Get the model again.`,
      )
  }
  return { file: real, bytes: size + [...sizes.values()].reduce((sum, one) => sum + one, 0), inputs }
}

/** ONNX Runtime takes data from the real folder of the graph only, and follows no link out of it. */
async function outsideSize(file: string, real: string, location: string): Promise<number> {
  const named = path.join(path.dirname(file), location)
  if (path.isAbsolute(location) || /^[A-Za-z]:|\\/.test(location) || location.split('/').includes('..'))
    throw new InlayError(
      'model.unreadable',
      `${file} names its data at ${location.slice(0, 200)}, which lies outside its folder.`,
    )
  const data = await realpath(named).catch(() => {
    throw new InlayError('model.incomplete', `${named} is missing, where ${file} keeps its data. Get it too.`)
  })
  const size = await sizeOf(data, named)
  if (data !== path.join(path.dirname(real), location))
    throw new InlayError(
      'model.unsupported',
      `${named} is a link to another place than ${path.basename(file)} itself, where it cannot be read from. Copy the model with its links followed.`,
    )
  return size
}

async function sizeOf(real: string, named: string): Promise<number> {
  const found = await stat(real)
  if (!found.isFile()) throw new InlayError('model.unreadable', `${named} is not a file.`)
  return found.size
}

/** What a graph without config.json says by its inputs. */
function configOfInputs(inputs: OnnxFile['inputs']): JsonObject | null {
  const channels = inputs.get('sample')?.[1]
  const context = inputs.get('encoder_hidden_states')?.[2]
  if (channels == null || context == null) return null
  const xl = inputs.has('text_embeds') ? { addition_embed_type: 'text_time' } : {}
  return { in_channels: channels, cross_attention_dim: context, ...xl }
}
