/** `inlay history`: what was done to a project. */
import type { Command } from 'commander'
import { ProjectSession } from '../../engine/index.ts'
import { type OutputOptions, printResult } from '../output.ts'

export function addHistory(program: Command): void {
  program
    .command('history')
    .summary('list the history of a project, the import first')
    .argument('<project>', 'an .inlay project')
    .option('--json', 'an array of entries: id, parent, label, origin, time, head, undone')
    .action(run)
}

function run(project: string, options: OutputOptions): void {
  const session = ProjectSession.open(project, { readOnly: true })
  try {
    const { entries, head } = session.history
    const parents = new Map(entries.map((entry) => [entry.id, entry.parent]))
    const live = new Set<string>()
    for (let id: typeof head | null = head; id !== null; id = parents.get(id) ?? null) live.add(id)
    const value = entries.map((entry) => ({
      ...entry,
      time: new Date(entry.time).toISOString(),
      head: entry.id === head,
      /** On another branch, or taken back by undo. */
      undone: !live.has(entry.id),
    }))
    printResult(
      options,
      value,
      value.map((entry) => {
        const mark = entry.head ? '>' : entry.undone ? '·' : ' '
        return `${mark} ${entry.time.slice(0, 19).replace('T', ' ')}  ${entry.label}`
      }),
    )
  } finally {
    session.close()
  }
}
