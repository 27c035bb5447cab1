/** Generations as a window meets them: the loopback server, the project host and the inference host in processes of their own. */
import { readFileSync } from 'node:fs'
import { afterEach, expect, test, vi } from 'vitest'
import { DEFAULT_GENERATION, type GenerationRequest } from '../../../src/shared/generation.ts'
import type { LayerId } from '../../../src/shared/ids.ts'
import type { Candidate, GenerationEvent } from '../../../src/shared/rpc/contract.ts'
import { LoopbackProcess } from '../../support/loopback-client.ts'
import { tinyPlaceOf } from '../../support/tiny-generator.ts'

vi.stubEnv('INLAY_PROVIDERS', 'cpu')

let server: LoopbackProcess | undefined
afterEach(() => server?.stop())

/** A window with the sample open, a small selection in it, and an installed tiny model. */
async function windowWith(model: 'sd1-inpaint-asymmetric') {
  server = await LoopbackProcess.start()
  const [models, shell, project] = [await server.models(), await server.shell(), await server.project()]
  const { name } = await models.import(await shell.modelAt({ path: await tinyPlaceOf(model) }))
  const { session } = await project.openSample()
  const select = () =>
    project.perform({
      session,
      intent: {
        kind: 'select',
        shape: { kind: 'rect', rect: { x: 300, y: 200, width: 40, height: 30 } },
        combine: 'replace',
        feather: 0,
      },
    })
  await select()
  const request: GenerationRequest = {
    ...DEFAULT_GENERATION,
    model: name,
    prompt: 'a red boat on a lake',
    steps: 2,
    guidance: 2,
    candidates: 2,
  }
  return { project, models, session, select, request, name }
}

test('from the list of models to a layer that knows its request', async () => {
  const { project, session, request, name } = await windowWith('sd1-inpaint-asymmetric')
  expect(await project.generators()).toContainEqual(
    expect.objectContaining({ name, tasks: ['inpaint'], asymmetric: true, words: true }),
  )
  const before = await project.estimate({ session, request })
  expect(before).toMatchObject({ seconds: null, megabytes: null })

  const events: GenerationEvent[] = []
  for await (const event of await project.generate({ session, request })) events.push(event)
  expect(events.at(-1)).toEqual({ type: 'done' })
  expect(events.some(({ type }) => type === 'preview')).toBe(true)
  const made = events.flatMap((event) => (event.type === 'candidate' ? [event.candidate] : []))
  expect(made.map(({ index }) => index)).toEqual([0, 1])
  expect(made[0]!.report!.size).toEqual(before.size)

  const { original, made: shown, plain, at } = await project.compare({ session, candidate: made[1]!.id })
  expect(at).toEqual(before.region)
  for (const png of [original, shown, plain!]) expect(png.size).toBeGreaterThan(100)
  await vi.waitFor(async () => {
    const after = await project.estimate({ session, request })
    expect(after.seconds).toBeGreaterThan(0)
    expect(after.megabytes).toBeGreaterThan(10)
  })

  await project.perform({ session, intent: { kind: 'apply-candidate', candidate: made[1]!.id } })
  const { document, history } = await project.state({ session })
  const layer = document.root.at(-1) as LayerId
  expect(document.layers[layer]!.name).toBe('a red boat on a lake')
  expect(history.entries.at(-1)!.label).toBe('Generate')
  expect(await project.requestOf({ session, layer })).toEqual(made[1]!.request)
  expect(await project.requestOf({ session, layer: document.root[0]! })).toBeNull()
  await expect(project.compare({ session, candidate: made[1]!.id })).rejects.toMatchObject({
    code: 'document.conflict',
  })
  await expect(project.estimate({ session, request })).rejects.toMatchObject({ code: 'mask.empty' })
})

test('an inference host that is killed in the middle fails the job, and nothing else', async () => {
  const { project, session, request } = await windowWith('sd1-inpaint-asymmetric')
  const candidates: Candidate[] = []
  const before = await project.state({ session })
  const killed = (async () => {
    for await (const event of await project.generate({ session, request: { ...request, steps: 60 } })) {
      if (event.type === 'candidate') candidates.push(event.candidate)
      if (event.type === 'progress' && candidates.length === 1 && event.stage.startsWith('Step'))
        process.kill(inferenceHostOf(server!.process.pid!), 'SIGKILL')
    }
  })()
  await expect(killed).rejects.toMatchObject({ code: 'host.lost' })
  expect((await project.state({ session })).document).toEqual(before.document)

  const types = new Set<string>()
  for await (const event of await project.generate({ session, request })) types.add(event.type)
  expect(types).toContain('done')
  // What was there before the host died can still be applied.
  expect(candidates).toHaveLength(1)
  await project.perform({ session, intent: { kind: 'apply-candidate', candidate: candidates[0]!.id } })
  expect((await project.state({ session })).document.root).toHaveLength(2)
})

test('closing the stream stops the run and keeps what is made', async () => {
  const { project, session, request } = await windowWith('sd1-inpaint-asymmetric')
  let kept: Candidate | undefined
  for await (const event of await project.generate({ session, request: { ...request, candidates: 8 } })) {
    if (event.type !== 'candidate') continue
    kept = event.candidate
    break
  }
  const types = new Set<string>()
  for await (const event of await project.generate({ session, request: { ...request, candidates: 1 } }))
    types.add(event.type)
  expect(types).toContain('done')
  await project.perform({ session, intent: { kind: 'apply-candidate', candidate: kept!.id } })
  expect((await project.state({ session })).document.root).toHaveLength(2)
})

/** The last child of the server: it was started after the project host. */
function inferenceHostOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').at(-1))
}
