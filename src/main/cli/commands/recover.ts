/** `inlay recover`: what can be read of a damaged project, as a new one. */
import type { Command } from 'commander'
import { ProjectSession, requireWritablePlace } from '../../engine/index.ts'
import { formatBytes, type OutputOptions, printNotices, printResult } from '../output.ts'

export function addRecover(program: Command): void {
  program
    .command('recover')
    .summary('write what can be read of a damaged project to a new one')
    .argument('<project>', 'an .inlay project')
    .requiredOption('-o, --output <project.inlay>', 'the project to write; overwrites')
    .option('--json', 'print the result as JSON')
    .action(run)
}

async function run(project: string, options: OutputOptions & { readonly output: string }): Promise<void> {
  await requireWritablePlace(options.output)
  const session = ProjectSession.open(project, { readOnly: true })
  try {
    const { bytes } = session.saveCopy(options.output)
    const copy = ProjectSession.open(options.output, { readOnly: true })
    const { notices } = copy
    copy.close()
    printNotices(options, notices)
    printResult(options, { output: options.output, bytes, notices }, [
      `Wrote ${options.output} (${formatBytes(bytes)}).`,
    ])
  } finally {
    session.close()
  }
}
