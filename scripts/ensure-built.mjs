/**
 * Builds what is missing or older than its sources, and says nothing when that goes well.
 *
 * Invariant: `out/.built-page` and `out/.built-app` hold a digest of names, sizes and times of all sources; what was built from
 * exactly those is not built again.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const BUILDS = {
  /** The page alone, for the loopback server. */
  page: {
    sources: ['src/renderer', 'src/shared', 'vite.config.ts', 'package-lock.json'],
    result: 'out/renderer/index.html',
    command: ['vite', 'build'],
  },
  /** Main, hosts, preload and page, for Electron. */
  app: {
    sources: ['src', 'vite.config.ts', 'electron.config.ts', 'package-lock.json'],
    result: 'out/main/main.js',
    command: ['electron-vite', 'build', '--config', 'electron.config.ts', '--logLevel', 'warn'],
  },
}

/** @param {'page' | 'app'} what Ends the process with what the builder printed when it fails. */
export function ensureBuilt(what) {
  const { sources, result, command } = BUILDS[what]
  const stamp = join(root, 'out', `.built-${what}`)
  const digest = digestOf(sources)
  if (read(stamp) === digest && statSync(join(root, result), { throwIfNoEntry: false })) return
  const [tool, ...args] = command
  const { status, stdout, stderr } = spawnSync(process.execPath, [binaryOf(tool), ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) {
    console.error(`${stdout}${stderr}`.trimEnd())
    console.error('The application could not be built.')
    process.exit(1)
  }
  mkdirSync(join(root, 'out'), { recursive: true })
  writeFileSync(stamp, digest)
}

function binaryOf(tool) {
  const folder = join(root, 'node_modules', tool)
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return join(folder, typeof bin === 'string' ? bin : bin[tool])
}

function digestOf(sources) {
  const hash = createHash('sha256')
  const visit = (path) => {
    const info = statSync(join(root, path))
    if (info.isDirectory()) for (const name of readdirSync(join(root, path)).sort()) visit(`${path}/${name}`)
    else hash.update(`${path} ${info.size} ${info.mtimeMs}\n`)
  }
  for (const source of sources) visit(source)
  return hash.digest('hex')
}

function read(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
