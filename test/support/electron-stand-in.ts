/**
 * A small stand-in for the `electron` module, for machines without its binary: the part that Inlay uses, with the same
 * names. Utility processes are threads that run the real hosts; ports are real message ports; windows and menus only
 * remember what was done to them.
 */
import { EventEmitter } from 'node:events'
import { mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import { StandInPort } from './electron-stand-in-port.ts'

class App extends EventEmitter {
  isPackaged = false
  quits = 0
  exitCode: number | undefined
  readonly recent: string[] = []
  readonly userData = mkdtempSync(path.join(os.tmpdir(), 'inlay-test-electron-'))

  requestSingleInstanceLock = (): boolean => true
  whenReady = async (): Promise<void> => {}
  getPath = (_: 'userData'): string => this.userData
  getAppPath = (): string => process.cwd()
  getVersion = (): string => '0.0.0-test'
  addRecentDocument = (file: string): number => this.recent.push(file)

  /** As Electron does: `before-quit` may hold it up. */
  quit = (): void => {
    let held = false
    this.emit('before-quit', {
      preventDefault: () => {
        held = true
      },
    })
    if (!held) this.quits++
  }

  exit = (code: number): void => {
    this.exitCode = code
  }
}
export const app = new App()

class Frame {
  url = 'inlay://app/'
}

class WebContents extends EventEmitter {
  readonly mainFrame = new Frame()
  readonly sent: { channel: string; args: unknown[] }[] = []
  readonly ports: { channel: string; message: unknown; port: StandInPort }[] = []
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  readonly session = {
    request: undefined as unknown as (c: unknown, p: string, decide: (ok: boolean) => void) => void,
    check: undefined as unknown as (c: unknown, p: string) => boolean,
    setPermissionRequestHandler(handler: never): void {
      this.request = handler
    },
    setPermissionCheckHandler(handler: never): void {
      this.check = handler
    },
  }

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }

  send(channel: string, ...args: unknown[]): void {
    this.sent.push({ channel, args })
  }

  postMessage(channel: string, message: unknown, [port]: StandInPort[]): void {
    if (port) this.ports.push({ channel, message, port })
    this.emit('port')
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly all: BrowserWindow[] = []
  readonly options: { webPreferences: Record<string, unknown> }
  readonly webContents = new WebContents()
  address = ''
  shown = 0

  constructor(options: never) {
    super()
    this.options = options
    BrowserWindow.all.push(this)
  }

  async loadURL(address: string): Promise<void> {
    this.address = address
    await new Promise(setImmediate)
    this.webContents.emit('did-finish-load')
    this.emit('ready-to-show')
  }

  show(): void {
    this.shown++
  }

  isMinimized(): boolean {
    return false
  }

  restore(): void {}

  focus(): void {
    this.shown++
  }
}

class IpcMain extends EventEmitter {
  readonly handlers = new Map<string, (event: unknown, ...args: unknown[]) => Promise<unknown>>()

  handle(channel: string, handler: never): void {
    this.handlers.set(channel, handler)
  }
}
export const ipcMain = new IpcMain()

export const protocol = {
  schemes: [] as { scheme: string; privileges: Record<string, boolean> }[],
  handlers: new Map<string, (request: Request) => Promise<Response>>(),
  registerSchemesAsPrivileged(schemes: never[]): void {
    this.schemes.push(...schemes)
  },
  handle(scheme: string, handler: never): void {
    this.handlers.set(scheme, handler)
  },
}

interface MenuItem {
  id?: string
  label?: string
  role?: string
  type?: string
  enabled?: boolean
  checked?: boolean
  accelerator?: string
  registerAccelerator?: boolean
  submenu?: MenuItem[]
  click?: () => void
}
export const Menu = {
  items: [] as MenuItem[],
  buildFromTemplate: (template: MenuItem[]): MenuItem[] => template,
  setApplicationMenu(items: MenuItem[]): void {
    this.items = items
  },
  getApplicationMenu() {
    const all = this.items.flatMap((menu) => menu.submenu ?? [])
    return { getMenuItemById: (id: string) => all.find((item) => item.id === id) ?? null }
  },
}

export const dialog = {
  open: { canceled: true, filePaths: [] as string[] },
  save: { canceled: true, filePath: '' },
  showOpenDialog: async () => dialog.open,
  showSaveDialog: async () => dialog.save,
}

export const shell = {
  opened: [] as string[],
  openExternal: async (url: string): Promise<void> => {
    shell.opened.push(url)
  },
}

export class MessageChannelMain {
  readonly port1: StandInPort
  readonly port2: StandInPort

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new StandInPort(port1)
    this.port2 = new StandInPort(port2)
  }
}

class UtilityProcess extends EventEmitter {
  readonly pid = undefined
  readonly worker: Worker

  constructor(entry: string, args: string[]) {
    super()
    const bootstrap = new URL('./electron-stand-in-utility.ts', import.meta.url)
    this.worker = new Worker(bootstrap, { workerData: { entry: pathToFileURL(entry).href, args } })
    this.worker.on('error', (error) => console.error(error))
    this.worker.once('exit', (code) => this.emit('exit', code))
  }

  postMessage(data: unknown, ports: StandInPort[] = []): void {
    const nodes = ports.map((port) => port.node)
    this.worker.postMessage({ data, ports: nodes }, nodes)
  }

  kill(): boolean {
    void this.worker.terminate()
    return true
  }
}
export const utilityProcess = {
  forked: [] as UtilityProcess[],
  fork(entry: string, args: string[]): UtilityProcess {
    const child = new UtilityProcess(entry, args)
    utilityProcess.forked.push(child)
    return child
  },
}

export const contextBridge = {
  exposed: {} as Record<string, unknown>,
  exposeInMainWorld(name: string, value: unknown): void {
    contextBridge.exposed[name] = value
  },
}

class IpcRenderer extends EventEmitter {
  readonly sent: unknown[][] = []
  send(...args: unknown[]): void {
    this.sent.push(args)
  }
  async invoke(...args: unknown[]): Promise<unknown> {
    this.sent.push(args)
    return { file: 'token', name: String(args.at(-1)) }
  }
}
export const ipcRenderer = new IpcRenderer()

export const webUtils = {
  getPathForFile: (file: File): string => (file.name === 'dropped.jpg' ? '/photos/dropped.jpg' : ''),
}
