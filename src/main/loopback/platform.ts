/** What the shell service means where the window is a page in a browser: no dialogs, uploads, downloads, one folder. */
import { readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { InlayError } from '../../shared/errors.ts'
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
    chooseModel: async () => null,
    async modelAt(typed) {
      const file = typedPath(typed)
      await stat(file).catch((cause: unknown) => {
        throw new InlayError('file.missing', `There is no ${file}; check the path.`, { cause })
      })
      return { file: await projects.grant(file, 'model'), name: path.basename(file) }
    },
    async chooseTarget(name) {
      if (!folder) return transfers.target(name)
      const free = await folder.freePath(name)
      return { file: await projects.grant(free, 'target'), name: path.basename(free) }
    },
    delivery: (file) => transfers.delivery(file),
    listFolder: async (wanted, of) => (await folder?.list(wanted, of)) ?? null,
    menuState() {},
  }
}

/**
 * A path as people type or paste it: with quotes, with `~` for their home, or as a `file:` address. It counts for this
 * machine, where the page's key was printed too; it is only ever looked at as a model.
 * @throws InlayError `usage`
 */
function typedPath(typed: string): string {
  const text = typed.trim().replace(/^(["'])(.*)\1$/, '$2')
  const file = /^file:/i.test(text) ? pathOfAddress(text) : text.replace(/^~(?=$|[\\/])/, os.homedir())
  if (path.isAbsolute(file) && !file.includes('\0')) return path.normalize(file)
  throw new InlayError('usage', 'Give the whole path, from the root of the disk on.')
}

function pathOfAddress(address: string): string {
  try {
    return fileURLToPath(address)
  } catch {
    return ''
  }
}

function version(): string {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { version: string }).version
}
