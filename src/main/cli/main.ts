/**
 * The command line: one host of the engine, for scripts and for machines without a window.
 *
 * Invariant: it reaches the engine through `engine/index.ts` only, runs it in this process, and ends with the exit
 * status of the first error. Every command is a file in `commands/`.
 */
import { Command, CommanderError } from 'commander'
import { ERROR_EXIT } from '../../shared/errors.ts'
import { addBatch } from './commands/batch.ts'
import { addCompact } from './commands/compact.ts'
import { addEval } from './commands/eval.ts'
import { addExport } from './commands/export.ts'
import { addHistory } from './commands/history.ts'
import { addImport } from './commands/import.ts'
import { addInspect } from './commands/inspect.ts'
import { addModels } from './commands/models.ts'
import { addProviders } from './commands/providers.ts'
import { addRecover } from './commands/recover.ts'
import { addVerify } from './commands/verify.ts'
import { addRecipe } from './generation/add-recipe.ts'
import { RECIPES } from './generation/recipes.ts'
import { printError } from './output.ts'

const EXIT_CODES = `
Exit status:
  0  done
  1  a bug in Inlay
  2  an option or argument that makes no sense
  3  a picture or mask that cannot be used
  4  a project that cannot be used
  5  a file, folder, disk or host that failed
  6  cancelled
  7  a model that cannot be used
  101 to 125: so many of a batch failed, less 100`

const program = new Command('inlay')
  .description('Inlay on the command line: change photographs, and look into project files.')
  .configureOutput({ writeErr: (text) => process.stderr.write(text.split('\n').slice(0, 3).join('\n')) })
  .exitOverride()
  .showHelpAfterError('(inlay --help lists the commands and options)')
  .addHelpText('after', EXIT_CODES)

for (const recipe of RECIPES) addRecipe(program, recipe)
for (const add of [
  addBatch,
  addImport,
  addExport,
  addInspect,
  addHistory,
  addVerify,
  addRecover,
  addCompact,
  addModels,
  addProviders,
  addEval,
])
  add(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : ERROR_EXIT.usage
  else printError(error, process.argv.includes('--json'))
}
