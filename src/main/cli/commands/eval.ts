/** `inlay eval`: how well a model of our own recipe keeps and fills, on photographs whose hole is known. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { openBuiltIn } from '../../engine/index.ts'
import { evaluate } from '../../engine/inference/evaluate/evaluate.ts'
import { defaultDataFolder } from '../../hosts/data-folder.ts'
import { numberOption } from '../arguments.ts'
import { interrupted } from '../interrupt.ts'
import { type OutputOptions, printNotices, printResult, progressBar } from '../output.ts'
import { evaluationLines } from './eval-table.ts'

interface EvalOptions extends OutputOptions {
  readonly model: string
  readonly photos: string
  readonly masks: string
  readonly decoder?: 'plain' | 'asymmetric'
  readonly margin: number
}

const BUILT_IN = fileURLToPath(new URL('../../../../models/built-in', import.meta.url))

export function addEval(program: Command): void {
  program
    .command('eval')
    .summary('measure how well a model keeps what is kept and fills what is not')
    .option('--model <model>', '`built-in`, or a folder with such a model and its manifest.json', 'built-in')
    .requiredOption('--photos <folder>', 'photographs of at most 4 megapixels')
    .requiredOption('--masks <folder>', 'the masks of beach.jpg are beach*.png: any value above 0 is hole')
    .addOption(new Option('--decoder <which>', 'only this one').choices(['plain', 'asymmetric']))
    .option(
      '--margin <cells>',
      'surroundings of a decode around the hole, in cells of 8 pixels',
      numberOption('margin', 0, 1000, true),
      4,
    )
    .option('--json', 'print the result as JSON')
    .action(run)
}

async function run(options: EvalOptions): Promise<void> {
  const folder = options.model === 'built-in' ? BUILT_IN : path.resolve(options.model)
  const model = await openBuiltIn(folder, defaultDataFolder())
  const bar = progressBar(options, 'Evaluating')
  const { photos, masks, decoder, margin } = options
  try {
    const result = await evaluate(model, {
      photos,
      masks,
      margin,
      ...(decoder === undefined ? {} : { decoder }),
      signal: interrupted,
      onProgress: bar.update,
    })
    bar.end()
    printNotices(options, result.notices)
    printResult(options, { model: options.model, ...result }, evaluationLines(result))
  } finally {
    bar.end()
  }
}
