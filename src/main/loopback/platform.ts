/** What the shell service means where the window is a page in a browser: no dialogs, uploads, downloads, one folder. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { FileToken } from '../../shared/ids.ts'
import type { ProjectLink } from '../hosts/project-link.ts'
import type { ShellPlatform } from '../hosts/shell-service.ts'
import type { SharedFolder } from './shared-folder.ts'
import type { Transfers } from './transfers.ts'

export interface LoopbackParts {
  readonly projects: ProjectLink
  readonly transfers: Transfers
  readonly folder: SharedFolder | null
  readonly launch: FileToken | 'sample' | null
}

export function loopbackPlatform({ projects, transfers, folder, launch }: LoopbackParts): ShellPlatform {
  let toOpen = launch
  return {
    host: 'loopback',
    version: version(),
    dialogs: false,
    async launchFile() {
      const file = toOpen
      toOpen = null
      return file
    },
    chooseFile: async () => null,
    async chooseTarget(name) {
      if (!folder) return transfers.target(name)
      const free = await folder.freePath(name)
      return { file: await projects.grant(free, 'target'), name: path.basename(free) }
    },
    delivery: (file) => transfers.delivery(file),
    listFolder: async (wanted) => (await folder?.list(wanted)) ?? null,
    menuState() {},
  }
}

function version(): string {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
