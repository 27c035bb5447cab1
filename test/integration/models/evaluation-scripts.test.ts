/** The scripts beside `inlay eval`: a set from a folder of photographs, and a comparison from that set to its count. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { drawnModel } from '../../support/drawn-model.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
const PHOTOS = path.join(REPOSITORY, 'test', 'fixtures', 'photos')

function script(name: string, ...words: readonly string[]) {
  const file = path.join(REPOSITORY, 'scripts', `${name}.ts`)
  return spawnSync(process.execPath, [file, ...words], { encoding: 'utf8', cwd: REPOSITORY })
}

test('a set is made of what is listed, and again the same', async () => {
  const base = temporaryFolder()
  const list = path.join(base, 'list.tsv')
  writeFileSync(list, 'file\tkey\npink-house.jpg\ta\nkitten-on-lawn.jpg\tb\ngone.jpg\tc\n')
  const words = ['--photos', PHOTOS, '--list', list, '--side', '64', '--each', '2']
  const out = (name: string) => path.join(base, name)
  const { stdout, stderr } = script('evaluation-set', ...words, '--out', out('one'))
  expect(stderr).toBe('')
  expect(stdout).toBe('2 crops of 64 pixels with 2 holes each, from 2 photographs\n')
  expect(readdirSync(path.join(out('one'), 'photos'))).toEqual(['kitten-on-lawn.png', 'pink-house.png'])
  const masks = readdirSync(path.join(out('one'), 'masks'))
  expect(masks).toHaveLength(4)
  const { width, height, channels } = await sharp(path.join(out('one'), 'masks', masks[0]!)).metadata()
  expect([width, height, channels]).toEqual([64, 64, 1])
  script('evaluation-set', ...words, '--out', out('two'))
  script('evaluation-set', ...words, '--out', out('other'), '--seed', '2')
  const bytes = (folder: string) =>
    readdirSync(path.join(out(folder), 'masks')).map((name) => [
      name,
      readFileSync(path.join(out(folder), 'masks', name)).toString('base64'),
    ])
  expect(bytes('two')).toEqual(bytes('one'))
  expect(bytes('other')).not.toEqual(bytes('one'))
}, 60_000)

test('pairs are put on sheets, judged, and counted after the key is opened', async () => {
  const base = temporaryFolder()
  const [set, out] = [path.join(base, 'set'), path.join(base, 'out')]
  script('evaluation-set', '--photos', PHOTOS, '--side', '64', '--limit', '5', '--out', set)
  const model = await drawnModel(path.join(REPOSITORY, 'models', 'built-in'), path.join(base, 'model'), [
    'decoder',
    'denoiser',
  ])
  const { stdout, stderr } = script('blind-pairs', 'make', '--set', set, '--out', out, '--model', model)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^5 pairs; the key's SHA-256 is [0-9a-f]{64}\n$/)
  expect(readdirSync(out).filter((name) => name.endsWith('.png'))).toEqual(['sheet-01.png', 'sheet-02.png'])
  const { width, height } = await sharp(path.join(out, 'sheet-01.png')).metadata()
  expect([width, height]).toEqual([3 * 64 + 16, 4 * 64 + 24])
  writeFileSync(path.join(out, 'answers.txt'), '1 A\n2 B\n3 =\n4 A\n5 B\n')
  const counted = script('blind-pairs', 'open', '--out', out).stdout.trim().split('\n')
  expect(counted[0]).toBe('hole\tmodel better\tpatch fill better\talike')
  const [label, ...counts] = counted.at(-1)!.split('\t')
  expect(label).toBe('all')
  expect(counts.map(Number).reduce((sum, count) => sum + count, 0)).toBe(5)
  expect(counts[2]).toBe('1')
}, 90_000)
