/** The golden runner on the fixtures it is for, on others, and on folders that must not pass. */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { GoldenResult } from '../../../src/main/engine/inference/golden/compare.ts'
import { runGolden } from '../../../src/main/engine/inference/golden/golden.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
const FIXTURES = path.join(REPOSITORY, 'test', 'fixtures')
const TOKENIZER = path.join(REPOSITORY, 'assets', 'clip-tokenizer')

async function resultsOf(folder: string): Promise<readonly GoldenResult[]> {
  const results: GoldenResult[] = []
  for await (const result of runGolden(folder, TOKENIZER)) results.push(result)
  return results
}

/** A folder of one small component, changed by `change`, as `npm run golden` sees it. */
function command(change: (folder: string) => void) {
  const folder = path.join(temporaryFolder(), 'anywhere')
  mkdirSync(folder)
  cpSync(path.join(FIXTURES, 'golden-variants', 'text_one_layer'), path.join(folder, 'text_one_layer'), {
    recursive: true,
  })
  const manifest = readFileSync(path.join(FIXTURES, 'golden-variants', 'manifest.json'), 'utf8')
  const { cases } = JSON.parse(manifest) as { cases: readonly { readonly folder: string }[] }
  write(folder, { cases: cases.filter((one) => one.folder === 'text_one_layer') })
  change(folder)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(REPOSITORY, 'scripts', 'golden.mjs'), folder],
    { encoding: 'utf8' },
  )
  return { status, stdout, stderr }
}

function write(folder: string, manifest: unknown, name = 'manifest.json') {
  writeFileSync(path.join(folder, name), JSON.stringify(manifest))
}

test('every case of the folder computes what its reference computes', async () => {
  const results = await resultsOf(path.join(FIXTURES, 'golden'))
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  expect(results.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThanOrEqual(74)
}, 180_000)

test('networks of other shapes do as well', async () => {
  const results = await resultsOf(path.join(FIXTURES, 'golden-variants'))
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  expect(results).toHaveLength(12)
}, 60_000)

test('prints a line a case and the count, from a folder that is only read', () => {
  const { status, stdout } = command((folder) => chmodSync(folder, 0o555))
  expect(status).toBe(0)
  expect(stdout).toMatch(
    /^passed +text_one_layer\/a [\d.e-]+ of [\d.e-]+ \(\w+\)\npassed +text_one_layer\/b /,
  )
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('2 passed, 0 failed')
})

test('fails when a case fails, is missing its files, or is of an unknown family', () => {
  const io = (folder: string) => path.join(folder, 'text_one_layer', 'io.safetensors')
  const worse = command((folder) => {
    const bytes = readFileSync(io(folder))
    bytes.writeFloatLE(bytes.readFloatLE(bytes.length - 4) + 1, bytes.length - 4)
    writeFileSync(io(folder), bytes)
  })
  expect(worse.status).toBe(1)
  expect(worse.stdout).toContain('1 passed, 1 failed')
  expect(worse.stdout).toMatch(/failed +text_one_layer\/\w 1\.0e\+0 of/)

  const gone = command((folder) => {
    const other = { folder: 'gone', family: 'unet', case: 'a', outputs: { sample: { tolerance: 1 } } }
    const strange = {
      folder: 'text_one_layer',
      family: 'gan',
      case: 'a',
      outputs: { sample: { tolerance: 1 } },
    }
    write(folder, { cases: [other, strange] })
  })
  expect(gone.status).toBe(1)
  expect(gone.stdout).toContain('0 passed, 2 failed')
  expect(gone.stdout).toContain('no architecture is called gan')
})

test('a folder without a manifest, or in which no case ran, is an error', () => {
  const bare = command((folder) => write(folder, {}, 'other.json'))
  expect(bare.status).toBe(0)
  const missing = spawnSync(
    process.execPath,
    [path.join(REPOSITORY, 'scripts', 'golden.mjs'), path.join(FIXTURES, 'photos')],
    { encoding: 'utf8' },
  )
  expect(missing.status).toBe(1)
  expect(missing.stderr).toContain('neither manifest.json nor runs-manifest.json')
  expect(command((folder) => write(folder, { cases: [] })).status).toBe(1)
  expect(command((folder) => write(folder, {})).status).toBe(1)
  expect(command((folder) => writeFileSync(path.join(folder, 'manifest.json'), '{')).status).toBe(1)
  const unbuilt = command((folder) =>
    write(folder, { cases: [{ id: 'weather/tomorrow', files: [], meaning: '', tolerance: 'exact' }] }),
  )
  expect(unbuilt.status).toBe(1)
  expect(unbuilt.stdout).toContain('1 not built yet')
})
