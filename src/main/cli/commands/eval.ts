/** `inlay eval`: how well a model of our own recipe keeps and fills, on photographs whose hole is known. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { openBuiltIn } from '../../engine/index.ts'
import { type Evaluation, evaluate } from '../../engine/inference/evaluate/evaluate.ts'
import { defaultDataFolder } from '../../hosts/data-folder.ts'
import { interrupted } from '../interrupt.ts'
import { type OutputOptions, printNotices, printResult, progressBar } from '../output.ts'

interface EvalOptions extends OutputOptions {
  readonly model: string
  readonly photos: string
  readonly masks: string
  readonly decoder?: 'plain' | 'asymmetric'
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
    .option('--json', 'print the result as JSON')
    .action(run)
}

async function run(options: EvalOptions): Promise<void> {
  const folder = options.model === 'built-in' ? BUILT_IN : path.resolve(options.model)
  const model = await openBuiltIn(folder, defaultDataFolder())
  const bar = progressBar(options, 'Evaluating')
  const { photos, masks, decoder } = options
  try {
    const result = await evaluate(model, {
      photos,
      masks,
      ...(decoder === undefined ? {} : { decoder }),
      signal: interrupted,
      onProgress: bar.update,
    })
    bar.end()
    printNotices(options, result.notices)
    printResult(options, { model: options.model, ...result }, [
      `${result.photographs} photographs, ${result.masks} masks. Decibels and similarity: whole / hole / kept.`,
      HEADER,
      ...result.arms.map(row),
    ])
  } finally {
    bar.end()
  }
}

const HEADER = [
  ''.padEnd(36),
  'PSNR'.padEnd(20),
  'SSIM'.padEnd(24),
  'kept, error²'.padEnd(14),
  'in 8 bits'.padEnd(12),
  'seam'.padEnd(9),
  'rim',
].join('')

function row(figures: Evaluation['arms'][number]): string {
  const { arm, psnr, ssim, preservation, preservation8, seam, rimContrast } = figures
  const three = (by: typeof psnr, digits: number) =>
    [by.whole, by.hole, by.kept].map((value) => (value === null ? '–' : value.toFixed(digits))).join(' / ')
  const small = (value: number | null) => (value === null ? '–' : value === 0 ? '0' : value.toExponential(2))
  return [
    arm.padEnd(36),
    three(psnr, 1).padEnd(20),
    three(ssim, 3).padEnd(24),
    small(preservation).padEnd(14),
    small(preservation8).padEnd(12),
    (seam?.toFixed(4) ?? '–').padEnd(9),
    rimContrast?.toFixed(2) ?? '–',
  ].join('')
}
