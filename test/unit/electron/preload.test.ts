import { expect, it, vi } from 'vitest'

vi.mock('electron', () => import('../../support/electron-stand-in.ts'))
const posted: unknown[][] = []
vi.stubGlobal('window', {
  location: { origin: 'inlay://app' },
  postMessage: (...args: unknown[]) => posted.push(args),
})
await import('../../../src/preload/preload.ts')
const { contextBridge, ipcRenderer } = await import('../../support/electron-stand-in.ts')
const bridge = contextBridge.exposed['inlay'] as import('../../../src/shared/bridge.ts').InlayBridge

it('exposes five calls and nothing of Electron', () => {
  expect(Object.keys(contextBridge.exposed)).toEqual(['inlay'])
  expect(Object.keys(bridge).toSorted()).toEqual(['connect', 'model', 'onMenuAction', 'onOpenFile', 'upload'])
})

it('hands a port on to the page of its own origin only', () => {
  bridge.connect('project', 'id-1')
  expect(ipcRenderer.sent.at(-1)).toEqual(['inlay:connect', 'project', 'id-1'])
  ipcRenderer.emit('inlay:port', { ports: ['port'] }, 'id-1')
  expect(posted).toEqual([[{ inlayPort: 'id-1' }, 'inlay://app', ['port']]])
})

it('sends the path of a dropped file to the main process, and bytes of what has none', async () => {
  const dropped = await bridge.upload(new File(['abc'], 'dropped.jpg'), 'dropped.jpg')
  expect(dropped).toEqual({ file: 'token', name: 'dropped.jpg' })
  expect(ipcRenderer.sent.at(-1)).toEqual(['inlay:upload', { path: '/photos/dropped.jpg' }, 'dropped.jpg'])
  await bridge.upload(new Blob(['abc']), 'Pasted.png')
  expect(ipcRenderer.sent.at(-1)).toEqual([
    'inlay:upload',
    { bytes: Uint8Array.from([97, 98, 99]) },
    'Pasted.png',
  ])
})

it('sends the path of a dropped model, and never its bytes', async () => {
  const dropped = await bridge.model(new File(['abc'], 'dropped.jpg'))
  expect(dropped?.file).toBe('token')
  expect(ipcRenderer.sent.at(-1)).toEqual(['inlay:model', '/photos/dropped.jpg'])
  const before = ipcRenderer.sent.length
  expect(await bridge.model(new Blob(['abc']))).toBeNull()
  expect(ipcRenderer.sent).toHaveLength(before)
})

it('passes the arguments of events on without the event', () => {
  const seen: unknown[] = []
  bridge.onMenuAction((...args) => seen.push(args))
  bridge.onOpenFile((...args) => seen.push(args))
  ipcRenderer.emit('inlay:menu', { sender: 'secret' }, 'edit.undo')
  ipcRenderer.emit('inlay:open-file', { sender: 'secret' }, 'token', 'a.jpg')
  expect(seen).toEqual([['edit.undo'], ['token', 'a.jpg']])
})
