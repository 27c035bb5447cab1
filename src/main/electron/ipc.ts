/**
 * What the page's preload may ask of the main process: a port, and to take in a file.
 *
 * Invariant: every message's sender is checked (our window, its main frame, our page) and every argument parsed before
 * anything happens; what fails either is ignored or refused without a word that would help to guess.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, MessageChannelMain } from 'electron'
import { z } from 'zod'
import type { HostSupervisor } from '../hosts/host-supervisor.ts'
import type { FramePort } from '../hosts/ports.ts'
import type { ProjectLink } from '../hosts/project-link.ts'
import { type ChosenFile, fileNameOf } from '../hosts/shell-service.ts'
import { openPort, portOf } from './utility-starter.ts'
import { isPage } from './window.ts'

export const CHANNELS = {
  connect: 'inlay:connect',
  port: 'inlay:port',
  upload: 'inlay:upload',
  model: 'inlay:model',
  menu: 'inlay:menu',
  openFile: 'inlay:open-file',
} as const

const Connect = z.tuple([z.enum(['project', 'models', 'shell']), z.string().max(64)])
const Upload = z.tuple([
  z.object({ path: z.string().max(4096) }).or(z.object({ bytes: z.instanceof(Uint8Array) })),
  z.string().min(1).max(400),
])

const Model = z.tuple([z.string().min(1).max(4096)])

export interface IpcParts {
  readonly supervisor: HostSupervisor
  readonly projects: ProjectLink
  readonly shell: (port: FramePort) => void
  /** Whether these contents are a window of ours. */
  isOurs(contents: Electron.WebContents): boolean
}

/** @returns what removes the temporary files. */
export function listen({ supervisor, projects, shell, isOurs }: IpcParts): () => void {
  const folder = mkdtempSync(path.join(os.tmpdir(), `inlay-window-${process.pid}-`))
  const trusted = (event: IpcMainEvent | IpcMainInvokeEvent): boolean =>
    isOurs(event.sender) && event.senderFrame === event.sender.mainFrame && isPage(event.senderFrame?.url)

  ipcMain.on(CHANNELS.connect, async (event, ...args) => {
    const parsed = Connect.safeParse(args)
    if (!trusted(event) || !parsed.success) return
    const [service, id] = parsed.data
    if (service === 'shell') {
      const { port1, port2 } = new MessageChannelMain()
      shell(portOf(port1))
      event.sender.postMessage(CHANNELS.port, id, [port2])
      return
    }
    // Without an answer the page tries again; it says so when the host does not come back.
    try {
      await projects.ready()
      const port = openPort(await supervisor.running('project'), service)
      event.sender.postMessage(CHANNELS.port, id, [port])
    } catch (error) {
      console.error(error)
    }
  })

  ipcMain.handle(CHANNELS.upload, async (event, ...args): Promise<ChosenFile> => {
    const parsed = Upload.safeParse(args)
    if (!trusted(event) || !parsed.success) throw new Error('refused')
    const [source, name] = parsed.data
    if ('path' in source)
      return { file: await projects.grant(source.path, 'open'), name: path.basename(source.path) }
    const place = path.join(folder, crypto.randomUUID())
    await mkdir(place, { mode: 0o700 })
    const file = path.join(place, fileNameOf(name))
    await writeFile(file, source.bytes, { mode: 0o600 })
    return { file: await projects.grant(file, 'upload'), name: path.basename(file) }
  })

  ipcMain.handle(CHANNELS.model, async (event, ...args): Promise<ChosenFile> => {
    const parsed = Model.safeParse(args)
    if (!trusted(event) || !parsed.success) throw new Error('refused')
    const [file] = parsed.data
    return { file: await projects.grant(file, 'model'), name: path.basename(file) }
  })
  return () => rmSync(folder, { recursive: true, force: true })
}
