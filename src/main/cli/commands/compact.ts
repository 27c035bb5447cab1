/** `inlay compact`: makes a project file as small as it can be. */
import type { Command } from 'commander'
import { compact } from '../../engine/index.ts'
import { formatBytes, type OutputOptions, printResult } from '../output.ts'

export function addCompact(program: Command): void {
  program
    .command('compact')
    .summary('make a project file smaller without changing anything in it')
    .argument('<project>', 'an .inlay project')
    .option('--json', 'print the result as JSON')
    .action((project: string, options: OutputOptions) => {
      const result = compact(project)
      printResult(options, result, [
        `${project}: ${formatBytes(result.before)} before, ${formatBytes(result.after)} now, ${result.droppedTiles} unused tiles dropped.`,
      ])
    })
}
