/** A recipe as a command: its options, its help, and running it. */
import type { Command } from 'commander'
import { interrupted } from '../interrupt.ts'
import { type OutputOptions, printNotices, printResult } from '../output.ts'
import { workProgress } from '../progress.ts'
import { Models, type ModelsOptions, providerOption } from './models.ts'
import { type Given, optionOf } from './options.ts'
import { optionsOf, type Recipe } from './recipe.ts'
import { jsonOf, noticesOf, outcomeLines } from './results.ts'
import { type Job, runJob } from './run-job.ts'

type CommandOptions = Given & OutputOptions & ModelsOptions & { readonly output?: string }

export function addRecipe(program: Command, recipe: Recipe): void {
  const command = program
    .command(recipe.name)
    .summary(recipe.summary)
    .description(`${recipe.description}\n${recipe.changesPicture ? CHANGED : MADE}`)
  if (recipe.changesPicture) command.argument('<file>', 'a photograph, or an .inlay project')
  for (const name of optionsOf(recipe))
    command.addOption(optionOf(name).makeOptionMandatory(name === 'mask' && recipe.mask === 'needed'))
  command
    .addOption(providerOption())
    .option('-o, --output <file>', 'where the result goes: an image or an .inlay project; overwrites')
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `\nExample${recipe.examples.length > 1 ? 's' : ''}:\n${recipe.examples.map((line) => `  ${line}`).join('\n')}`,
    )
    .action(async (...args: unknown[]) => {
      const input = recipe.changesPicture ? (args[0] as string) : null
      const { output, json, provider, ...given } = args[recipe.changesPicture ? 1 : 0] as CommandOptions
      await run(
        { recipe, input, given, output },
        { ...(json ? { json } : {}) },
        { ...(provider ? { provider } : {}) },
      )
    })
}

const CHANGED =
  'Pixels outside the (grown) mask stay byte for byte as they are.\n' +
  'A project without -o gets a layer and a history entry; with -o an image or a new project is written instead.'
const MADE = 'The result is an image or a new project.'

async function run(job: Job, options: OutputOptions, wanted: ModelsOptions): Promise<void> {
  const models = new Models(wanted)
  const progress = workProgress(options)
  try {
    const outcome = await runJob(job, {
      models,
      signal: interrupted,
      onProgress: (now) => progress.update(now),
      onNotices: (notices) => {
        progress.end()
        printNotices(options, notices)
      },
    })
    progress.end()
    printNotices(options, noticesOf(outcome))
    printResult(options, jsonOf(job, outcome), outcomeLines(job, outcome))
  } finally {
    progress.end()
    await models.close()
  }
}
