/**
 * Entry of the Electron host: one process for windows, menus and dialogs, which never blocks and holds no pixels.
 *
 * Invariant: one instance runs; a second start hands its file over and ends. Hosts are asked to close their files before the
 * application ends.
 */
import path from 'node:path'
import { app, type BrowserWindow } from 'electron'
import { InlayError } from '../../shared/errors.ts'
import type { FileToken } from '../../shared/ids.ts'
import { HostSupervisor } from '../hosts/host-supervisor.ts'
import { ProjectLink } from '../hosts/project-link.ts'
import { serveShell } from '../hosts/shell-service.ts'
import { ShellStore } from '../hosts/shell-store.ts'
import { chooseFile, chooseModel, chooseTarget } from './dialogs.ts'
import { CHANNELS, listen } from './ipc.ts'
import { fileInArguments } from './launch-file.ts'
import { setMenu, showMenuState } from './menu.ts'
import { registerScheme, servePage } from './page-protocol.ts'
import { utilityStarter } from './utility-starter.ts'
import { createWindow } from './window.ts'

export interface AppFolders {
  /** `out` of the repository or the package: `renderer` and `preload` are in it. */
  readonly built: string
  readonly assets: string
  /** Where the hosts' entry points are; by default beside the running file. */
  readonly hosts?: URL
}

/** Starts the application; resolves when the first window has been made. */
export async function startApp({ built, assets, hosts }: AppFolders): Promise<void> {
  registerScheme()
  // Opened files come by event on macOS, maybe before the application is ready, and by command line elsewhere.
  let waiting = fileInArguments(process.argv.slice(app.isPackaged ? 1 : 2), process.cwd())
  let useSample = process.argv.includes('--sample')
  // The hosts get it with the environment.
  if (process.argv.includes('--offline')) process.env['INLAY_OFFLINE'] = '1'
  let window: BrowserWindow | null = null
  const openLater = (file: string): void => {
    waiting = file
  }
  let openFile = openLater
  app.on('open-file', (event, file) => {
    event.preventDefault()
    openFile(file)
  })
  if (!app.requestSingleInstanceLock()) {
    app.quit()
    return
  }
  app.on('second-instance', (_, args, folder) => {
    const file = fileInArguments(args.slice(1), folder)
    if (file) openFile(file)
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
  await app.whenReady()

  const dataFolder = app.getPath('userData')
  const store = new ShellStore(dataFolder)
  const supervisor = new HostSupervisor({
    starter: utilityStarter(hosts),
    config: { dataFolder, assetsFolder: assets },
    onLost: (kind, how) => console.error(`The ${kind} host ${how}; it is started again.`),
  })
  const projects = new ProjectLink(supervisor, (file) => {
    app.addRecentDocument(file)
    void store.remember(file)
  })
  const launchFile = async (): Promise<FileToken | 'sample' | null> => {
    const file = waiting
    const sample = useSample
    waiting = null
    useSample = false
    if (file) return projects.grant(file, 'open')
    return sample ? 'sample' : null
  }
  const shell = serveShell(
    {
      host: 'electron',
      version: app.getVersion(),
      dialogs: true,
      launchFile,
      chooseFile: async () => window && chooseFile(window, projects),
      chooseModel: async (kind) => window && chooseModel(window, projects, kind),
      modelAt: async () => {
        throw new InlayError('file.denied', 'Choose the model in the dialog, or drop it on the window.')
      },
      chooseTarget: async (name, kind) => window && chooseTarget(window, projects, name, kind),
      delivery: async () => null,
      listFolder: async () => null,
      menuState: showMenuState,
    },
    store,
    projects,
  )
  servePage(path.join(built, 'renderer'), projects)
  const removeFiles = listen({
    supervisor,
    projects,
    shell,
    isOurs: (contents) => contents === window?.webContents,
  })
  setMenu((action) => window?.webContents.send(CHANNELS.menu, action), !app.isPackaged)

  const show = (): void => {
    window = createWindow(path.join(built, 'preload', 'preload.cjs'))
    window.on('closed', () => {
      window = null
      openFile = openLater
    })
    window.webContents.once('did-finish-load', () => {
      openFile = async (file) => {
        window?.webContents.send(CHANNELS.openFile, await projects.grant(file, 'open'), path.basename(file))
      }
    })
  }
  show()
  app.on('activate', () => {
    if (!window) show()
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  let stopped = false
  app.on('before-quit', (event) => {
    if (stopped) return
    event.preventDefault()
    void supervisor.stop().finally(() => {
      stopped = true
      removeFiles()
      app.quit()
    })
  })
}
