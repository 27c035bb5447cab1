/** Models by name from a hub that works, cuts, lies, refuses and fills up. */
import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HubAccess } from '../../../src/main/engine/models/hub/access.ts'
import {
  downloadModel,
  type ModelDownloadOptions,
  planDownload,
} from '../../../src/main/engine/models/hub/download.ts'
import { discardDownload, unfinishedDownloads } from '../../../src/main/engine/models/hub/places.ts'
import type { HubRequest } from '../../../src/shared/model-download.ts'
import { COMMIT, HubServer, send } from '../../support/hub-server.ts'
import { mountDisk } from '../../support/project-disks.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'

const REPO = 'makers/painting'
const random = (bytes: number, seed: number): Buffer =>
  Buffer.from(Uint32Array.from({ length: bytes / 4 }, (_, i) => (i * 2_654_435_761 + seed) >>> 0).buffer)
const UNET = random(400_000, 1)
const FILES = {
  'README.md': '---\nlicense: creativeml-openrail-m\n---\n# Painting\n',
  'LICENSE.md': 'Terms.',
  'model_index.json': '{"_class_name":"StableDiffusionInpaintPipeline"}',
  'unet/config.json': '{}',
  'unet/diffusion_pytorch_model.safetensors': UNET,
  'unet/diffusion_pytorch_model.fp16.safetensors': random(200_000, 2),
  'unet/diffusion_pytorch_model.bin': random(400_000, 3),
  'vae/config.json': '{}',
  'vae/diffusion_pytorch_model.safetensors': random(80_000, 4),
  'text_encoder/config.json': '{}',
  'text_encoder/model.safetensors': random(40_000, 5),
  'tokenizer/vocab.json': '{}',
  'tokenizer/merges.txt': '#version: 0.2\n',
  'scheduler/scheduler_config.json': '{}',
  'safety_checker/model.safetensors': random(8_000, 6),
  'painting.safetensors': random(40_000, 7),
  'example.png': 'not wanted',
}
const WANTED = [
  'LICENSE.md',
  'README.md',
  'model_index.json',
  'scheduler/scheduler_config.json',
  'text_encoder/config.json',
  'text_encoder/model.safetensors',
  'tokenizer/merges.txt',
  'tokenizer/vocab.json',
  'unet/config.json',
  'unet/diffusion_pytorch_model.safetensors',
  'vae/config.json',
  'vae/diffusion_pytorch_model.safetensors',
]
const REQUEST: HubRequest = { repo: REPO, revision: null, variant: null, file: null }
const QUICK: ModelDownloadOptions = { pause: 1, attempts: 2 }

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
const get = async (options: ModelDownloadOptions = QUICK, request: Partial<HubRequest> = {}, to = data) =>
  downloadModel(await plan(request, to), access, to, options)

function filesIn(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
}
const models = (): string[] => namesIn(path.join(data, 'models')).filter((name) => !name.startsWith('.'))
const waiting = (): string[] => namesIn(path.join(data, 'models', '.incoming'))

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

describe('a download', () => {
  test('brings every file whole, under its name, and is not done twice', async () => {
    const seen: number[] = []
    const { folder, name } = await get({ ...QUICK, onProgress: (bytes) => seen.push(bytes) })
    expect(name).toBe('painting')
    expect(folder).toBe(path.join(data, 'models', 'painting'))
    expect(filesIn(folder)).toEqual(WANTED)
    for (const file of WANTED)
      expect(
        fs.readFileSync(path.join(folder, file)).equals(Buffer.from(FILES[file as keyof typeof FILES])),
        file,
      ).toBe(true)
    expect(seen).toEqual([...seen].sort((a, b) => a - b))
    expect(seen.at(-1)).toBe((await plan()).plan.bytes)
    expect(waiting()).toEqual([])
    const before = hub.asked.length
    expect((await plan()).plan.have).toBe((await plan()).plan.bytes)
    expect(await get()).toMatchObject({ folder })
    expect(hub.asked.slice(before).filter((asked) => asked.path.includes('/resolve/'))).toEqual([])
    expect(models()).toEqual(['painting'])
  })

  test('leaves alone a folder of that name which is another model', async () => {
    fs.mkdirSync(path.join(data, 'models', 'painting'), { recursive: true })
    fs.writeFileSync(path.join(data, 'models', 'painting', 'mine.txt'), 'mine')
    expect(await get()).toMatchObject({ name: 'painting-2' })
    expect(namesIn(path.join(data, 'models', 'painting'))).toEqual(['mine.txt'])
  })

  test('goes on where connections broke, in this run and a later one', async () => {
    const unet = 'unet/diffusion_pytorch_model.safetensors'
    let answers = 0
    hub.fault = ({ server, path: asked }, response, request) => {
      if (server !== 'store' || !asked.endsWith(unet)) return false
      if (answers++ >= 2) return Boolean(response.destroy())
      send(request, response, UNET, 120_000)
      return true
    }
    await expect(get()).rejects.toMatchObject({ code: 'network.failed' })
    expect(models()).toEqual([])
    const [left] = await unfinishedDownloads(data)
    expect(left).toMatchObject({ name: 'painting', request: { repo: REPO, revision: COMMIT } })
    const part = path.join(data, 'models', '.incoming', left!.key, `${unet}.part`)
    const kept = fs.statSync(part).size
    expect(kept).toBeGreaterThan(0)
    expect((await plan()).plan.have).toBe(left?.have)
    hub.fault = () => false
    hub.asked.length = 0
    const { folder } = await get()
    expect(hub.asked.filter((asked) => asked.server === 'store').map((asked) => asked.range)).toEqual([
      `bytes=${kept}-`,
    ])
    expect(fs.readFileSync(path.join(folder, unet)).equals(UNET)).toBe(true)
    expect(await unfinishedDownloads(data)).toEqual([])
  })

  test('is cancelled at once, kept for later, or thrown away', async () => {
    const abort = new AbortController()
    const onProgress = (bytes: number): void => {
      if (bytes > 100_000) abort.abort()
    }
    await expect(get({ ...QUICK, signal: abort.signal, onProgress })).rejects.toMatchObject({
      code: 'cancelled',
    })
    const [left] = await unfinishedDownloads(data)
    expect(left?.have).toBeGreaterThan(100_000)
    await discardDownload(data, left!.key)
    expect(waiting()).toEqual([])
    await expect(discardDownload(data, '../../models')).rejects.toMatchObject({ code: 'usage' })
  })

  test('with wrong bytes gives an error, and the next one is right', async () => {
    for (const wrong of [
      'unet/diffusion_pytorch_model.safetensors',
      'unet/config.json',
      'model_index.json',
    ]) {
      const bytes = Buffer.from(FILES[wrong as keyof typeof FILES])
      hub.fault = ({ path: asked, server }, response, request) => {
        if (!asked.endsWith(`/${wrong}`) || (wrong.endsWith('.safetensors') && server === 'hub')) return false
        send(request, response, Buffer.from(bytes).fill(7))
        return true
      }
      await expect(get(), wrong).rejects.toMatchObject({ code: 'download.damaged' })
      expect(models()).toEqual([])
      hub.fault = () => false
      const { folder } = await get()
      expect(filesIn(folder)).toEqual(WANTED)
      fs.rmSync(folder, { recursive: true })
    }
  })

  test('whose sizes were a lie gives an error', async () => {
    for (const by of [-4, 4]) {
      hub.lie = (entries) =>
        entries.map((entry) => {
          const size = Number(entry['size']) + by
          return entry['path'] === 'unet/diffusion_pytorch_model.safetensors'
            ? { ...entry, size, lfs: { ...(entry['lfs'] as object), size } }
            : entry
        })
      await expect(get()).rejects.toMatchObject({ code: 'download.damaged' })
      expect(models()).toEqual([])
    }
  })

  test('takes the token to the hub and to no other server, and never writes it down', async () => {
    access = { ...access, token: 'hf_secret' }
    await get()
    const tokens = (server: string) =>
      new Set(hub.asked.filter((a) => a.server === server).map((a) => a.token))
    expect(tokens('hub')).toEqual(new Set(['Bearer hf_secret']))
    expect(tokens('store')).toEqual(new Set([undefined]))
    for (const entry of fs.readdirSync(data, { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        expect(fs.readFileSync(path.join(entry.parentPath, entry.name)).includes('hf_secret')).toBe(false)
  })

  test('that a gate is in front of says so', async () => {
    hub.add(REPO, FILES, { gated: true })
    hub.fault = ({ path: asked }, response) =>
      asked.includes('/resolve/') && asked.includes('unet') && Boolean(response.writeHead(403).end())
    expect((await plan()).plan.gated).toBe(true)
    await expect(get()).rejects.toMatchObject({ code: 'download.refused', message: /licence/ })
  })

  test('waits for a server that is busy, and gives up one that is silent or drips', async () => {
    let busy = 1
    hub.fault = ({ server }, response) =>
      server === 'store' && busy-- > 0 && Boolean(response.writeHead(429, { 'retry-after': '1' }).end())
    await get()
    expect(busy).toBeLessThan(0)
    for (const every of [0, 5]) {
      const fresh = temporaryFolder()
      hub.fault = ({ server }, response) => {
        if (server !== 'store') return false
        response.writeHead(200, { 'content-length': UNET.length, etag: '"x"' }).flushHeaders()
        const drip = every > 0 && setInterval(() => response.write('x'), every)
        response.on('close', () => drip && clearInterval(drip))
        return true
      }
      await expect(get({ ...QUICK, silence: 60 }, {}, fresh)).rejects.toMatchObject({
        code: 'network.failed',
      })
    }
    hub.fault = ({ server }) => server === 'store'
    await expect(get({ ...QUICK, silence: 60 }, {}, temporaryFolder())).rejects.toMatchObject({
      code: 'network.failed',
    })
  })

  test('is done by one at a time', async () => {
    const planned = await plan()
    const both = await Promise.allSettled([1, 2].map(() => downloadModel(planned, access, data, QUICK)))
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'download.busy' },
    })
    expect(waiting()).toEqual([])
  })

  test('takes over the lock of a process that died, and not that of one that lives', async () => {
    const planned = await plan({ variant: 'fp16' })
    await expect(
      downloadModel(planned, { ...access, address: 'http://127.0.0.1:9' }, data, QUICK),
    ).rejects.toMatchObject({ code: 'network.failed' })
    const [key] = waiting()
    const lock = path.join(data, 'models', '.incoming', `${key}.lock`)
    fs.writeFileSync(lock, String(process.ppid))
    await expect(downloadModel(planned, access, data, QUICK)).rejects.toMatchObject({ code: 'download.busy' })
    fs.writeFileSync(lock, '4194999')
    await downloadModel(planned, access, data, QUICK)
    expect(models()).toEqual(['painting-fp16'])
  })

  test('needs room for all of it before it begins, and leaves a disk that fills in order', async () => {
    hub.lie = (entries) =>
      entries.map((entry) =>
        entry['path'] === 'unet/diffusion_pytorch_model.safetensors'
          ? { ...entry, size: 2 ** 52, lfs: { oid: '0'.repeat(64), size: 2 ** 52 } }
          : entry,
      )
    await expect(get()).rejects.toMatchObject({ code: 'disk.full' })
    expect(hub.fetched()).toEqual([])
    hub.lie = (entries) => entries
    const disk = mountDisk(1_200_000)
    if (!disk) return
    try {
      hub.fault = ({ server, path: asked }) => {
        // Someone else fills the disk after the room was measured.
        if (server === 'store' && asked.includes('unet'))
          fs.writeFileSync(path.join(disk.folder, 'other'), Buffer.alloc(700_000))
        return false
      }
      await expect(get(QUICK, {}, disk.folder)).rejects.toMatchObject({ code: 'disk.full' })
      expect(namesIn(path.join(disk.folder, 'models'))).toEqual(['.incoming'])
      fs.rmSync(path.join(disk.folder, 'other'))
      hub.fault = () => false
      expect(filesIn((await get(QUICK, {}, disk.folder)).folder)).toEqual(WANTED)
    } finally {
      disk.remove()
    }
  })

  test('says when the folder may not be written', async () => {
    fs.writeFileSync(path.join(data, 'models'), 'a file where the folder should be')
    await expect(get()).rejects.toMatchObject({ code: 'file.denied' })
  })

  test('in the offline mode touches no network', async () => {
    const planned = await plan()
    hub.asked.length = 0
    access = { ...access, offline: true }
    await expect(plan()).rejects.toMatchObject({ code: 'network.offline' })
    await expect(downloadModel(planned, access, data, QUICK)).rejects.toMatchObject({
      code: 'network.offline',
    })
    expect(hub.asked).toEqual([])
  })
})
