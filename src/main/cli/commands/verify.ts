/** `inlay verify`: is a project file whole? */
import type { Command } from 'commander'
import { ERROR_EXIT } from '../../../shared/errors.ts'
import { verify } from '../../engine/index.ts'
import { type OutputOptions, printResult } from '../output.ts'

export function addVerify(program: Command): void {
  program
    .command('verify')
    .summary('check a project: the database, every tile, and a replay of the whole history')
    .argument('<project>', 'an .inlay project')
    .option('--json', 'print the result as JSON')
    .action((project: string, options: OutputOptions) => {
      const result = verify(project)
      if (!result.ok) process.exitCode = ERROR_EXIT['project.damaged']
      printResult(options, result, [
        `${project}: ${result.ok ? 'whole' : 'damaged'}, ${result.commands} history entries on ${result.branches} branches, ${result.tiles} tiles`,
        ...result.problems,
        ...(result.ok ? [] : [`Save what can be read with: inlay recover ${project} -o recovered.inlay`]),
      ])
    })
}
