/** `inlay models`: the installed models. They stay where they are; Inlay keeps a list of them. */
import type { Command } from 'commander'
import { ERROR_EXIT } from '../../../shared/errors.ts'
import type { InstalledModel } from '../../../shared/model-manifest.ts'
import { kindOf } from '../../../shared/model-words.ts'
import { ModelRegistry } from '../../engine/index.ts'
import { defaultDataFolder } from '../../hosts/data-folder.ts'
import { formatBytes, type OutputOptions, printNotices, printResult } from '../output.ts'
import { addModelsGet } from './models-get.ts'
import { addModelsInspect, describeSummary, type InspectOptions, predictionOption } from './models-inspect.ts'

export function addModels(program: Command): void {
  const models = program.command('models').summary('list, look into, add, check and remove models')
  models
    .command('list')
    .summary('list the installed models')
    .option('--json', 'print the result as JSON')
    .action(list)
  addModelsInspect(models)
  addModelsGet(models)
  models
    .command('import')
    .summary('put a model on the list; its files stay where they are')
    .argument('<path>', 'a folder or a .safetensors file')
    .option('--name <name>', 'what to call it; by its folder or file where not given')
    .addOption(predictionOption())
    .option('--json', 'print the result as JSON')
    .action(add)
  models
    .command('verify')
    .summary('say whether the files of a model are as they were when it was imported')
    .argument('<name>', 'as `inlay models list` prints it')
    .option('--json', 'print the result as JSON')
    .action(verify)
  models
    .command('remove')
    .summary('take a model off the list; its files stay')
    .argument('<name>', 'as `inlay models list` prints it')
    .option('--json', 'print the result as JSON')
    .action(remove)
}

async function list(options: OutputOptions): Promise<void> {
  const models = await registry().list()
  const lines = models.length === 0 ? ['No model is installed.'] : models.map(describe)
  printResult(options, models, lines)
}

async function add(place: string, options: InspectOptions & { readonly name?: string }): Promise<void> {
  const stated = options.prediction === undefined ? {} : { predictionType: options.prediction }
  const model = await registry().add(place, options.name, stated)
  printNotices(options, model.summary?.notices ?? [])
  const lines = model.summary === null ? [] : describeSummary(model.summary)
  printResult(options, model, [`Added ${describe(model)}.`, ...lines])
}

async function verify(name: string, options: OutputOptions): Promise<void> {
  const changes = await registry().changes(name)
  if (changes.length > 0) process.exitCode = ERROR_EXIT['model.unreadable']
  const lines = changes.length === 0 ? [`${name}: unchanged since it was imported.`] : changes
  printResult(options, { name, unchanged: changes.length === 0, changes }, lines)
}

async function remove(name: string, options: OutputOptions): Promise<void> {
  const model = await registry().remove(name)
  printResult(options, model, [`Took ${name} off the list. Its files are where they were: ${model.path}`])
}

function registry(): ModelRegistry {
  return new ModelRegistry(defaultDataFolder())
}

function describe({ name, path: place, files, summary }: InstalledModel): string {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const kind = summary === null ? '' : `${kindOf(summary)}, `
  return `${name} (${kind}${formatBytes(bytes)}): ${place}`
}
