/**
 * Where Electron's binary is, and getting it: the package comes without, and its own `require` would download it unasked.
 *
 * Invariant: nothing is fetched without a yes typed on a terminal; a person who was asked once is not asked again.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'node_modules', 'electron')
const asked = join(root, 'node_modules', '.cache', 'inlay', 'asked-for-electron')

const ANSWER_LIMIT = 30_000
const FETCH_LIMIT = 300_000
export const HOW_TO_GET = 'To get the Electron window, run: npx install-electron --no'

/** The path of the binary; null where it is not installed. */
export function electronBinary() {
  const override = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const name = read(join(folder, 'path.txt')) ?? (override ? 'electron' : undefined)
  if (!name) return null
  const binary = join(override ?? join(folder, 'dist'), name)
  return existsSync(binary) ? binary : null
}

/** Asks whether to fetch the binary, once in the life of this installation and on a terminal only. */
export async function offerElectron() {
  if (!process.stdin.isTTY || !process.stdout.isTTY || existsSync(asked)) return null
  mkdirSync(dirname(asked), { recursive: true })
  writeFileSync(asked, '')
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const question =
    'The Electron window needs a binary of about 120 MB that is not here yet. Fetch it now? (y/N) '
  const answer = await lines.question(question, { signal: AbortSignal.timeout(ANSWER_LIMIT) }).catch(() => '')
  lines.close()
  if (!/^y(es)?$/i.test(answer.trim())) {
    if (answer === '') console.log()
    return null
  }
  await fetchElectron()
  return electronBinary()
}

function fetchElectron() {
  const child = spawn(process.execPath, [join(folder, 'install.js')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'ignore'],
  })
  const limit = setTimeout(() => child.kill(), FETCH_LIMIT)
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      clearTimeout(limit)
      if (code !== 0) console.log('Electron could not be fetched.')
      resolve()
    })
  })
}

function read(file) {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}
