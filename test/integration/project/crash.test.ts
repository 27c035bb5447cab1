/** Law 1: after `kill -9` at any instant the file opens at the last commit. */
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { ProjectSession } from '../../../src/main/engine/project/project-session.ts'
import { verify } from '../../../src/main/engine/project/verify.ts'
import { exercise, newProject } from '../../support/project-exercise.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'
import { startWorker } from '../../support/project-processes.ts'
import { Random, seeds } from '../../support/project-random.ts'

// 1564996146 once gave two processes' edits one id: a commit must make its own.
describe.each([1_564_996_146, ...seeds(2)])('killed in the middle of 50 edits, INLAY_SEED=%i', (seed) => {
  test('strokes: everything that was confirmed is there, in order, and at most the one under way besides', async () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const file = path.join(folder, 'p.inlay')
    const begun = newProject(file, random)
    let before: string[] = begun.history.entries.map((entry) => entry.id)
    begun.close()
    for (let round = 0; round < 4; round++) {
      const worker = startWorker('stroke', file, seed + round)
      await worker.printed(random.int(2, 50))
      await worker.kill()
      const session = ProjectSession.open(file)
      expect(session.readOnly).toBe(false)
      expect(session.notices).toEqual([])
      const ids = session.history.entries.map((entry) => entry.id as string)
      const confirmed = [...before, ...worker.lines.slice(1)]
      expect(ids.slice(0, confirmed.length)).toEqual(confirmed)
      expect(ids.length - confirmed.length).toBeLessThanOrEqual(1)
      expect(session.history.head).toBe(ids.at(-1))
      session.close()
      expect(namesIn(folder)).toEqual(['p.inlay'])
      expect(verify(file)).toMatchObject({ ok: true, problems: [] })
      before = ids
    }
  })

  test('edits, undo, redo and jumps: the file is whole and can be gone on with', async () => {
    const random = new Random(seed)
    const folder = temporaryFolder()
    const file = path.join(folder, 'p.inlay')
    newProject(file, random).close()
    for (let round = 0; round < 3; round++) {
      const worker = startWorker('edit', file, seed + round)
      await worker.printed(random.int(2, 50))
      await worker.kill()
      const session = ProjectSession.open(file)
      const known = new Set<string>(session.history.entries.map((entry) => entry.id))
      for (const id of worker.lines.slice(1)) expect(known.has(id)).toBe(true)
      exercise(session, random, 5)
      session.close()
      expect(namesIn(folder)).toEqual(['p.inlay'])
      expect(verify(file)).toMatchObject({ ok: true, problems: [] })
    }
  })
})
