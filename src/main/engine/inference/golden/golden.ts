/**
 * Running every case of a folder of golden fixtures and comparing with what it holds.
 *
 * Invariant: what no code runs yet is counted apart, never as passed. The folder is only read, and nothing beside it is.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import {
  autoencoderConfig,
  checkpointComponents,
  clipTextConfig,
  openCheckpoint,
  openLora,
  readSafetensors,
  unetConfig,
} from '../../models/index.ts'
import { GraphRunner } from '../run-graph.ts'
import { compared, failed, type GoldenResult, notBuilt } from './compare.ts'
import { goldenComponent, goldenOutputs } from './components.ts'
import { readJson, tensorsBelow, weightsFile } from './files.ts'
import { runPipelineCase } from './pipelines.ts'
import { runPromptsCase } from './prompts.ts'
import { SchedulerCases } from './schedulers.ts'
import { runTokenizerCase } from './tokenizer.ts'

interface ComponentCase {
  readonly folder: string
  readonly family: string
  readonly case: string
  readonly outputs: Readonly<Record<string, { readonly tolerance: number }>>
  /** Of a single-file checkpoint: the folder that each role's configuration and inputs are in. */
  readonly components?: Readonly<Record<string, string>>
  /** Of a LoRA: the folder of each network that it adapts. */
  readonly base?: Readonly<Record<string, string>>
  readonly fp16_tolerance?: Readonly<Record<string, number>>
}

interface RunCase {
  readonly id: string
  readonly files: readonly string[]
}

const MANIFESTS = ['manifest.json', 'components/manifest.json', 'runs-manifest.json']

/**
 * Yields one result a case.
 * @param tokenizer the folder of the application's own tokenizer
 * @throws InlayError `model.unreadable` when the folder has no manifest, or one without cases
 */
export async function* runGolden(folder: string, tokenizer: string): AsyncGenerator<GoldenResult> {
  const manifests = MANIFESTS.map((name) => path.join(folder, name)).filter((file) => existsSync(file))
  if (manifests.length === 0)
    throw new InlayError(
      'model.unreadable',
      `${folder} has neither manifest.json nor runs-manifest.json: name a folder of golden fixtures.`,
    )
  const runner = new GraphRunner()
  const schedulers = new SchedulerCases()
  try {
    for (const manifest of manifests) {
      const root = path.dirname(manifest)
      const cases = await casesOf(manifest)
      const components = cases.filter((one): one is ComponentCase => !('id' in one))
      for (const one of cases) {
        if ('id' in one) yield await runCase(root, one, tokenizer, schedulers, runner)
        else if (one.components) yield* caught(one, checkpointCase(root, one, components, runner))
        else if (one.base) yield* caught(one, loraCase(root, one, components, runner))
        else yield* caught(one, componentCase(root, one, runner))
      }
    }
  } finally {
    await runner.close()
  }
}

async function casesOf(manifest: string): Promise<readonly (ComponentCase | RunCase)[]> {
  const { cases } = (await readJson(manifest).catch((cause: unknown) => {
    throw new InlayError('model.unreadable', `${manifest} cannot be read; get the folder again.`, { cause })
  })) as { cases?: unknown }
  if (!Array.isArray(cases))
    throw new InlayError('model.unreadable', `${manifest} lists no cases; get the folder again.`)
  return cases
}

async function runCase(
  root: string,
  { id, files }: RunCase,
  tokenizer: string,
  schedulers: SchedulerCases,
  runner: GraphRunner,
): Promise<GoldenResult> {
  const paths = Array.isArray(files) ? files.map((file) => path.join(root, String(file))) : []
  switch (id.split('/')[0]) {
    case 'tokenizer':
      return runTokenizerCase(id, paths[0] ?? root, tokenizer)
    case 'prompts':
      return runPromptsCase(id, paths[0] ?? root)
    case 'schedulers':
      return schedulers.run(id, paths)
    case 'pipelines':
      return id.endsWith('/model')
        ? modelCase(id, paths[0] ?? root)
        : runPipelineCase(
            id,
            paths.find((file) => path.basename(file) === 'run.json') ?? root,
            tokenizer,
            runner,
          )
    default:
      return notBuilt(id)
  }
}

/** A whole checkpoint: every network is held against its configuration when it is opened; the error is what it lacks. */
function modelCase(id: string, folder: string): Promise<GoldenResult> {
  return compared(id, { missing: 0 }, async () => {
    const count = (value: number) => ({ missing: { data: Float32Array.of(value), shape: [] } })
    const { missing } = await openCheckpoint(folder)
    return { found: count(missing.length), expected: count(0) }
  })
}

/** A case that cannot even be set up has failed; those after it still run. */
async function* caught(
  one: ComponentCase,
  results: AsyncGenerator<GoldenResult>,
): AsyncGenerator<GoldenResult> {
  try {
    yield* results
  } catch (error) {
    yield failed(`${one.folder}/${one.case}`, error)
  }
}

/** A component in float32, and where the folder has them its float16 variant and the one with older attention names. */
async function* componentCase(
  root: string,
  one: ComponentCase,
  runner: GraphRunner,
): AsyncGenerator<GoldenResult> {
  const name = `${one.folder}/${one.case}`
  const folder = path.join(root, one.folder)
  const config = await readJson(path.join(folder, 'config.json'))
  const inputs = await tensorsBelow(path.join(folder, 'io.safetensors'), `${one.case}.in.`)
  const run = (label: string, file: () => string, io: string, tolerances: Readonly<Record<string, number>>) =>
    compared(label, tolerances, async () => {
      const source = file()
      const { tensors } = await readSafetensors(source)
      const component = goldenComponent(one.family, { config, tensors, source })
      return {
        found: await goldenOutputs(component, inputs, Object.keys(tolerances), runner),
        expected: await tensorsBelow(path.join(folder, io), `${one.case}.out.`),
      }
    })
  yield await run(name, () => weightsFile(folder), 'io.safetensors', tolerancesOf(one))
  if (!one.fp16_tolerance) return
  yield await run(
    `${name} (fp16)`,
    () => weightsFile(folder, '.fp16'),
    'io.fp16.safetensors',
    one.fp16_tolerance,
  )
  const legacy = path.join(folder, LEGACY)
  if (existsSync(legacy))
    yield await run(
      `${name} (${LEGACY})`,
      () => weightsFile(legacy),
      'io.fp16.safetensors',
      one.fp16_tolerance,
    )
}

const LEGACY = 'legacy-attention-names'

/** Every component of a single file, each against the first case of the folder that has its configuration. */
async function* checkpointCase(
  root: string,
  one: ComponentCase,
  cases: readonly ComponentCase[],
  runner: GraphRunner,
): AsyncGenerator<GoldenResult> {
  const source = path.join(root, one.folder, 'model.safetensors')
  const roles = Object.entries(one.components ?? {})
  const configs: Record<string, unknown> = {}
  for (const [role, folder] of roles) configs[role] = await readJson(path.join(root, folder, 'config.json'))
  const unet = configs['unet'] === undefined ? null : unetConfig(configs['unet'], source)
  const vae = configs['vae'] === undefined ? null : autoencoderConfig(configs['vae'], source)
  const text = configs['text_encoder_2'] ?? configs['text_encoder']
  const parts = checkpointComponents((await readSafetensors(source)).tensors, {
    unetLevels: unet?.channels.length ?? 0,
    unetBlocks: unet?.blocks ?? 0,
    vaeLevels: vae?.decoder.channels.length ?? 0,
    openClipLayers: text === undefined ? 0 : clipTextConfig(text, source).layers,
  })
  for (const [role, folder] of roles) {
    const tolerances = tolerancesOf(one, `${role}.out.`)
    yield await compared(`${one.folder}/${role}`, tolerances, async () => {
      const first = firstCase(cases, folder)
      const tensors = parts[role as keyof typeof parts]
      const component = goldenComponent(first.family, { config: configs[role], tensors, source })
      const inputs = await tensorsBelow(path.join(root, folder, 'io.safetensors'), `${first.case}.in.`)
      return {
        found: await goldenOutputs(component, inputs, Object.keys(tolerances), runner),
        expected: await tensorsBelow(path.join(root, one.folder, 'io.safetensors'), `${role}.out.`),
      }
    })
  }
}

/** The networks that a LoRA file adapts, at the weight that the case's name says: `<file>.scale_<weight>`. */
async function* loraCase(
  root: string,
  one: ComponentCase,
  cases: readonly ComponentCase[],
  runner: GraphRunner,
): AsyncGenerator<GoldenResult> {
  const [, stem, weight] = /^(.*)\.scale_([^/]+)$/.exec(one.case) ?? []
  const lora = await openLora(path.join(root, one.folder, `${stem}.safetensors`))
  for (const [role, folder] of Object.entries(one.base ?? {})) {
    const tolerances = tolerancesOf(one, `${role}.`)
    yield await compared(`${one.folder}/${one.case} (${role})`, tolerances, async () => {
      const first = firstCase(cases, folder)
      const source = weightsFile(path.join(root, folder))
      const config = await readJson(path.join(root, folder, 'config.json'))
      const { tensors } = await readSafetensors(source)
      const component = {
        ...goldenComponent(first.family, { config, tensors, source }),
        role: role as 'unet',
      }
      const inputs = await tensorsBelow(path.join(root, folder, 'io.safetensors'), `${first.case}.in.`)
      const loras = [{ lora, weight: Number(weight) }]
      return {
        found: await goldenOutputs(component, inputs, Object.keys(tolerances), runner, loras),
        expected: await tensorsBelow(
          path.join(root, one.folder, 'io.safetensors'),
          `${one.case}.out.${role}.`,
        ),
      }
    })
  }
}

function firstCase(cases: readonly ComponentCase[], folder: string): ComponentCase {
  const found = cases.find((one) => one.folder === folder)
  if (!found) throw new Error(`no case has the inputs of ${folder}`)
  return found
}

/** The tolerances of the outputs whose names begin with `start`, by the rest of their names. */
function tolerancesOf({ outputs }: ComponentCase, start = ''): Readonly<Record<string, number>> {
  const listed = Object.entries(outputs).filter(([key]) => key.startsWith(start))
  return Object.fromEntries(listed.map(([key, { tolerance }]) => [key.slice(start.length), tolerance]))
}
