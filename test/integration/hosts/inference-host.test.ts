/** Pictures made by a real inference host in a process of its own: the same as here, and what happens when it dies or hangs. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createGenerator } from '../../../src/main/engine/inference/generate/generator.ts'
import type { GenerationNote } from '../../../src/main/engine/inference/generate/task.ts'
import { childStarter } from '../../../src/main/hosts/child-starter.ts'
import { HostSupervisor } from '../../../src/main/hosts/host-supervisor.ts'
import { modelPlaces, tokenizerFolder } from '../../../src/main/hosts/model-places.ts'
import type { FramePort } from '../../../src/main/hosts/ports.ts'
import { remoteGenerator } from '../../../src/main/hosts/remote-generator.ts'
import { REPOSITORY, tinyTask } from '../../support/tiny-tasks.ts'

vi.stubEnv('INLAY_PROVIDERS', 'cpu')
const dataFolder = mkdtempSync(path.join(tmpdir(), 'inlay-test-'))
const config = { dataFolder, assetsFolder: path.join(REPOSITORY, 'assets') }
const supervisor = new HostSupervisor({ starter: childStarter(), config })
let line: FramePort | undefined
/** One line as long as it lives, as in the project host. */
const inference = {
  async open() {
    if (!line || line.closed) line = await supervisor.connect('inference', 'inference')
    return line
  },
  end: () => supervisor.kill('inference'),
}
const generator = remoteGenerator(inference, modelPlaces(config))
afterAll(async () => {
  await supervisor.stop()
  rmSync(dataFolder, { recursive: true })
})

const many = tinyTask({ request: { steps: 50 } })

/** Does something at the first step. */
function atStep(act: () => void): (note: GenerationNote) => void {
  let isDone = false
  return (note) => {
    if (isDone || note.type !== 'progress' || !note.stage.startsWith('Step')) return
    isDone = true
    act()
  }
}

test('another process makes the same bytes as this one, and tells how far it is', async () => {
  const task = tinyTask({ alsoPlain: true })
  const notes: GenerationNote[] = []
  const made = await generator.generate(task, { onNote: (note) => notes.push(note) })
  const here = createGenerator({ ...modelPlaces(config), tokenizerFolder: tokenizerFolder(config) })
  const { report, ...pixels } = await here.generate(task)
  expect(made).toMatchObject({
    ...pixels,
    report: { ...report, seconds: expect.any(Number), megabytes: expect.any(Number) },
  })
  await here.close()
  const stages = notes.flatMap((note) => (note.type === 'progress' ? [note.stage] : []))
  expect(stages).toContain('Loading the model')
  expect(stages).toContain('Step 2 of 4')
  expect(notes.find(({ type }) => type === 'preview')).toMatchObject({
    size: { width: 8, height: 6 },
    rgb: expect.objectContaining({ length: 8 * 6 * 3 }),
  })
})

test('what is wrong with a task crosses the border as it is', async () => {
  const task = tinyTask({ request: { prompt: 'word '.repeat(10_000) } })
  await expect(generator.generate(task)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('50000 characters'),
  })
})

test('a host that is killed in the middle fails its task, and the next task has another host', async () => {
  const before = supervisor.pid('inference')!
  const killed = generator.generate(many, { onNote: atStep(() => process.kill(before, 'SIGKILL')) })
  const queued = generator.generate(tinyTask())
  await expect(killed).rejects.toMatchObject({
    code: 'host.lost',
    message: expect.stringContaining('try again'),
  })
  expect((await queued).report.provider).toBe('cpu')
  expect(supervisor.pid('inference')).not.toBe(before)
})

test('a person can stop it between two steps, and the host goes on with the next task', async () => {
  const before = supervisor.pid('inference')
  const control = new AbortController()
  const stopped = generator.generate(many, { signal: control.signal, onNote: atStep(() => control.abort()) })
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' })
  // Late answers of a task that was stopped are nobody else's.
  const expected = (await generator.generate(tinyTask())).rgb
  for (let time = 0; time < 5; time++) {
    const again = new AbortController()
    const onNote = atStep(() => again.abort())
    const soon = generator.generate(many, { signal: again.signal, onNote })
    await expect(soon).rejects.toMatchObject({ code: 'cancelled' })
    expect((await generator.generate(tinyTask())).rgb).toEqual(expected)
  }
  expect(supervisor.pid('inference')).toBe(before)
})

test('a host that says nothing for too long is ended, and says that it was', async () => {
  const before = supervisor.pid('inference')!
  process.kill(before, 'SIGSTOP')
  const impatient = remoteGenerator(inference, modelPlaces(config), 500)
  await expect(impatient.generate(tinyTask())).rejects.toMatchObject({
    code: 'host.lost',
    message: expect.stringContaining('did not answer for 0.5 seconds'),
  })
  await supervisor.ended('inference')
  expect((await generator.generate(tinyTask())).report.provider).toBe('cpu')
  expect(supervisor.pid('inference')).not.toBe(before)
})
