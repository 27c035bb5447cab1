import './node-version.mjs'
import './compile-cache.mjs'

/**
 * `npm start [-- file]`: the editor in an Electron window, or in the browser where there is no Electron.
 * `npm start -- --browser-only` does not even look for Electron; further options are those of the loopback server.
 */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from './ensure-built.mjs'
import { electronBinary, HOW_TO_GET, offerElectron } from './ensure-electron.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const args = process.argv.slice(2)
const browserOnly = take('--browser-only')
const files = args.filter((word, index) => !word.startsWith('-') && !takesValue(args[index - 1]))
// npm runs scripts in the project's folder; a name counts from where the person is.
const words = args.map((word) => (files.includes(word) ? resolve(process.env.INIT_CWD ?? root, word) : word))
if (files.length === 0) words.push('--sample')

const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
const electron = browserOnly || !display ? null : (electronBinary() ?? (await offerElectron()))
if (electron) {
  ensureBuilt('app')
  run(electron, [root, ...words])
} else {
  if (!browserOnly) console.log(display ? HOW_TO_GET : 'There is no display here for the Electron window.')
  ensureBuilt('page')
  const strip = Number(process.versions.node.split('.')[0]) < 24 ? ['--experimental-strip-types'] : []
  run(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    ...strip,
    resolve(root, 'src/main/loopback/main.ts'),
    ...words,
    '--browser',
  ])
}

/**
 * Ctrl+C goes to the child as well, which ends in its own time; its status is ours. A Node child gets a channel too, by
 * which it ends when we are killed.
 */
function run(program, programArgs) {
  const channel = program === process.execPath ? ['ipc'] : []
  const child = spawn(program, programArgs, { stdio: ['inherit', 'inherit', 'inherit', ...channel] })
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.once('error', (error) => {
    console.error(`${program} could not be started: ${error.message}`)
    process.exit(1)
  })
  child.once('exit', (code) => process.exit(code ?? 1))
}

function take(option) {
  const index = args.indexOf(option)
  if (index < 0) return false
  args.splice(index, 1)
  return true
}

function takesValue(word) {
  return ['--folder', '--port', '--data'].includes(word ?? '')
}
