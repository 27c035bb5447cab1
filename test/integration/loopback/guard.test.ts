import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LoopbackProcess } from '../../support/loopback-client.ts'

let server: LoopbackProcess
let outside: string
let folder: string

beforeAll(async () => {
  outside = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-outside-'))
  folder = path.join(outside, 'shared')
  await mkdir(path.join(folder, 'inner'), { recursive: true })
  await writeFile(path.join(outside, 'secret.png'), 'secret')
  await writeFile(path.join(folder, 'own.png'), 'own')
  await writeFile(path.join(folder, 'notes.txt'), 'not a picture')
  await symlink(path.join(outside, 'secret.png'), path.join(folder, 'linked.png'))
  await symlink(outside, path.join(folder, 'way-out'))
  server = await LoopbackProcess.start(['--folder', folder])
})
afterAll(async () => {
  await server.stop()
  await rm(outside, { recursive: true, force: true })
})

/** A request with exactly these headers; `fetch` would not let us lie about the host. */
function ask(where: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port: server.url.port, path: where, method, headers },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    request.on('error', reject)
    request.end()
  })
}

const upgrade = (service: string, headers: Record<string, string>): Promise<string> =>
  new Promise((resolve) => {
    const socket = server.socket(service, headers)
    socket.once('open', () => {
      socket.close()
      resolve('open')
    })
    socket.once('unexpected-response', (_, response) => resolve(String(response.statusCode)))
    socket.once('error', () => {})
  })

describe('the loopback server', () => {
  it('listens on 127.0.0.1 only', async () => {
    const addresses = Object.values(os.networkInterfaces()).flat()
    const other = addresses.find((each) => each && !each.internal && each.family === 'IPv4')
    if (!other) return
    await expect(fetch(`http://${other.address}:${server.url.port}/`)).rejects.toThrow()
  })

  it('gives the cookie for the token only, and asks for it ever after', async () => {
    expect(server.cookie).toMatch(/^inlay-\d+=.{40,}$/)
    const wrong = await fetch(new URL('/?token=wrong', server.origin))
    expect(wrong.status).toBe(403)
    expect(wrong.headers.get('set-cookie')).toBeNull()
    const { host } = server.url
    for (const where of ['/', '/tiles', '/upload?name=x', '/download/x', '/assets/x.js'])
      expect(await ask(where, { host }), where).toBe(403)
    expect(await ask('/', { host, cookie: server.cookie.replace(/.$/, '!') })).toBe(403)
    expect(await ask('/nothing', { host, cookie: server.cookie })).toBe(404)
    const welcome = await fetch(server.url)
    expect(welcome.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/)
  })

  it('refuses another Host (DNS rebinding) and another Origin, even with the cookie', async () => {
    const { host } = server.url
    const { cookie, origin } = server
    for (const other of [
      'evil.example',
      `evil.example:${server.url.port}`,
      '127.0.0.1',
      `[::1]:${server.url.port}`,
    ])
      expect(await ask('/', { host: other, cookie }), other).toBe(421)
    expect(await ask(`/${server.url.search}`, { host: 'evil.example' })).toBe(421)
    expect(await ask('/nothing', { host, cookie, origin: 'https://evil.example' })).toBe(403)
    expect(await ask('/nothing', { host, cookie, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await ask('/tiles', { host, cookie }, 'POST')).toBe(403)
    expect(await ask('/tiles', { host, cookie, origin }, 'POST')).toBe(422)
    expect(await ask('/tiles', { host, cookie, origin: 'null' }, 'POST')).toBe(403)
  })

  it('checks the same on the WebSocket', async () => {
    expect(await upgrade('shell', {})).toBe('open')
    expect(await upgrade('project', {})).toBe('open')
    expect(await upgrade('control', {})).toBe('403')
    expect(await upgrade('tiles', {})).toBe('403')
    expect(await upgrade('shell', { cookie: '' })).toBe('403')
    expect(await upgrade('shell', { origin: 'https://evil.example' })).toBe('403')
    expect(await upgrade('shell', { host: 'evil.example' })).toBe('403')
  })

  it('sends a strict policy with everything', async () => {
    const { headers } = await server.fetch('/nothing')
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp')
  })

  it('does not leave the built page by its paths', async () => {
    const { host } = server.url
    for (const where of [
      '/../package.json',
      '/..%2fpackage.json',
      '/%2e%2e/package.json',
      '/assets/..%2f..%2f..%2fpackage.json',
      '//etc/passwd',
      '/%2fetc%2fpasswd',
      '/%00',
      '/%',
    ])
      expect(await ask(where, { host, cookie: server.cookie }), where).toBe(404)
  })

  it('lists and opens the given folder only, links included', async () => {
    const shell = await server.shell()
    const root = await shell.listFolder({ path: '' })
    expect(root?.entries.map(({ name }) => name)).toEqual(['inner', 'own.png'])
    expect(await shell.listFolder({ path: 'inner' })).toEqual({ path: 'inner', whole: null, entries: [] })
    for (const away of ['..', '/', outside, 'way-out', 'inner/../..', 'missing', 'own.png'])
      for (const of of [undefined, 'models'] as const)
        expect(await shell.listFolder({ path: away, ...(of && { of }) }), away).toBeNull()
    const models = await shell.listFolder({ path: '', of: 'models' })
    expect(models?.entries.map(({ name }) => name)).toEqual(['inner'])
  })

  it('writes into the folder under a free name, whatever name is asked for', async () => {
    const shell = await server.shell()
    const project = await server.project()
    const { session } = await project.create({ width: 8, height: 8, background: 'white' })
    for (const [suggestedName, name] of [
      ['own.png', 'own 2.png'],
      ['../secret.png', '_secret.png'],
      ['inner/x.png', 'inner_x.png'],
    ] as const) {
      const target = (await shell.chooseTarget({ suggestedName, kind: 'image' }))!
      expect(target.name).toBe(name)
      const options = { format: 'png', quality: 90, stripMetadata: true } as const
      for await (const _ of await project.export({ session, file: target.file, options }));
      expect(await shell.delivery({ file: target.file })).toBeNull()
    }
    expect((await readdir(folder)).filter((name) => name.endsWith('.png')).sort()).toEqual([
      '_secret.png',
      'inner_x.png',
      'linked.png',
      'own 2.png',
      'own.png',
    ])
    await project.close({ session })
  })
})

describe('its end', () => {
  it('ends with status 0, and leaves no temporary files and no host', async () => {
    const own = await LoopbackProcess.start()
    await own.fetch('/upload?name=a.bin', { method: 'POST', body: 'abc' })
    const prefix = `inlay-loopback-${own.process.pid}-`
    const left = async () => (await readdir(os.tmpdir())).filter((name) => name.startsWith(prefix))
    expect(await left()).toHaveLength(1)
    expect(await own.stop()).toBe(0)
    expect(await left()).toEqual([])
  })

  it('says in one line what is wrong with its arguments', async () => {
    await expect(LoopbackProcess.start(['--port', 'many'])).rejects.toThrow('status 2')
    await expect(LoopbackProcess.start(['/no/such/photo.jpg'])).rejects.toThrow('status 2')
    await expect(LoopbackProcess.start(['--nonsense'])).rejects.toThrow('status 2')
  })
})
