/**
 * The shell's service, the same under Electron and under loopback but for what a window can show.
 *
 * Invariant: paths stay in here; a window gets tokens and names. Loads no native module.
 */
import path from 'node:path'
import { implement } from '@orpc/server'
import type { FileToken } from '../../shared/ids.ts'
import { shellContract } from '../../shared/rpc/shell-contract.ts'
import type { FramePort } from './ports.ts'
import type { ProjectLink } from './project-link.ts'
import { type Caller, serve } from './rpc.ts'
import type { ShellStore } from './shell-store.ts'

export interface ChosenFile {
  readonly file: FileToken
  readonly name: string
}

export interface FolderListing {
  readonly path: string
  readonly whole: FileToken | null
  readonly entries: readonly {
    readonly name: string
    readonly folder: boolean
    readonly file: FileToken | null
  }[]
}

/** What differs from shell to shell. */
export interface ShellPlatform {
  readonly host: 'electron' | 'loopback'
  readonly version: string
  readonly dialogs: boolean
  /** What this window shall open at once; asked for once, so that a page that is loaded again opens nothing twice. */
  launchFile(): Promise<FileToken | 'sample' | null>
  chooseFile(): Promise<ChosenFile | null>
  chooseModel(kind: 'file' | 'folder'): Promise<ChosenFile | null>
  /** @throws InlayError `file.denied` where paths are not taken, `file.missing` */
  modelAt(path: string): Promise<ChosenFile>
  chooseTarget(suggestedName: string, kind: 'image' | 'project'): Promise<ChosenFile | null>
  delivery(file: FileToken): Promise<{ url: string } | null>
  listFolder(path: string, of: 'pictures' | 'models'): Promise<FolderListing | null>
  menuState(state: { readonly enabled: readonly string[]; readonly checked: readonly string[] }): void
}

/** @returns what to call with every port that a window opens to the shell. */
export function serveShell(
  platform: ShellPlatform,
  store: ShellStore,
  projects: ProjectLink,
): (port: FramePort) => void {
  const os = implement(shellContract).$context<Caller>()
  return serve(
    os.router({
      info: os.info.handler(async () => ({
        host: platform.host,
        version: platform.version,
        platform: process.platform,
        dialogs: platform.dialogs,
        open: await platform.launchFile(),
      })),
      chooseFile: os.chooseFile.handler(() => platform.chooseFile()),
      chooseModel: os.chooseModel.handler(({ input }) => platform.chooseModel(input.kind)),
      modelAt: os.modelAt.handler(({ input }) => platform.modelAt(input.path)),
      chooseTarget: os.chooseTarget.handler(({ input }) =>
        platform.chooseTarget(fileNameOf(input.suggestedName), input.kind),
      ),
      delivery: os.delivery.handler(({ input }) => platform.delivery(input.file)),
      recent: os.recent.handler(async () => {
        const files = await store.recent()
        return Promise.all(
          files.map(async (file) => ({
            file: await projects.grant(file.path, 'open'),
            name: path.basename(file.path),
            folder: path.dirname(file.path),
            time: file.time,
          })),
        )
      }),
      clearRecent: os.clearRecent.handler(() => store.forgetAll()),
      settings: os.settings.handler(() => store.settings()),
      saveSettings: os.saveSettings.handler(({ input }) => store.saveSettings(input)),
      listFolder: os.listFolder.handler(({ input }) =>
        platform.listFolder(input.path, input.of ?? 'pictures'),
      ),
      menuState: os.menuState.handler(({ input }) => platform.menuState(input)),
    }),
  )
}

/** A name that is a file name on every system: no folder, no character that one of them forbids, not too long. */
export function fileNameOf(suggested: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to go.
  const clean = suggested.replace(/[<>:"/\\|?*\u0000-\u001f]/g, '_').replace(/^\.+|[. ]+$/g, '')
  const extension = path.extname(clean).slice(0, 16)
  const stem = clean.slice(0, clean.length - path.extname(clean).length).slice(0, 120)
  return `${stem || 'Untitled'}${extension}`
}
