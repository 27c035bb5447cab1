/** `inlay models inspect`: what a model is and what it lacks, read from its headers alone. Nothing is put on the list. */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { type Command, Option } from 'commander'
import { InlayError } from '../../../shared/errors.ts'
import type { ModelSummary } from '../../../shared/model-manifest.ts'
import { familyName, layoutName, taskName } from '../../../shared/model-words.ts'
import { inspectLoras, inspectModel, ModelRegistry } from '../../engine/index.ts'
import { defaultDataFolder } from '../../hosts/data-folder.ts'
import { formatBytes, type OutputOptions, printNotices, printResult } from '../output.ts'

export interface InspectOptions extends OutputOptions {
  readonly prediction?: NonNullable<ModelSummary['predictionType']>
}

/** What the person may state of a denoiser whose files do not say it. */
export function predictionOption(): Option {
  return new Option('--prediction <type>', 'what its denoiser predicts, where its files do not say').choices([
    'epsilon',
    'v_prediction',
  ])
}

export function addModelsInspect(models: Command): void {
  models
    .command('inspect')
    .summary('say what a model is, what it is made of and what it lacks')
    .argument('<path>', 'a folder or a .safetensors file, or the name of an installed model')
    .addOption(predictionOption())
    .option('--lora <file...>', 'LoRA files: how many of their layers the model has')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  inlay models inspect ~/models/sd-v1-5-inpainting\n  inlay models inspect v2-1_512.safetensors --prediction epsilon\n  inlay models inspect ~/models/sd-v1-5-inpainting --lora film-grain.safetensors',
    )
    .action(inspect)
}

async function inspect(
  place: string,
  options: InspectOptions & { readonly lora?: readonly string[] },
): Promise<void> {
  const { path, stated } = await placeOf(place)
  const prediction = options.prediction ?? stated ?? undefined
  const opened = prediction === undefined ? {} : { predictionType: prediction }
  const summary = await inspectModel(path, opened)
  const loras = await inspectLoras(path, options.lora ?? [], opened)
  printNotices(options, [...summary.notices, ...loras.flatMap(({ notice }) => notice ?? [])])
  const result = { path, ...summary, ...(options.lora ? { loras } : {}) }
  printResult(options, result, [
    ...describeSummary(summary),
    ...loras.map(({ file, layers, fitting }) => {
      const share = fitting === layers ? `${layers} layers` : `${fitting} of ${layers} layers`
      return `${'lora'.padEnd(12)}${basename(file)}, ${share}`
    }),
  ])
}

/** What is there under that name is meant first, then what is installed under it. */
async function placeOf(
  place: string,
): Promise<{ path: string; stated: InspectOptions['prediction'] | null }> {
  if (existsSync(place)) return { path: place, stated: null }
  try {
    const model = await new ModelRegistry(defaultDataFolder()).find(place)
    return { path: model.path, stated: model.statedPrediction }
  } catch (error) {
    if (!(error instanceof InlayError) || error.code !== 'model.unknown' || !/[/\\.]/.test(place)) throw error
    return { path: place, stated: null }
  }
}

const PREDICTIONS = { epsilon: 'the noise (epsilon)', v_prediction: 'the velocity (v_prediction)' } as const

export function describeSummary(summary: ModelSummary): readonly string[] {
  const { family, task, layout, predictionType, components, dtypes, bytes, licence, missing } = summary
  const row = (label: string, text: string) => `${label.padEnd(12)}${text}`
  return [
    row('family', family === null ? 'not told by its files' : familyName(family)),
    ...(task === null ? [] : [row('made for', taskName(task))]),
    row('layout', layoutName(layout)),
    ...(predictionType === null ? [] : [row('predicts', PREDICTIONS[predictionType])]),
    ...components.map(({ role, architecture, parameters }, i) =>
      row(
        i === 0 ? 'parts' : '',
        `${role.padEnd(16)}${architecture}${parameters === null ? '' : `, ${parameters.toLocaleString('en')} parameters`}`,
      ),
    ),
    row('weights', [...dtypes, formatBytes(bytes)].join(', ')),
    row('licence', licence ?? 'none stated'),
    ...(missing.length === 0
      ? [row('missing', 'nothing')]
      : missing.map((one, i) => row(i === 0 ? 'missing' : '', one))),
  ]
}
