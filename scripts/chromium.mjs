/**
 * Finds a Chromium to drive, and gets one where there is none: from Debian's packages as root, else Playwright's own
 * download. Prints nothing unless it has to install.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const CANDIDATES = [
  process.env.INLAY_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** @returns the path of an installed browser, or undefined when Playwright's own is to be used. */
export function findChromium() {
  return CANDIDATES.find((path) => path && existsSync(path))
}

/** Makes sure a browser is there. @returns its path, or undefined for Playwright's own. */
export function ensureChromium() {
  const found = findChromium()
  if (found) return found
  const root = process.getuid?.() === 0
  if (root && existsSync('/usr/bin/apt-get')) {
    console.log('Installing Chromium from the distribution’s packages…')
    run('apt-get', ['update', '-qq'])
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'])
    const installed = findChromium()
    if (installed) return installed
  }
  console.log('Installing Playwright’s Chromium…')
  run(process.execPath, ['node_modules/playwright-core/cli.js', 'install', 'chromium'])
  return undefined
}

function run(command, args) {
  const { status } = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed; install Chromium or Chrome by hand and try again.`)
}
