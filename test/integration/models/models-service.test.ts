/** The models service as a window meets it, over the loopback server. */
import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DownloadPlan } from '../../../src/shared/model-download.ts'
import type { DownloadEvent } from '../../../src/shared/rpc/contract.ts'
import { HubServer } from '../../support/hub-server.ts'
import { SAMPLE } from '../../support/inlay-command.ts'
import { LoopbackProcess } from '../../support/loopback-client.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { asymmetricFiles, copyOfAsymmetric } from '../../support/tiny-models.ts'

const REPO = 'cross/asymmetric'
const REQUEST = { repo: REPO, revision: null, variant: null, file: null }

let hub: HubServer
let server: LoopbackProcess
beforeEach(async () => {
  hub = await HubServer.start()
  hub.add(REPO, asymmetricFiles(), { card: { license: 'mit' } })
  process.env['INLAY_HUB'] = hub.address
})
afterEach(async () => {
  delete process.env['INLAY_HUB']
  await server.stop()
  await hub.stop()
})

const agreed = ({ request, bytes }: DownloadPlan) => ({ request, bytes, licence: 'mit' })

async function all(events: AsyncIterable<DownloadEvent>): Promise<DownloadEvent[]> {
  const seen: DownloadEvent[] = []
  for await (const event of events) seen.push(event)
  return seen
}

test('imports by path and token, and takes no token that was given for something else', async () => {
  server = await LoopbackProcess.start()
  const [models, shell, project] = [await server.models(), await server.shell(), await server.project()]
  const place = copyOfAsymmetric(temporaryFolder())
  expect(await models.list()).toEqual([])
  for (const typed of [place, ` '${place}' `, pathToFileURL(place).href]) {
    const { file, name } = await shell.modelAt({ path: typed })
    expect(name).toBe('asymmetric-autoencoder')
    expect(await models.import({ file })).toMatchObject({ name, path: place })
  }
  expect(await models.list()).toHaveLength(1)
  expect(await models.inspect({ name: 'asymmetric-autoencoder' })).toMatchObject({
    components: [{ architecture: 'asymmetric-autoencoder' }],
  })
  for (const typed of ['model.safetensors', '../x', 'file://%', 'file://host/x'])
    await expect(shell.modelAt({ path: typed }), typed).rejects.toMatchObject({ code: 'usage' })
  await expect(shell.modelAt({ path: path.join(place, 'none') })).rejects.toMatchObject({
    code: 'file.missing',
  })

  const { file } = await shell.modelAt({ path: SAMPLE })
  await expect(project.open({ file })).rejects.toMatchObject({ code: 'file.denied' })
  await expect(models.import({ file })).rejects.toMatchObject({ code: 'model.unreadable' })
  const upload = await (
    await server.fetch('/upload?name=m.safetensors', { method: 'POST', body: 'x' })
  ).json()
  await expect(models.import({ file: upload.file })).rejects.toMatchObject({ code: 'file.denied' })

  fs.appendFileSync(path.join(place, 'config.json'), ' ')
  expect(await models.verify({ name: 'asymmetric-autoencoder' })).toHaveLength(1)
  await models.remove({ name: 'asymmetric-autoencoder' })
  expect(fs.existsSync(place)).toBe(true)
  await expect(models.remove({ name: 'asymmetric-autoencoder' })).rejects.toMatchObject({
    code: 'model.unknown',
  })
})

test('fetches what was agreed to and nothing else', async () => {
  server = await LoopbackProcess.start()
  const models = await server.models()
  const plan = await models.plan(REQUEST)
  for (const other of [{ bytes: plan.bytes - 1 }, { licence: 'apache-2.0' }])
    await expect(models.get({ ...agreed(plan), ...other }).then(all)).rejects.toMatchObject({
      code: 'download.refused',
    })
  expect(hub.fetched()).toEqual([])
  const events = await all(await models.get(agreed(plan)))
  expect(events.at(-1)).toMatchObject({ type: 'done', model: { name: 'asymmetric' } })
  expect(await models.list()).toHaveLength(1)
})

test('a window that goes away cancels its download, which another takes up; no two do it at once', async () => {
  server = await LoopbackProcess.start()
  const weights = asymmetricFiles()['diffusion_pytorch_model.safetensors'] as Buffer
  hub.fault = ({ server: where }, response) => {
    if (where !== 'store') return false
    response.writeHead(200, { etag: '"one"', 'content-length': weights.length })
    response.write(weights.subarray(0, 200_000))
    return true
  }
  const [first, second] = [await server.models(), await server.models()]
  const plan = await first.plan(REQUEST)
  const begun = (await first.get(agreed(plan)))[Symbol.asyncIterator]()
  const { value } = await begun.next()
  expect(value).toMatchObject({ type: 'progress' })
  await expect(second.get(agreed(plan)).then(all)).rejects.toMatchObject({ code: 'download.busy' })
  const [running] = await second.unfinished()
  await expect(second.discard({ key: running!.key })).rejects.toMatchObject({ code: 'download.busy' })
  first.hangUp()
  hub.fault = () => false
  await expect
    .poll(
      () =>
        second
          .get(agreed(plan))
          .then(all)
          .catch((error: { code: string }) => error.code),
      { timeout: 10_000 },
    )
    .toContainEqual(expect.objectContaining({ type: 'done' }))
  expect(await second.unfinished()).toEqual([])
})

test('started offline, it says so and asks nobody; a token is kept and not told', async () => {
  server = await LoopbackProcess.start(['--offline'])
  const models = await server.models()
  expect(await models.settings()).toEqual({
    address: hub.address,
    offline: true,
    offlineFixed: true,
    token: 'none',
  })
  await expect(models.plan(REQUEST)).rejects.toMatchObject({ code: 'network.offline' })
  expect(hub.asked).toEqual([])
  const after = await models.saveSettings({ token: 'hf_secret', offline: false })
  expect(after).toMatchObject({ offline: true, token: 'settings' })
  expect(JSON.stringify(after)).not.toContain('hf_secret')
  await expect(models.saveSettings({ token: 'two words' })).rejects.toMatchObject({ code: 'usage' })
  await expect(models.plan({ ...REQUEST, repo: '../x' })).rejects.toMatchObject({ code: 'usage' })
})
