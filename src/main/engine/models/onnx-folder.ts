/**
 * A folder as Optimum writes it, or as older exports did: model_index.json and an ONNX file for each network.
 *
 * Invariant: the graphs are run as they are. Here it is only said which are there, that each begins as an ONNX file does, and
 * that the data it keeps beside it is there too.
 */
import { open, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import type { Checkpoint, OnnxComponent, OpenOptions } from './checkpoint.ts'
import { type JsonObject, readJson, readJsonIfThere } from './checkpoint-json.ts'
import { listFolder } from './checkpoint-weights.ts'
import { INDEX_FILE, tokenizersOf } from './diffusers-folder.ts'
import { familyOfConfig, predictionOf, taskOf } from './family.ts'

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
      const config = (await readJsonIfThere(path.join(own, 'config.json'))) ?? null
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
    scheduler: scheduler ?? null,
    tokenizers: await tokenizersOf(folder, family === 'sd2', components),
    bytes,
    missing: needed.filter((role) => !components.some((component) => component.role === role)),
    notices: config ? [] : ['unet has no config.json, so its family and its task are not known.'],
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

/** The real file with its size, data beside it included; null where there is none. */
async function graphFile(file: string): Promise<{ file: string; bytes: number } | null> {
  const real = await realpath(file).catch(() => null)
  if (real === null) return null
  const { size } = await regular(real, file)
  if (size < 16 || (await firstByte(real)) !== IR_VERSION_TAG)
    throw new InlayError(
      'model.unreadable',
      `${file} does not begin as an ONNX file does. Get the model again.`,
    )
  return { file: real, bytes: size + (await dataBeside(path.dirname(file))) }
}

/** Bytes of what graphs keep beside them: `model.onnx_data`, or `weights.pb` of older exports. */
async function dataBeside(folder: string): Promise<number> {
  let bytes = 0
  for (const name of await listFolder(folder))
    if (/\.(onnx_data|onnx\.data|pb)$/.test(name)) {
      const file = path.join(folder, name)
      bytes += (await regular(await realpath(file).catch(() => file), file)).size
    }
  return bytes
}

/** Every exporter writes the field `ir_version` (1, a varint) first. */
const IR_VERSION_TAG = 0x08

async function regular(real: string, named: string) {
  const found = await stat(real).catch(() => null)
  if (!found?.isFile()) throw new InlayError('model.unreadable', `${named} is not a file.`)
  return found
}

async function firstByte(file: string): Promise<number | undefined> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(1), 0, 1, 0)
    return bytesRead === 1 ? buffer[0] : undefined
  } finally {
    await handle.close()
  }
}
