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
import { FILES, QUICK, REPO, REQUEST, UNET, WANTED } from '../../support/painting-hub.ts'
import { mountDisk } from '../../support/project-disks.ts'
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
