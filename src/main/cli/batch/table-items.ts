/**
 * The items of a table: a line each, with the columns `command`, `input`, `mask`, `output` and any option by its name.
 *
 * Invariant: paths are meant from the table's folder; an empty cell says nothing. A column that no command has is an error of the
 * whole table, a cell that makes no sense one of its item.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { InlayError, toWireError } from '../../../shared/errors.ts'
import { flagOf, type Given, OPTIONS, type OptionName, parseCell } from '../generation/options.ts'
import type { Recipe } from '../generation/recipe.ts'
import type { Job } from '../generation/run-job.ts'
import { parseCsv } from './csv.ts'
import { type BatchItem, type BatchJob, givenFor, requireWhole, withoutClashes } from './item.ts'

export interface BatchSettings {
  readonly recipes: readonly Recipe[]
  /** Where an item names none. */
  readonly recipe: Recipe
  readonly common: Given
  /** The folder for results that have no place of their own. */
  readonly output: string | undefined
}

const PLACES = ['command', 'input', 'output'] as const
const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[]
type Column = (typeof PLACES)[number] | OptionName

/** @throws InlayError `usage`, `file.missing`, `file.denied` */
export async function itemsOfTable(file: string, settings: BatchSettings): Promise<readonly BatchItem[]> {
  const { head, rows } = parseCsv(await readTable(file), file)
  const columns = head.map((name) => columnOf(name, file))
  const twice = columns.find((column, i) => columns.indexOf(column) !== i)
  if (twice !== undefined)
    throw new InlayError('usage', `${file} has two columns ${twice}; keep one of them.`)
  if (rows.length === 0) throw new InlayError('usage', `${file} has a head and no line; write a line a job.`)
  const folder = path.dirname(file)
  const items = rows.map(({ line, cells }): BatchItem => {
    const said = new Map<Column, string>()
    for (const [i, cell] of cells.entries()) if (cell.trim() !== '') said.set(columns[i]!, cell.trim())
    const name = `line ${line}${said.has('input') ? ` (${said.get('input')})` : ''}`
    try {
      return { name, job: jobOf(said, folder, settings) }
    } catch (error) {
      const { code, message } = toWireError(error)
      return { name, job: new InlayError(code, message) }
    }
  })
  return withoutClashes(items)
}

async function readTable(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new InlayError(
      isMissing ? 'file.missing' : 'file.denied',
      isMissing ? `There is no ${file}; check the name.` : `${file} may not be read; check its permissions.`,
      { cause },
    )
  }
}

function columnOf(name: string, file: string): Column {
  const wanted = name.trim().toLowerCase()
  const found = [...PLACES, ...OPTION_NAMES].find((one) => flagOf(one as OptionName) === wanted)
  if (found) return found
  const known = [...PLACES, ...OPTION_NAMES].map((one) => flagOf(one as OptionName)).join(', ')
  throw new InlayError('usage', `${file} has a column "${name}", which is none of: ${known}.`)
}

function jobOf(
  said: ReadonlyMap<Column, string>,
  folder: string,
  { recipes, recipe: usual, common, output }: BatchSettings,
): BatchJob {
  const command = said.get('command') ?? usual.name
  const recipe = recipes.find(({ name }) => name === command)
  if (!recipe)
    throw new InlayError(
      'usage',
      `There is no command "${command}" for a batch; there are ${recipes.map(({ name }) => name).join(', ')}.`,
    )
  const own: { [name: string]: unknown } = {}
  for (const name of OPTION_NAMES) {
    const cell = said.get(name)
    if (cell !== undefined) own[name] = parseCell(name, cell)
  }
  if (own['mask'] !== undefined) own['mask'] = path.resolve(folder, String(own['mask']))
  const given = givenFor(recipe, common, own as Given)
  const inputCell = said.get('input')
  const input = inputCell === undefined ? null : path.resolve(folder, inputCell)
  const outputCell = said.get('output')
  const job: Job = { recipe, input, given, output: undefined }
  requireWhole(job)
  if (outputCell !== undefined) return { ...job, output: path.resolve(folder, outputCell) }
  if (output === undefined || input === null)
    throw new InlayError('usage', 'The line has no output; add such a column, or a folder with -o.')
  return { ...job, output: path.join(output, `${path.parse(input).name}.png`) }
}
