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
import { readSafetensors, type StoredTensor } from '../models/index.ts'
import { type GoldenModel, goldenOutputs } from './golden-components.ts'
import { GraphRunner, type Tensor } from './run-graph.ts'

interface GoldenCase {
  readonly folder: string
  readonly family: string
  readonly case: string
  readonly outputs: Readonly<Record<string, { readonly tolerance: number }>>
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
        else yield* runCase(path.dirname(manifest), one, runner)
      }
    }
  } finally {
    await runner.close()
  }
}

async function* runCase(root: string, one: GoldenCase, runner: GraphRunner): AsyncGenerator<GoldenResult> {
  const name = `${one.folder}/${one.case}`
  const folder = path.join(root, one.folder)
  const config = path.join(folder, 'config.json')
  if (!existsSync(config)) return yield notBuilt(name)
  const json: unknown = JSON.parse(await readFile(config, 'utf8'))
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
    return { ...worst, detail: error instanceof Error ? error.message : String(error) }
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

function notBuilt(name: string): GoldenResult {
  return { name, outcome: 'not built yet', error: 0, tolerance: 0, detail: '' }
}
