/**
 * `npm test`: every check of the project, one after the other, and one line at the end that counts them.
 * `npm test -- unit rooms` runs only the steps named. A check without tests of its own (types, lint…) counts as one.
 */
import './node-version.mjs'
import './compile-cache.mjs'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureChromium } from './chromium.mjs'
import { softwareGpu } from './software-gpu.mjs'

const ROOMS = [
  'src/shared',
  'src/main/engine',
  'src/main/hosts',
  'src/main/loopback',
  'src/main/cli',
  'src/main/electron',
  'src/preload',
  'src/renderer',
  'test',
]
const reports = mkdtempSync(join(tmpdir(), 'inlay-test-'))

const STEPS = {
  types: () => ROOMS.map((room) => check(`types ${room}`, 'tsc', ['-p', room])),
  lint: () => [check('lint and format', 'biome', ['ci', '--error-on-warnings', '--log-level=warn', '.'])],
  rooms: () => [check('rooms', 'depcruise', ['src', '--config', '.dependency-cruiser.cjs'])],
  unused: () => [check('nothing unused', 'knip', [])],
  lock: () => [check('lock file complete', 'node', ['scripts/lock-check.mjs'])],
  package: () => [check('package layout', 'node', ['scripts/package.mjs'])],
  unit: () => [vitest('unit')],
  integration: () => [vitest('integration')],
  webgpu: () => webgpu(),
  e2e: () => [playwright()],
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !Object.hasOwn(STEPS, name))
if (unknown.length > 0) {
  console.error(`There is no step ${unknown.join(', ')}. Steps: ${Object.keys(STEPS).join(', ')}.`)
  process.exit(2)
}

let passed = 0
let failed = 0
for (const [name, step] of Object.entries(STEPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const result of step()) {
    passed += result.passed
    failed += result.failed
    console.log(
      `${result.failed > 0 ? 'FAILED' : 'ok    '} ${result.name}: ${result.passed} passed, ${result.failed} failed, ${result.seconds.toFixed(1)} s`,
    )
  }
}
rmSync(reports, { recursive: true, force: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)

/** Runs a tool of node_modules/.bin; shows what it printed only when it failed. */
function check(name, tool, args) {
  const started = Date.now()
  const { status, stdout, stderr } = spawnSync(tool, args, {
    encoding: 'utf8',
    env: environment(),
    maxBuffer: 1 << 26,
  })
  if (status !== 0) console.log(`${stdout ?? ''}${stderr ?? ''}`.trimEnd())
  return {
    name,
    passed: status === 0 ? 1 : 0,
    failed: status === 0 ? 0 : 1,
    seconds: (Date.now() - started) / 1000,
  }
}

/** Needs a graphics card, or the one in software that comes with Chromium; asked for by name it runs, and fails, without. */
function webgpu() {
  if (process.platform === 'linux') ensureChromium()
  const gpu = softwareGpu()
  if (gpu || wanted.includes('webgpu')) return [vitest('webgpu', gpu)]
  console.log(
    'DID NOT RUN webgpu: there is no graphics card in software here; `npm run test:webgpu` tries the real one',
  )
  return []
}

function vitest(folder, more = {}) {
  const file = join(reports, `${folder}.json`)
  const started = Date.now()
  const { status } = spawnSync(
    'vitest',
    ['run', `test/${folder}`, '--reporter=dot', '--reporter=json', `--outputFile.json=${file}`],
    { stdio: 'inherit', env: { ...environment(), ...more } },
  )
  const report = read(file)
  const bad = (report?.numFailedTests ?? 0) + (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
  return {
    name: folder,
    passed: report?.numPassedTests ?? 0,
    // A file that cannot be loaded fails the run without a failed test.
    failed: status === 0 ? bad : Math.max(1, bad),
    seconds: (Date.now() - started) / 1000,
  }
}

function playwright() {
  const browser = ensureChromium()
  const file = join(reports, 'e2e.json')
  const started = Date.now()
  const { status } = spawnSync('playwright', ['test', '--reporter=line,json'], {
    stdio: 'inherit',
    env: {
      ...environment(),
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
      ...(browser ? { INLAY_CHROMIUM: browser } : {}),
    },
  })
  const stats = read(file)?.stats
  const bad = (stats?.unexpected ?? 0) + (stats?.skipped ?? 0)
  return {
    name: 'end to end in Chromium',
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: status === 0 ? bad : Math.max(1, bad),
    seconds: (Date.now() - started) / 1000,
  }
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function environment() {
  return {
    ...process.env,
    PATH: `${join(process.cwd(), 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
  }
}
