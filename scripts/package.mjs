import './node-version.mjs'

/**
 * `npm run package`: builds and packages the application for this machine, and checks what came out.
 *
 * Without Electron's binary it packages around a stand-in, which proves the layout and cannot be started. With it,
 * `npm run package -- --installers` also makes the installers of this system (which downloads electron-builder's tools).
 */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, Platform } from 'electron-builder'
import { ensureBuilt } from './ensure-built.mjs'
import { electronBinary } from './ensure-electron.mjs'
import { notices } from './notices.mjs'
import { checkPackage, resourcesIn } from './package-check.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const installers = process.argv.includes('--installers')
const output = join(root, 'dist')
const binary = electronBinary()
if (installers && !binary) {
  console.error('Installers need Electron itself. Run: npx install-electron --no')
  process.exit(1)
}

ensureBuilt('app')
writeFileSync(join(root, 'out', 'THIRD-PARTY-NOTICES.txt'), notices())
rmSync(output, { recursive: true, force: true })
const standIn = binary ? null : makeStandIn()
const log = console.log
console.log = () => {}
try {
  await build({
    targets: Platform.current().createTarget(installers ? undefined : 'dir'),
    publish: 'never',
    config: {
      electronDist: standIn ?? dirname(macApp(binary)),
      // Fuses are switches inside the real binary.
      ...(standIn ? { electronFuses: null } : {}),
    },
  })
} finally {
  console.log = log
  if (standIn) rmSync(standIn, { recursive: true, force: true })
}

const resources = resourcesIn(output)
const { problems, summary } = resources
  ? checkPackage(join(root, resources))
  : { problems: ['Nothing was packaged.'], summary: '' }
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exit(1)
console.log(
  `${standIn ? 'Packaged around a stand-in for Electron (not to be started)' : 'Packaged'}: ${resources}: ${summary}.`,
)

/** Inside an application bundle the binary is three folders down. */
function macApp(file) {
  return process.platform === 'darwin' ? join(file, '..', '..', '..') : file
}

/** What electron-builder wants to find of Electron, empty. */
function makeStandIn() {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-electron-stand-in-'))
  const name = process.platform === 'win32' ? 'electron.exe' : 'electron'
  for (const file of [name, 'version', 'LICENSE', 'LICENSES.chromium.html'])
    writeFileSync(join(folder, file), '')
  chmodSync(join(folder, name), 0o755)
  for (const sub of ['locales', 'resources']) if (!existsSync(join(folder, sub))) mkdirSync(join(folder, sub))
  return folder
}
