import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ContractRouterClient } from '@orpc/contract'
import type { MessagePortMain } from 'electron'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { clientOf } from '../../../src/main/hosts/rpc.ts'
import type { RasterLayer } from '../../../src/shared/document/model.ts'
import type { modelsContract, projectContract } from '../../../src/shared/rpc/contract.ts'
import type { shellContract } from '../../../src/shared/rpc/shell-contract.ts'
import type { StandInPort } from '../../support/electron-stand-in-port.ts'
import { ASYMMETRIC } from '../../support/tiny-models.ts'

vi.mock('electron', () => import('../../support/electron-stand-in.ts'))
const electron = await import('../../support/electron-stand-in.ts')
const { startApp } = await import('../../../src/main/electron/app.ts')
const { portOf } = await import('../../../src/main/electron/utility-starter.ts')

const ROOT = new URL('../../../', import.meta.url)
const PHOTO = fileURLToPath(new URL('test/fixtures/photos/kitten-on-lawn.jpg', ROOT))
let built: string

const theWindow = () => electron.BrowserWindow.all[0]!
const fromPage = () => ({ sender: theWindow().webContents, senderFrame: theWindow().webContents.mainFrame })

async function line(service: 'project' | 'models' | 'shell') {
  const { webContents } = theWindow()
  const id = crypto.randomUUID()
  electron.ipcMain.emit('inlay:connect', fromPage(), service, id)
  const found = () => webContents.ports.find(({ message }) => message === id)
  await expect.poll(found).toBeTruthy()
  return portOf(found()!.port as StandInPort as unknown as MessagePortMain)
}
const projectClient = async () => clientOf<typeof projectContract>(await line('project'))
const shellClient = async (): Promise<ContractRouterClient<typeof shellContract>> =>
  clientOf<typeof shellContract>(await line('shell'))

const ask = (where: string, init?: RequestInit): Promise<Response> =>
  electron.protocol.handlers.get('inlay')!(new Request(`inlay://app${where}`, init))

beforeAll(async () => {
  built = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-built-'))
  await mkdir(path.join(built, 'renderer'))
  await writeFile(path.join(built, 'renderer', 'index.html'), '<title>Inlay</title>')
  await writeFile(path.join(built, 'secret.txt'), 'secret')
  await startApp({
    built,
    assets: fileURLToPath(new URL('assets/', ROOT)),
    hosts: new URL('src/main/hosts/', ROOT),
  })
})
afterAll(async () => {
  await rm(built, { recursive: true, force: true })
  await rm(electron.app.userData, { recursive: true, force: true })
})

describe('the Electron host, with a stand-in for Electron', () => {
  it('makes one sandboxed, isolated window on its own protocol', () => {
    expect(electron.BrowserWindow.all).toHaveLength(1)
    expect(theWindow().address).toBe('inlay://app/')
    expect(theWindow().options.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    })
    expect(electron.protocol.schemes).toEqual([
      { scheme: 'inlay', privileges: expect.objectContaining({ standard: true, secure: true }) },
    ])
    expect(electron.protocol.schemes[0]?.privileges).not.toHaveProperty('bypassCSP')
  })

  it('blocks navigation, new windows, web views and permissions', () => {
    const { webContents } = theWindow()
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      const blocked = vi.fn()
      webContents.emit(event, { url: 'https://evil.example/', preventDefault: blocked })
      expect(blocked, event).toHaveBeenCalledOnce()
    }
    expect(webContents.openHandler?.({ url: 'https://example.com/help' })).toEqual({ action: 'deny' })
    expect(webContents.openHandler?.({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' })
    expect(electron.shell.opened).toEqual(['https://example.com/help'])
    const prevented = vi.fn()
    webContents.emit('will-attach-webview', { preventDefault: prevented })
    expect(prevented).toHaveBeenCalledOnce()
    for (const permission of ['camera', 'geolocation', 'openExternal', 'notifications'])
      expect(webContents.session.check(null, permission), permission).toBe(false)
    expect(webContents.session.check(null, 'clipboard-read')).toBe(true)
  })

  it('serves the page with a strict policy, and nothing outside its folder', async () => {
    const page = await ask('/')
    expect(await page.text()).toBe('<title>Inlay</title>')
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
    for (const where of ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/missing.js'])
      expect((await ask(where)).status, where).toBe(404)
    expect((await ask('/', { method: 'DELETE' })).status).toBe(405)
  })

  it('talks to its own page only', async () => {
    const { webContents } = theWindow()
    const before = webContents.ports.length
    const { sender, senderFrame } = fromPage()
    for (const event of [
      { sender, senderFrame: { url: 'https://evil.example/' } },
      { sender, senderFrame: { url: 'inlay://app/' } },
      { sender: {}, senderFrame },
      { sender, senderFrame: null },
    ])
      electron.ipcMain.emit('inlay:connect', event, 'project', 'x')
    electron.ipcMain.emit('inlay:connect', fromPage(), 'control', 'x')
    electron.ipcMain.emit('inlay:connect', fromPage(), 'project', { toString: () => 'x' })
    const upload = electron.ipcMain.handlers.get('inlay:upload')!
    await expect(upload({ sender, senderFrame: null }, { path: PHOTO }, 'a.jpg')).rejects.toThrow('refused')
    await expect(upload(fromPage(), { path: 5 }, 'a.jpg')).rejects.toThrow('refused')
    await projectClient()
    expect(webContents.ports.length).toBe(before + 1)
  })

  it('opens a chosen photograph by token and shows its tiles by protocol', async () => {
    const shell = await shellClient()
    const project = await projectClient()
    expect(await shell.info()).toMatchObject({ host: 'electron', dialogs: true, open: null })
    expect(await shell.chooseFile()).toBeNull()
    electron.dialog.open = { canceled: false, filePaths: [PHOTO] }
    const chosen = (await shell.chooseFile())!
    expect(JSON.stringify(chosen)).not.toContain(path.dirname(PHOTO))
    const state = await project.open({ file: chosen.file })
    expect(state.name).toBe('kitten-on-lawn')
    const { tiles } = state.document.layers[state.document.root[0]!] as RasterLayer
    const hashes = Object.values(tiles)
    const { session } = state
    const answer = await ask('/tiles', {
      method: 'POST',
      body: JSON.stringify({ session, hashes, level: 2 }),
    })
    expect((await answer.arrayBuffer()).byteLength).toBe(hashes.length * (1 + 64 * 64 * 4))
    expect((await ask(`/tiles/${session}/0/${hashes[0]}`)).status).toBe(200)
    expect((await ask(`/tiles/${session}/0/${'0'.repeat(64)}`)).status).toBe(404)
    expect((await ask(`/tiles/${session}/99/${hashes[0]}`)).status).toBe(400)
    // The shell hears of it on a line of its own, a moment later.
    await expect
      .poll(async () => (await shell.recent()).map(({ name }) => name))
      .toEqual(['kitten-on-lawn.jpg'])
    expect(electron.app.recent).toEqual([PHOTO])

    const target = path.join(built, 'out.png')
    electron.dialog.save = { canceled: false, filePath: target }
    const place = (await shell.chooseTarget({ suggestedName: 'out.png', kind: 'image' }))!
    const options = { format: 'png', quality: 90, stripMetadata: true } as const
    const events: unknown[] = []
    for await (const event of await project.export({ session, file: place.file, options })) events.push(event)
    expect(events.at(-1)).toMatchObject({ type: 'done' })
    expect(await shell.delivery({ file: place.file })).toBeNull()
    await project.close({ session })
  })

  it('takes dropped files by path and pasted ones by bytes', async () => {
    const project = await projectClient()
    const upload = electron.ipcMain.handlers.get('inlay:upload')!
    const dropped = (await upload(fromPage(), { path: PHOTO }, 'x')) as { file: never; name: string }
    expect(dropped.name).toBe('kitten-on-lawn.jpg')
    const { session } = await project.open({ file: dropped.file })
    await project.close({ session })
    const pasted = (await upload(fromPage(), { bytes: new Uint8Array(3) }, '../Pasted.png')) as {
      file: never
    }
    expect(pasted).toMatchObject({ name: '_Pasted.png' })
    await expect(project.open({ file: pasted.file })).rejects.toMatchObject({ code: 'image.unreadable' })
  })

  it('takes models from the dialog and by dropping, and no path from the page', async () => {
    const models = clientOf<typeof modelsContract>(await line('models'))
    const shell = await shellClient()
    electron.dialog.open = { canceled: true, filePaths: [] }
    expect(await shell.chooseModel({ kind: 'folder' })).toBeNull()
    electron.dialog.open = { canceled: false, filePaths: [ASYMMETRIC] }
    const chosen = (await shell.chooseModel({ kind: 'folder' }))!
    expect(await models.import({ file: chosen.file })).toMatchObject({ path: ASYMMETRIC })
    await expect(shell.modelAt({ path: ASYMMETRIC })).rejects.toMatchObject({ code: 'file.denied' })

    const drop = electron.ipcMain.handlers.get('inlay:model')!
    const outside = { sender: theWindow().webContents, senderFrame: { url: 'https://evil.example/' } }
    await expect(drop(outside, ASYMMETRIC)).rejects.toThrow('refused')
    await expect(drop(fromPage(), { path: ASYMMETRIC })).rejects.toThrow('refused')
    expect(await drop(fromPage(), ASYMMETRIC)).toEqual(chosen)
    await expect((await projectClient()).open({ file: chosen.file })).rejects.toMatchObject({
      code: 'file.denied',
    })
    const upload = electron.ipcMain.handlers.get('inlay:upload')!
    const photo = (await upload(fromPage(), { path: PHOTO }, 'x')) as { file: never }
    await expect(models.import({ file: photo.file })).rejects.toMatchObject({ code: 'file.denied' })
  })

  it('hands files from outside to the window, and menu choices too', async () => {
    const { sent } = theWindow().webContents
    const prevented = vi.fn()
    electron.app.emit('open-file', { preventDefault: prevented }, PHOTO)
    expect(prevented).toHaveBeenCalledOnce()
    const opened = () => sent.filter(({ channel }) => channel === 'inlay:open-file')
    await expect.poll(() => opened().length).toBe(1)
    expect(opened()[0]?.args).toEqual([expect.stringMatching(/^[\w-]{24}$/), 'kitten-on-lawn.jpg'])
    electron.app.emit(
      'second-instance',
      {},
      ['electron', '--flag', path.basename(PHOTO)],
      path.dirname(PHOTO),
    )
    await expect.poll(() => opened().length).toBe(2)
    electron.Menu.getApplicationMenu().getMenuItemById('edit.undo')?.click?.()
    expect(sent.at(-1)).toEqual({ channel: 'inlay:menu', args: ['edit.undo'] })
  })

  it('goes on after the project host died, with the session that was open', async () => {
    const project = await projectClient()
    const { session } = await project.openSample()
    const host = electron.utilityProcess.forked.at(-1)!
    const ended = new Promise((resolve) => host.once('exit', resolve))
    host.kill()
    await expect(project.state({ session })).rejects.toMatchObject({ code: 'host.lost' })
    await ended
    const again = await projectClient()
    expect((await again.state({ session })).name).toBe('desert-hike')
    await again.close({ session })
  })

  it('closes everything before it quits', async () => {
    const host = electron.utilityProcess.forked.at(-1)!
    const ended = new Promise((resolve) => host.once('exit', resolve))
    electron.app.quit()
    expect(electron.app.quits).toBe(0)
    expect(await ended).toBe(0)
    await expect.poll(() => electron.app.quits).toBe(1)
  })
})
