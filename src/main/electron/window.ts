/**
 * The editor's window.
 *
 * Invariant: the page is sandboxed and isolated, shows `inlay://app` and nothing else ever: it opens no windows, goes to no
 * other page, attaches no web views, and of the permissions a page may ask for it gets the clipboard only.
 */
import path from 'node:path'
import { BrowserWindow, type Session, shell } from 'electron'
import { PAGE_ORIGIN } from './page-protocol.ts'

const ALLOWED = new Set(['clipboard-read', 'clipboard-sanitized-write', 'fullscreen'])

/** `preload` is the path of the built preload script. */
export function createWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 800,
    minHeight: 560,
    show: false,
    backgroundColor: '#262626',
    webPreferences: {
      preload: path.resolve(preload),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  })
  const { webContents } = window
  webContents.setWindowOpenHandler(({ url }) => {
    // A link to the outside belongs into the person's browser, and only a web link at that.
    if (url.startsWith('https://')) void shell.openExternal(url)
    return { action: 'deny' }
  })
  for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate'] as const)
    webContents.on(event as 'will-navigate', (details) => {
      if (!isPage(details.url)) details.preventDefault()
    })
  webContents.on('will-attach-webview', (event) => event.preventDefault())
  restrictPermissions(webContents.session)
  window.once('ready-to-show', () => window.show())
  void window.loadURL(`${PAGE_ORIGIN}/`)
  return window
}

/** Whether an address is our own page: the only place that may talk to the main process. */
export function isPage(address: string | undefined): boolean {
  return address === `${PAGE_ORIGIN}/` || address === `${PAGE_ORIGIN}/index.html`
}

function restrictPermissions(session: Session): void {
  session.setPermissionRequestHandler((_, permission, decide) => decide(ALLOWED.has(permission)))
  session.setPermissionCheckHandler((_, permission) => ALLOWED.has(permission))
}
