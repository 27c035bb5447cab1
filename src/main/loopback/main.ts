import '../../../scripts/node-version.mjs'

/**
 * Entry point of the loopback host: `node src/main/loopback/main.ts [file] [--folder dir] [--port n] [--sample] [--offline]`.
 *
 * Invariant: prints the address once it answers; Ctrl+C or SIGTERM closes the projects, removes temporary files and ends.
 */
import { realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { InlayError } from '../../shared/errors.ts'
import { childStarter } from '../hosts/child-starter.ts'
import { defaultDataFolder } from '../hosts/data-folder.ts'
import { HostSupervisor } from '../hosts/host-supervisor.ts'
import { ProjectLink } from '../hosts/project-link.ts'
import { serveShell } from '../hosts/shell-service.ts'
import { ShellStore } from '../hosts/shell-store.ts'
import { type LaunchOptions, parseLaunch } from './launch-options.ts'
import { openBrowser } from './open-browser.ts'
import { loopbackPlatform } from './platform.ts'
import { startServer } from './server.ts'
import { SharedFolder } from './shared-folder.ts'
import { Transfers } from './transfers.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

try {
  await launch(parseLaunch(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof InlayError)) throw error
  process.stderr.write(`inlay: ${error.message}\n`)
  process.exitCode = 2
}

async function launch(options: LaunchOptions): Promise<void> {
  const dataFolder = options.data ?? defaultDataFolder()
  const folder = options.folder === null ? null : await existing(options.folder, 'folder')
  const file = options.file === null ? null : await existing(options.file, 'file')
  // The hosts get it with the environment.
  if (options.offline) process.env['INLAY_OFFLINE'] = '1'
  const store = new ShellStore(dataFolder)
  const supervisor = new HostSupervisor({
    starter: childStarter(),
    config: { dataFolder, assetsFolder: path.join(root, 'assets') },
    onLost: (kind, how) => process.stderr.write(`inlay: the ${kind} host ${how}; it is started again.\n`),
  })
  const projects = new ProjectLink(supervisor, (used) => void store.remember(used))
  await projects.ready()
  const transfers = await Transfers.create(projects)
  const platform = loopbackPlatform({
    projects,
    transfers,
    folder: folder === null ? null : new SharedFolder(folder, projects),
    launch: file === null ? (options.sample ? 'sample' : null) : await projects.grant(file, 'open'),
  })
  const server = await startServer({
    port: options.port,
    pageFolder: path.join(root, 'out', 'renderer'),
    projects,
    transfers,
    shell: serveShell(platform, store, projects),
  })
  let ending = false
  const end = async (): Promise<void> => {
    // A second Ctrl+C does not wait for files to be closed.
    if (ending) process.exit(130)
    ending = true
    await server.close()
    await supervisor.stop()
    await transfers.close()
    process.exit(0)
  }
  process.on('SIGINT', () => void end())
  process.on('SIGTERM', () => void end())
  // Whoever started it with a channel takes it along, however it dies.
  process.on('disconnect', () => void end())

  process.stdout.write(`Inlay is at ${server.url}\nCtrl+C ends it.\n`)
  if (options.browser) openBrowser(server.url)
}

async function existing(given: string, kind: 'file' | 'folder'): Promise<string> {
  const real = await realpath(given).catch(() => null)
  const info = real === null ? null : await stat(real)
  if (real === null || !(kind === 'file' ? info?.isFile() : info?.isDirectory()))
    throw new InlayError('file.missing', `There is no ${kind} ${given}.`)
  return real
}
