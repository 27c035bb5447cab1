/**
 * Law 1, through the whole house: the project host is killed in the middle of 50 random strokes of a real brush. The file
 * opens at the last stroke that was confirmed (or the one under way), every time.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { verify } from '../../../src/main/engine/project/verify.ts'
import type { ProjectState } from '../../../src/shared/rpc/contract.ts'
import { DEFAULT_BRUSH } from '../../../src/shared/stroke.ts'
import { LoopbackProcess } from '../../support/loopback-client.ts'
import { Random, seeds } from '../../support/project-random.ts'

const STROKES = 50

let server: LoopbackProcess | undefined
afterEach(() => server?.stop())

type Client = Awaited<ReturnType<LoopbackProcess['project']>>

async function randomStroke(project: Client, { session, document }: ProjectState, random: Random) {
  const { width, height } = document.canvas
  const point = () => ({ x: random.int(0, width), y: random.int(0, height) })
  const samples = Array.from({ length: random.int(2, 6) }, (_, i) => ({
    ...point(),
    pressure: 0.5,
    time: i * 8,
  }))
  const { command } = await project.perform({
    session,
    intent: {
      kind: 'stroke',
      target: { kind: 'pixels', layer: document.root[0]! },
      mode: random.int(0, 3) === 0 ? 'erase' : 'paint',
      brush: { ...DEFAULT_BRUSH, size: random.int(4, 90) },
      colour: { r: 0.9, g: 0.2, b: 0.1 },
      samples,
    },
  })
  return command
}

test.each(seeds(3))('killed at random among 50 strokes, INLAY_SEED=%i', async (seed) => {
  const random = new Random(seed)
  server = await LoopbackProcess.start()
  const project = await server.project()
  const state = await project.openSample()
  const confirmed: string[] = []
  const dies = random.int(1, STROKES - 2)
  for (let i = 0; i < STROKES; i++) {
    const stroke = randomStroke(project, state, random)
    if (i === dies) {
      // Somewhere inside the stroke: while it is painted, while it is committed, or just after.
      await new Promise((resolve) => setTimeout(resolve, random.int(0, 40)))
      process.kill(projectHostOf(server.process.pid!), 'SIGKILL')
      const command = await stroke.catch(() => null)
      if (command) confirmed.push(command)
      break
    }
    confirmed.push((await stroke)!)
  }
  project.hangUp()

  // The next call brings the host back, with the same session and everything that was confirmed.
  const again = await server.project()
  const { history } = await again.state({ session: state.session })
  const ids = history.entries.slice(1).map((entry) => entry.id as string)
  expect(ids.slice(0, confirmed.length)).toEqual(confirmed)
  expect(ids.length - confirmed.length).toBeLessThanOrEqual(1)
  expect(history.head).toBe(ids.at(-1) ?? history.entries[0]!.id)
  await again.close({ session: state.session })
  const drafts = path.join(server.data, 'drafts')
  const [draft] = readdirSync(drafts).filter((name) => name.endsWith('.inlay'))
  expect(verify(path.join(drafts, draft!))).toMatchObject({
    ok: true,
    problems: [],
    commands: ids.length + 1,
  })
})

/** The only child of the server so far: nothing has asked for the inference host. */
function projectHostOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0])
}
