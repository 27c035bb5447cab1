/**
 * A process of its own that works on a project until it is killed: `node project-child.ts <mode> <file> <seed>`.
 * It prints one line for each thing that is done, only after it is done.
 *
 * Modes: `edit` does everything a person does, at random; `stroke` paints one stroke after another; `hold` opens and
 * waits; `open` opens, says how, and closes. The first line says whether it may write.
 */
import fs from 'node:fs'
import { ProjectSession } from '../../src/main/engine/project/project-session.ts'
import { exercise, stroke } from './project-exercise.ts'
import { Random } from './project-random.ts'

const [mode, file, seed] = process.argv.slice(2) as [string, string, string]
const say = (line: string): number => fs.writeSync(1, `${line}\n`)

const session = ProjectSession.open(file)
say(session.readOnly ? 'read-only' : 'writing')
if (mode === 'open') session.close()
if (mode === 'hold') setInterval(() => session.path, 1000)
if (mode === 'edit' || mode === 'stroke') {
  const random = new Random(Number(seed))
  session.watch((event) => {
    if (event.type === 'committed') say(`${event.command.id}`)
    if (event.type === 'moved') say(`${event.head}`)
  })
  for (;;) {
    if (mode === 'edit') exercise(session, random, 1)
    else stroke(session, random)
    if (random.chance(0.2)) session.compressSome()
  }
}
