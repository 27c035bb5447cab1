/**
 * The bridge between the sandboxed page and the main process; see `shared/bridge.ts` for what it promises.
 *
 * Invariant: it adds nothing to what the page can do but the calls below, with plain values. The path of a dropped file
 * is read here, in the isolated world, and goes to the main process, not to the page.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { type InlayBridge, PORT_MESSAGE } from '../shared/bridge.ts'

ipcRenderer.on('inlay:port', (event, id: string) => {
  window.postMessage({ [PORT_MESSAGE]: id }, window.location.origin, event.ports as MessagePort[])
})

const bridge: InlayBridge = {
  connect: (service, id) => ipcRenderer.send('inlay:connect', service, id),
  async upload(file, name) {
    const path = file instanceof File ? webUtils.getPathForFile(file) : ''
    const source = path ? { path } : { bytes: new Uint8Array(await (file as Blob).arrayBuffer()) }
    return ipcRenderer.invoke('inlay:upload', source, name)
  },
  async model(file) {
    const path = file instanceof File ? webUtils.getPathForFile(file) : ''
    return path ? ipcRenderer.invoke('inlay:model', path) : null
  },
  onMenuAction(listener) {
    ipcRenderer.on('inlay:menu', (_, action: string) => listener(action))
  },
  onOpenFile(listener) {
    ipcRenderer.on('inlay:open-file', (_, file, name: string) => listener(file, name))
  },
}

contextBridge.exposeInMainWorld('inlay', bridge)
