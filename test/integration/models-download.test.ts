/** Downloads from a server that cuts, lies, refuses and redirects. */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, expect, test } from 'vitest'
import {
  type DownloadOptions,
  downloadFile,
  type RemoteFile,
} from '../../src/main/engine/models/download/download.ts'
import { mountDisk } from '../support/project-disks.ts'
import { namesIn, temporaryFolder } from '../support/project-folder.ts'

const CONTENT = Buffer.from(Uint32Array.from({ length: 100_000 }, (_, i) => (i * 2_654_435_761) >>> 0).buffer)
const SHA256 = createHash('sha256').update(CONTENT).digest('hex')
const servers: http.Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

type Handler = (request: http.IncomingMessage, response: http.ServerResponse) => void

async function serve(handler: Handler): Promise<string> {
  const server = http.createServer(handler).listen(0, '127.0.0.1')
  servers.push(server)
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.safetensors`
}

/** Serves parts as asked, and cuts each answer after `most` bytes, once they are through. Notes where each answer began. */
function cutting(most: number, begun: number[], etag = '"one"', content = CONTENT): Handler {
  return (request, response) => {
    const asked = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const from = request.headers['if-range'] === undefined || request.headers['if-range'] === etag ? asked : 0
    begun.push(from)
    response.writeHead(from > 0 ? 206 : 200, {
      etag,
      'content-length': content.length - from,
      ...(from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {}),
    })
    const piece = content.subarray(from, from + most)
    response.write(piece, () => {
      if (from + piece.length === content.length) response.end()
      else setTimeout(() => response.destroy(), 20)
    })
  }
}

const remote = (url: string, change: Partial<RemoteFile> = {}): RemoteFile => ({
  url,
  size: CONTENT.length,
  sha256: SHA256,
  ...change,
})
const QUICK = { pause: 1, attempts: 2 }

async function refuses(code: string, file: RemoteFile, target: string, options: DownloadOptions = QUICK) {
  await expect(downloadFile(file, target, options)).rejects.toMatchObject({ name: 'InlayError', code })
  expect(fs.existsSync(target)).toBe(false)
}

test('a connection that breaks again and again is taken up where it broke', async () => {
  const begun: number[] = []
  const target = path.join(temporaryFolder(), 'm.safetensors')
  const seen: number[] = []
  const url = await serve(cutting(90_000, begun))
  await downloadFile(remote(url), target, { ...QUICK, onProgress: (bytes) => seen.push(bytes) })
  expect(fs.readFileSync(target).equals(CONTENT)).toBe(true)
  expect(begun.length).toBeGreaterThan(3)
  expect(begun.slice(1).every((from, i) => from > begun[i]!)).toBe(true)
  expect(seen.at(-1)).toBe(CONTENT.length)
  expect(namesIn(path.dirname(target))).toEqual(['m.safetensors'])
})

test('a later run goes on, and starts again when the file on the server is another', async () => {
  const folder = temporaryFolder()
  const target = path.join(folder, 'm.safetensors')
  let answers = 0
  let now: Handler = (request, response) => {
    if (answers++ === 0) cutting(150_000, [])(request, response)
    else response.destroy()
  }
  const url = await serve((request, response) => now(request, response))
  await refuses('network.failed', remote(url, { sha256: null }), target)
  expect(namesIn(folder)).toEqual(['m.safetensors.part', 'm.safetensors.part.json'])
  const changed = Buffer.from(CONTENT).reverse()
  const begun: number[] = []
  now = cutting(1e9, begun, '"two"', changed)
  await downloadFile(remote(url, { sha256: null }), target, QUICK)
  expect(begun).toEqual([0])
  expect(fs.readFileSync(target).equals(changed)).toBe(true)

  const next = path.join(folder, 'n.safetensors')
  answers = 0
  now = (request, response) => {
    if (answers++ === 0) cutting(150_000, [])(request, response)
    else response.destroy()
  }
  await refuses('network.failed', remote(url), next)
  now = cutting(1e9, begun)
  await downloadFile(remote(url), next, QUICK)
  expect(begun[1]).toBeGreaterThan(0)
  expect(fs.readFileSync(next).equals(CONTENT)).toBe(true)
})

test('wrong bytes, too many and too few leave nothing behind', async () => {
  const folder = temporaryFolder()
  const target = path.join(folder, 'm.safetensors')
  const url = await serve(cutting(1e9, []))
  await refuses('download.damaged', remote(url, { sha256: '0'.repeat(64) }), target)
  await refuses('download.damaged', remote(url, { size: CONTENT.length - 1 }), target)
  await refuses('download.damaged', remote(url, { size: CONTENT.length + 1 }), target)
  expect(namesIn(folder)).toEqual([])
})

test('the token goes to the hub and not to where it sends us', async () => {
  const tokens: (string | undefined)[] = []
  const begun: number[] = []
  const store = await serve((request, response) => {
    tokens.push(request.headers.authorization)
    cutting(1e9, begun)(request, response)
  })
  const hub = await serve((request, response) => {
    tokens.push(request.headers.authorization)
    response.writeHead(302, { location: store.replace('127.0.0.1', 'localhost') }).end()
  })
  const target = path.join(temporaryFolder(), 'm.safetensors')
  await downloadFile(remote(hub), target, { ...QUICK, token: 'secret' }).catch(async (error: unknown) => {
    throw new Error(`the redirect was not followed: ${(error as { cause?: unknown }).cause ?? error}`)
  })
  expect(tokens).toEqual(['Bearer secret', undefined])
})

test('refusals, missing files and endless redirects get one clear error', async () => {
  const target = path.join(temporaryFolder(), 'm.safetensors')
  for (const [status, code] of [
    [401, 'download.refused'],
    [403, 'download.refused'],
    [404, 'download.refused'],
    [500, 'network.failed'],
  ] as const)
    await refuses(code, remote(await serve((_, response) => response.writeHead(status).end())), target)
  const round: Handler = (request, response) => response.writeHead(302, { location: request.url }).end()
  await refuses('network.failed', remote(await serve(round)), target)
  await refuses('network.failed', remote('http://127.0.0.1:9/none'), target)
  await refuses('file.missing', remote('http://127.0.0.1:9/none'), path.join(target, 'no', 'folder'))
})

test('cancelling keeps what has arrived', async () => {
  const folder = temporaryFolder()
  const target = path.join(folder, 'm.safetensors')
  const abort = new AbortController()
  const url = await serve((_, response) => {
    response.writeHead(200, { etag: '"one"', 'content-length': CONTENT.length })
    response.write(CONTENT.subarray(0, 100_000))
  })
  const onProgress = (bytes: number): void => {
    if (bytes >= 100_000) abort.abort()
  }
  await refuses('cancelled', remote(url), target, { ...QUICK, signal: abort.signal, onProgress })
  expect(fs.statSync(`${target}.part`).size).toBe(100_000)
})

test('a disk without room is refused before a byte is asked for, and a disk that fills is left clean', async () => {
  const target = path.join(temporaryFolder(), 'm.safetensors')
  const begun: number[] = []
  const url = await serve(cutting(1e9, begun))
  await refuses('disk.full', remote(url, { size: 2 ** 52 }), target)
  expect(begun).toEqual([])
  const disk = mountDisk(2 ** 19)
  if (!disk) return
  try {
    const filling = path.join(disk.folder, 'm.safetensors')
    const hungry = await serve((_, response) => {
      // Someone else fills the disk after the room was measured.
      fs.writeFileSync(path.join(disk.folder, 'other'), Buffer.alloc(2 ** 18))
      cutting(1e9, [])(_, response)
    })
    await refuses('disk.full', remote(hungry), filling)
    expect(namesIn(disk.folder)).toEqual(['other'])
  } finally {
    disk.remove()
  }
})
