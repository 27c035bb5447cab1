/**
 * Running every case of a folder of golden fixtures and comparing with what it holds.
 *
 * Invariant: a case passes only if every output it lists was computed and lies within its tolerance everywhere. What no
 * code runs yet is counted apart, never as passed. The folder is only read.
 */
import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import {
  autoencoderConfig,
  checkpointComponents,
  clipTextConfig,
  readSafetensors,
  type StoredTensor,
  unetConfig,
} from '../models/index.ts'
import { type GoldenModel, goldenOutputs } from './golden-components.ts'
import { GraphRunner, type Tensor } from './run-graph.ts'

interface GoldenCase {
  readonly folder: string
  readonly family: string
  readonly case: string
  readonly outputs: Readonly<Record<string, { readonly tolerance: number }>>
  readonly components?: Readonly<Record<string, string>>
  readonly fp16_tolerance?: Readonly<Record<string, number>>
}

export interface GoldenResult {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'not built yet'
  /** The output that is furthest from its reference in terms of its tolerance. */
  readonly error: number
  readonly tolerance: number
  readonly detail: string
}

const MANIFESTS = ['manifest.json', 'components/manifest.json', 'runs-manifest.json']

/** Yields one result a case. Throws `model.unreadable` when the folder has no manifest. */
export async function* runGolden(folder: string): AsyncGenerator<GoldenResult> {
  const manifests = MANIFESTS.map((name) => path.join(folder, name)).filter((file) => existsSync(file))
  if (manifests.length === 0)
    throw new InlayError(
      'model.unreadable',
      `${folder} has neither manifest.json nor runs-manifest.json: name a folder of golden fixtures.`,
    )
  const runner = new GraphRunner()
  try {
    for (const manifest of manifests) {
      const { cases } = JSON.parse(await readFile(manifest, 'utf8')) as {
        cases: readonly (GoldenCase & { id?: string })[]
      }
      for (const one of cases) {
        if (one.id !== undefined) yield notBuilt(one.id)
        else if (one.family.startsWith('lora_')) yield notBuilt(`${one.folder}/${one.case}`)
        else {
          try {
            if (one.components) yield* runCheckpoint(path.dirname(manifest), one, cases, runner)
            else yield* runCase(path.dirname(manifest), one, runner)
          } catch (error) {
            yield failed(`${one.folder}/${one.case}`, error)
          }
        }
      }
    }
  } finally {
    await runner.close()
  }
}

async function* runCase(root: string, one: GoldenCase, runner: GraphRunner): AsyncGenerator<GoldenResult> {
  const name = `${one.folder}/${one.case}`
  const folder = path.join(root, one.folder)
  const json = await configOf(folder)
  const whole = ['model', 'diffusion_pytorch_model'].find((stem) =>
    existsSync(path.join(folder, `${stem}.safetensors`)),
  )
  const io = await caseTensors(path.join(folder, 'io.safetensors'), one.case)
  const base = { family: one.family, config: json, inputs: io.inputs }
  const tolerances = Object.fromEntries(
    Object.entries(one.outputs).map(([key, { tolerance }]) => [key, tolerance]),
  )
  yield await compare(
    runner,
    name,
    { ...base, file: path.join(folder, `${whole}.safetensors`) },
    io.outputs,
    tolerances,
  )
  if (!one.fp16_tolerance || !existsSync(path.join(folder, 'io.fp16.safetensors'))) return
  const half = await caseTensors(path.join(folder, 'io.fp16.safetensors'), one.case)
  const variants = [`${whole}.fp16.safetensors`, `legacy-attention-names/${whole}.safetensors`]
  for (const variant of variants.filter((file) => existsSync(path.join(folder, file)))) {
    const model = { ...base, file: path.join(folder, variant) }
    yield await compare(
      runner,
      `${name} (${variant.split(/[/.]/).at(variant.includes('/') ? 0 : 1)})`,
      model,
      half.outputs,
      one.fp16_tolerance,
    )
  }
}

async function compare(
  runner: GraphRunner,
  name: string,
  model: GoldenModel,
  expected: Readonly<Record<string, Tensor>>,
  tolerances: Readonly<Record<string, number>>,
): Promise<GoldenResult> {
  let worst: GoldenResult = {
    name,
    outcome: 'failed',
    error: Number.NaN,
    tolerance: 0,
    detail: 'no output is listed',
  }
  try {
    const outputs = await goldenOutputs(model, runner)
    for (const [key, tolerance] of Object.entries(tolerances)) {
      const error = largestDifference(outputs[key], expected[key])
      const outcome = error <= tolerance ? 'passed' : 'failed'
      const further = worst.tolerance === 0 || !(error / tolerance <= worst.error / worst.tolerance)
      if (further) worst = { name, outcome, error, tolerance, detail: key }
    }
    return worst
  } catch (error) {
    return failed(name, error)
  }
}

/** NaN where a value is missing or is no number, or shapes differ. */
function largestDifference(found: Tensor | undefined, expected: Tensor | undefined): number {
  if (!found || !expected || String(found.shape) !== String(expected.shape)) return Number.NaN
  let largest = 0
  for (const [i, value] of (found.data as Float32Array).entries()) {
    const difference = Math.abs(value - (expected.data[i] as number))
    if (!(difference <= largest)) largest = difference
    if (Number.isNaN(difference)) return difference
  }
  return largest
}

async function caseTensors(file: string, name: string) {
  const { tensors } = await readSafetensors(file)
  const inputs: Record<string, Tensor> = {}
  const outputs: Record<string, Tensor> = {}
  for (const [key, stored] of tensors) {
    if (key.startsWith(`${name}.in.`)) inputs[key.slice(name.length + 4)] = await load(stored)
    else if (key.startsWith(`${name}.out.`)) outputs[key.slice(name.length + 5)] = await load(stored)
  }
  return { inputs, outputs }
}

async function load(stored: StoredTensor): Promise<Tensor> {
  const bytes = new Uint8Array(stored.length)
  const handle = await open(stored.file, 'r')
  try {
    await handle.read(bytes, 0, stored.length, stored.offset)
  } finally {
    await handle.close()
  }
  const data = stored.type === 'I64' ? new BigInt64Array(bytes.buffer) : new Float32Array(bytes.buffer)
  return { data, shape: stored.shape }
}

/** Every component of a single file, each against the first case of the folder that has its configuration. */
async function* runCheckpoint(
  root: string,
  one: GoldenCase,
  cases: readonly GoldenCase[],
  runner: GraphRunner,
): AsyncGenerator<GoldenResult> {
  const file = path.join(root, one.folder, 'model.safetensors')
  const roles = Object.entries(one.components ?? {})
  const configs: Record<string, unknown> = {}
  for (const [role, folder] of roles) configs[role] = await configOf(path.join(root, folder))
  const unet = unetConfig(configs.unet, file)
  const components = checkpointComponents((await readSafetensors(file)).tensors, {
    unetLevels: unet.channels.length,
    unetBlocks: unet.blocks,
    vaeLevels: autoencoderConfig(configs.vae, file).decoder.channels.length,
    openClipLayers: clipTextConfig(configs.text_encoder_2 ?? configs.text_encoder, file).layers,
  })
  for (const [role, folder] of roles) {
    const source = cases.find((other) => other.folder === folder)
    if (!source) throw new Error(`no case has the inputs of ${folder}`)
    const { inputs } = await caseTensors(path.join(root, folder, 'io.safetensors'), source.case)
    const { outputs } = await caseTensors(path.join(root, one.folder, 'io.safetensors'), role)
    const start = `${role}.out.`
    const listed = Object.entries(one.outputs).filter(([key]) => key.startsWith(start))
    const tolerances = Object.fromEntries(
      listed.map(([key, { tolerance }]) => [key.slice(start.length), tolerance]),
    )
    const tensors = components[role as keyof typeof components]
    const model = { family: source.family, config: configs[role], inputs, file, tensors }
    yield await compare(runner, `${one.folder}/${role}`, model, outputs, tolerances)
  }
}

async function configOf(folder: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(folder, 'config.json'), 'utf8'))
}

function failed(name: string, error: unknown): GoldenResult {
  const detail = error instanceof Error ? error.message : String(error)
  return { name, outcome: 'failed', error: Number.NaN, tolerance: 0, detail }
}

function notBuilt(name: string): GoldenResult {
  return { name, outcome: 'not built yet', error: 0, tolerance: 0, detail: '' }
}
