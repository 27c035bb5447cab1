/** `inlay batch`: a folder of pictures, or a table with a job in each line. */
import { mkdir, stat } from 'node:fs/promises'
import { type Command, Option } from 'commander'
import { InlayError } from '../../../shared/errors.ts'
import { itemsOfFolder } from '../batch/folder-items.ts'
import type { BatchItem } from '../batch/item.ts'
import { type ItemResult, runBatch } from '../batch/run-batch.ts'
import { itemsOfShard, parseShard, type Shard } from '../batch/shard.ts'
import { type BatchSettings, itemsOfTable } from '../batch/table-items.ts'
import { Models, type ModelsOptions, providerOption } from '../generation/models.ts'
import { type Given, OPTIONS, type OptionName, optionOf } from '../generation/options.ts'
import { RECIPES } from '../generation/recipes.ts'
import { noticesOf, printable } from '../generation/results.ts'
import { interrupted } from '../interrupt.ts'
import { type OutputOptions, printNotices, printResult } from '../output.ts'
import { formatSeconds, workProgress } from '../progress.ts'

type BatchOptions = Given &
  OutputOptions &
  ModelsOptions & {
    readonly command: string
    readonly masks?: string
    readonly shard?: Shard
    readonly output?: string
  }

/** Statuses beyond are the shell's own. */
const FIRST_FAILURE = 100
const MOST_FAILURES = 25

export function addBatch(program: Command): void {
  const command = program
    .command('batch')
    .summary('do many jobs: a folder of pictures, or a table')
    .description(
      'A folder: its pictures, the masks of beach.jpg being beach*mask*.png beside it or beach*.png in --masks.\n' +
        'A table (CSV in UTF-8): a line each, with the columns command, input, mask, output and any option below by its name; paths are meant from its folder. Options given here count where a line says nothing.\n' +
        'What is done already from the same request is skipped, so a batch can be run again; a job that fails does not stop the others.',
    )
    .argument('<folder|table>', 'a folder, or a .csv file')
    .addOption(
      new Option('--command <name>', 'what is done where a line does not say')
        .choices(RECIPES.map(({ name }) => name))
        .default('inpaint'),
    )
    .option('--masks <folder>', 'where the masks of a folder lie, when not beside')
    .option('--shard <i/n>', 'only every n-th job, from the i-th: for array jobs of a cluster', parseShard)
  for (const name of Object.keys(OPTIONS) as OptionName[])
    if (name !== 'mask') command.addOption(optionOf(name))
  command
    .addOption(providerOption())
    .option(
      '-o, --output <folder>',
      'where results without a place of their own go; made where it is not there',
    )
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      `
Exit status: 0 when every job is done, 100 and the number of those that failed (125 for 25 and more) when not.

Examples:
  inlay batch photos --command remove --grow 4 -o results
  inlay batch photos --masks masks --model sd-inpainting --prompt "sand" -o results
  inlay batch jobs.csv --model sd-inpainting --shard 3/16`,
    )
    .action(run)
}

async function run(place: string, options: BatchOptions): Promise<void> {
  const { command, masks, shard, output, json, provider, ...common } = options
  const recipe = RECIPES.find(({ name }) => name === command)!
  const settings = { recipes: RECIPES, recipe, common, output }
  const all = await itemsOf(place, settings, masks)
  const items = shard === undefined ? all : itemsOfShard(all, shard)
  if (output !== undefined) await makeFolder(output)
  const models = new Models(provider === undefined ? {} : { provider })
  const said = json ? { json } : {}
  const label = (i: number) => `[${i + 1}/${items.length}] `
  const progress = workProgress(said)
  try {
    const results = await runBatch(items, {
      models,
      signal: interrupted,
      onProgress: (i, now) => progress.update(now, label(i)),
      onNotices: (i, notices) => {
        progress.end()
        printNotices(
          said,
          notices.map((notice) => `${label(i)}${notice}`),
        )
      },
      onResult: (i, result) => {
        progress.end()
        if (json) return
        printNotices(
          said,
          noticesOf({ outputs: result.outputs, entries: [] }).map((one) => `${label(i)}${one}`),
        )
        process.stderr.write(`${label(i)}${resultLine(result)}\n`)
      },
    })
    finish(said, results)
  } finally {
    progress.end()
    await models.close()
  }
}

async function itemsOf(
  place: string,
  settings: BatchSettings,
  masks: string | undefined,
): Promise<readonly BatchItem[]> {
  const found = await stat(place).catch((cause: unknown) => {
    throw new InlayError('file.missing', `There is no ${place}; name a folder or a table.`, { cause })
  })
  if (found.isDirectory()) return itemsOfFolder(place, { ...settings, masks: masks ?? null })
  if (masks !== undefined)
    throw new InlayError('usage', 'A table names its masks itself; leave --masks out, or give a folder.')
  return itemsOfTable(place, settings)
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw new InlayError('file.denied', `The folder ${folder} cannot be made; choose another with -o.`, {
      cause,
    })
  }
}

function resultLine({ name, output, state, error, seconds }: ItemResult): string {
  if (state === 'skipped') return `${printable(name)}: done before`
  if (state === 'done') return `${printable(name)} → ${printable(output!)}, ${formatSeconds(seconds)}`
  return `${printable(name)}: ${printable(error!.message)} (${error!.code})`
}

function finish(options: OutputOptions, results: readonly ItemResult[]): void {
  const count = (state: ItemResult['state']) => results.filter((result) => result.state === state).length
  const [done, skipped, failed] = [count('done'), count('skipped'), count('failed')]
  if (failed > 0) process.exitCode = FIRST_FAILURE + Math.min(failed, MOST_FAILURES)
  printResult(options, { done, skipped, failed, items: results }, [
    `${done} done, ${skipped} done before, ${failed} failed.`,
  ])
}
