/** What would be fetched of a model by its name, from a hub that works, lies and refuses. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HubAccess } from '../../../src/main/engine/models/hub/access.ts'
import { planDownload } from '../../../src/main/engine/models/hub/download.ts'
import type { HubRequest } from '../../../src/shared/model-download.ts'
import { COMMIT, HubServer } from '../../support/hub-server.ts'
import { FILES, REPO, REQUEST, UNET, WANTED } from '../../support/painting-hub.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'

let hub: HubServer
let data: string
let access: HubAccess
beforeEach(async () => {
  hub = await HubServer.start()
  hub.add(REPO, FILES, { card: { license: 'creativeml-openrail-m' } })
  data = temporaryFolder()
  access = { address: hub.address, token: null, offline: false }
})
afterEach(() => hub.stop())

const plan = (request: Partial<HubRequest> = {}, to = data) =>
  planDownload({ ...REQUEST, ...request }, access, to, { pause: 1, patience: 2_000 })

describe('a plan', () => {
  test('names what is needed, to the byte, and fetches nothing', async () => {
    const { plan: shown } = await plan()
    expect(shown.files.map((file) => file.path).sort()).toEqual(WANTED)
    const bytes = WANTED.reduce((sum, name) => sum + Buffer.from(FILES[name as keyof typeof FILES]).length, 0)
    expect(shown).toMatchObject({
      bytes,
      have: 0,
      name: 'painting',
      gated: false,
      licence: { id: 'creativeml-openrail-m' },
      request: { revision: COMMIT },
      notices: [],
    })
    expect(shown.free).toBeGreaterThan(bytes)
    expect(hub.fetched()).toEqual([])
    expect(namesIn(data)).toEqual([])
  })

  test('takes half precision where it is, and says where it is not', async () => {
    const { plan: shown } = await plan({ variant: 'fp16' })
    const weights = shown.files.map((file) => file.path).filter((name) => name.endsWith('.safetensors'))
    expect(weights.sort()).toEqual([
      'text_encoder/model.safetensors',
      'unet/diffusion_pytorch_model.fp16.safetensors',
      'vae/diffusion_pytorch_model.safetensors',
    ])
    expect(shown.notices).toHaveLength(2)
    expect(shown.name).toBe('painting-fp16')
    hub.add('m/plain', { 'config.json': '{}', 'model.safetensors': UNET })
    expect((await plan({ repo: 'm/plain', variant: 'fp16' })).plan).toMatchObject({
      name: 'plain',
      request: { variant: null },
      notices: ['The model has no fp16 weights; full-precision ones are taken.'],
    })
  })

  test('reads the licence from the card where the hub has not', async () => {
    hub.add(REPO, {
      ...FILES,
      'README.md': '---\nlicense: other\nlicense_name: "Own terms"\nlicense_link: LICENSE.md\n---\n',
    })
    const { plan: shown } = await plan()
    expect(shown.licence).toEqual({
      id: 'other',
      name: 'Own terms',
      link: `${hub.address}/${REPO}/blob/${COMMIT}/LICENSE.md`,
    })
    expect(hub.fetched()).toEqual(['README.md'])
  })

  test('goes through long lists page by page, and refuses one without an end or at another server', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`samples/${i}.png`, 'x']))
    hub.add(REPO, { ...many, ...FILES })
    hub.pageSize = 700
    expect((await plan()).plan.files.map((file) => file.path).sort()).toEqual(WANTED)
    hub.fault = ({ path: asked }, response) => {
      if (!asked.includes('/tree/')) return false
      response.writeHead(200, { link: `<${hub.address}${asked}>; rel="next"` })
      response.end(
        JSON.stringify(Array.from({ length: 900 }, (_, i) => ({ type: 'file', path: `${i}`, size: 1 }))),
      )
      return true
    }
    await expect(plan()).rejects.toMatchObject({ code: 'download.damaged' })
    access = { ...access, token: 'secret' }
    hub.fault = ({ path: asked, server }, response) => {
      if (server !== 'hub' || !asked.includes('/tree/')) return false
      response
        .writeHead(200, { link: `<${hub.address.replace('127.0.0.1', 'localhost')}/x>; rel="next"` })
        .end('[]')
      return true
    }
    await expect(plan()).rejects.toMatchObject({ code: 'download.refused' })
    expect(hub.asked.filter((asked) => asked.path === '/x')).toEqual([])
  })

  test('refuses names that lead elsewhere, and lists that make no sense', async () => {
    const hostile = [
      '../vae/diffusion_pytorch_model.safetensors',
      '/etc/model.safetensors',
      'con.safetensors',
      'C:\\model.safetensors',
      'a\u0000.safetensors',
      'x/../../y.safetensors',
      '.hidden.safetensors',
      'trailing./m.safetensors',
    ]
    for (const name of hostile) {
      hub.add('m/m', { 'm.safetensors': UNET })
      hub.lie = (entries) => entries.map((entry) => ({ ...entry, path: name }))
      await expect(plan({ repo: 'm/m' }), name).rejects.toMatchObject({ code: 'download.refused' })
    }
    hub.lie = (entries) => [
      ...entries,
      { ...entries.find((e) => e['path'] === 'README.md'), path: 'readme.MD' },
    ]
    await expect(plan()).rejects.toMatchObject({ code: 'download.refused' })
    const senseless: Record<string, unknown>[] = [
      { size: -1 },
      { size: 1e300 },
      { size: '9' },
      { path: null },
      { lfs: { oid: 'x', size: 4 } },
      { lfs: { oid: '0'.repeat(64), size: 1 } },
    ]
    for (const change of senseless) {
      hub.lie = (entries) => entries.map((entry) => ({ ...entry, ...change }))
      await expect(plan(), JSON.stringify(change)).rejects.toMatchObject({ code: 'download.damaged' })
    }
    hub.fault = ({ path: asked }, response) =>
      asked.includes('/tree/') && Boolean(response.writeHead(200).end('{"error":"no list"}'))
    await expect(plan()).rejects.toMatchObject({ code: 'download.damaged' })
    expect(namesIn(data)).toEqual([])
  })

  test('says what is wrong with a name, a token, a busy and a silent hub', async () => {
    await expect(plan({ repo: 'no/body' })).rejects.toMatchObject({ code: 'download.refused' })
    await expect(plan({ revision: 'v9' })).rejects.toMatchObject({ code: 'download.refused' })
    for (const status of [401, 403]) {
      hub.fault = (_, response) => Boolean(response.writeHead(status).end())
      await expect(plan()).rejects.toMatchObject({ code: 'download.refused' })
    }
    let busy = 2
    hub.fault = (_, response) => busy-- > 0 && Boolean(response.writeHead(429, { 'retry-after': '0' }).end())
    expect((await plan()).plan.name).toBe('painting')
    hub.fault = (_, response) => Boolean(response.writeHead(429, { 'retry-after': '7200' }).end())
    await expect(plan()).rejects.toMatchObject({ code: 'network.failed', message: /120 minutes/ })
    hub.fault = (_, response) => Boolean(response.writeHead(500).end())
    await expect(plan()).rejects.toMatchObject({ code: 'network.failed' })
    hub.fault = () => true
    await expect(planDownload(REQUEST, access, data, { pause: 1, patience: 30 })).rejects.toMatchObject({
      code: 'network.failed',
    })
  })

  test('of pickles only, or of several models, says what to do', async () => {
    hub.add('a/pickled', { 'model_index.json': '{}', 'unet/diffusion_pytorch_model.bin': UNET })
    await expect(plan({ repo: 'a/pickled' })).rejects.toMatchObject({ code: 'model.unsupported' })
    hub.add('a/several', { 'one.safetensors': UNET, 'two.safetensors': UNET, 'two.ckpt': UNET })
    await expect(plan({ repo: 'a/several' })).rejects.toMatchObject({
      code: 'usage',
      message: /one\.safetensors, two/,
    })
    const { plan: one } = await plan({ repo: 'a/several', file: 'two.safetensors' })
    expect(one).toMatchObject({ name: 'two', bytes: UNET.length })
  })
})
