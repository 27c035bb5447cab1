/** `inlay eval` as a person types it: figures that have to hold whatever a model is worth, and folders that cannot be used. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { openBuiltIn } from '../../../src/main/engine/models/checkpoint/built-in.ts'
import { drawnModel } from '../../support/drawn-model.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url))
const BUILT_IN = path.join(REPOSITORY, 'models', 'built-in')
const [WIDTH, HEIGHT] = [83, 70]

function run(data: string, ...words: readonly string[]) {
  const command = path.join(REPOSITORY, 'src', 'main', 'cli', 'inlay.mjs')
  return spawnSync(process.execPath, [command, 'eval', ...words], {
    encoding: 'utf8',
    env: { ...process.env, INLAY_DATA: data },
  })
}

async function mask(file: string, value: (x: number, y: number) => boolean, width = WIDTH): Promise<void> {
  const pixels = Buffer.from(
    Array.from({ length: width * HEIGHT }, (_, i) => (value(i % width, Math.floor(i / width)) ? 255 : 0)),
  )
  await sharp(pixels, { raw: { width, height: HEIGHT, channels: 1 } })
    .png()
    .toFile(file)
}

const inMiddle = (x: number, y: number) => x >= 30 && x < 50 && y >= 20 && y < 45

/** A crop of a photograph, and two masks. */
async function folders() {
  const base = temporaryFolder()
  const [photos, masks] = [path.join(base, 'photos'), path.join(base, 'masks')]
  for (const folder of [photos, masks]) mkdirSync(folder)
  await sharp(path.join(REPOSITORY, 'test', 'fixtures', 'photos', 'kitten-on-lawn.jpg'))
    .extract({ left: 400, top: 300, width: WIDTH, height: HEIGHT })
    .png()
    .toFile(path.join(photos, 'kitten.png'))
  await mask(path.join(masks, 'kitten-1.png'), inMiddle)
  await mask(path.join(masks, 'kitten-2.png'), (x, y) => x < 25 && y < 25)
  return { base, photos, masks }
}

interface Figures {
  readonly arm: string
  readonly cases: number
  readonly psnr: Record<string, number | null>
  readonly ssim: Record<string, number | null>
  readonly preservation: number
  readonly preservation8: number
  readonly seam: number
  readonly byCoverage: readonly (Omit<Figures, 'arm' | 'byCoverage'> & { readonly label: string })[]
}
interface Result {
  readonly photographs: number
  readonly masks: number
  readonly arms: readonly Figures[]
  readonly region: { readonly margin: number; readonly cases: number; readonly mean: number } | null
  readonly allHoleIgnoresPicture: boolean | null
  readonly aims: readonly { readonly what: string; readonly value: number; readonly met: boolean }[]
  readonly notices: readonly string[]
}

test('a model without decoder and denoiser: every arm has its figures, and pasting keeps what is kept', async () => {
  const { base, photos, masks } = await folders()
  const words = [
    '--model',
    await drawnModel(BUILT_IN, path.join(base, 'model'), []),
    '--photos',
    photos,
    '--masks',
    masks,
  ]
  const { status, stdout, stderr } = run(base, ...words, '--json')
  expect(stderr).toBe('')
  expect(status).toBe(0)
  const { arms, ...rest } = JSON.parse(stdout) as Result
  expect(rest).toMatchObject({ photographs: 1, masks: 2 })
  expect(rest.notices).toContain('This model has no asymmetric decoder yet.')
  expect(arms.map(({ arm }) => arm)).toEqual([
    ...['exact', 'noisy', 'jittered'].flatMap((latents) => [
      `plain, ${latents}`,
      `plain + hard paste, ${latents}`,
      `plain + feathered paste, ${latents}`,
    ]),
    'patch-fill',
    'mean fill',
  ])
  const of = (arm: string) => arms.find((one) => one.arm === arm)!
  for (const arm of arms.filter(({ arm }) => !/^plain(,| \+ feathered)/.test(arm)))
    expect(arm).toMatchObject({ preservation: 0, preservation8: 0, psnr: { kept: null } })
  const plain = of('plain, exact')
  expect(plain.preservation).toBeGreaterThan(1e-6)
  expect(plain.psnr['whole']).toBeGreaterThan(20)
  expect(of('plain + hard paste, exact').psnr['hole']).toBe(plain.psnr['hole'])
  expect(of('plain + hard paste, exact').ssim['kept']).toBeGreaterThan(plain.ssim['kept']!)
  const feathered = of('plain + feathered paste, exact')
  expect(feathered.psnr['hole']).toBe(plain.psnr['hole'])
  expect(feathered.preservation).toBeGreaterThan(0)
  expect(feathered.preservation).toBeLessThan(plain.preservation)
  for (const latents of ['noisy', 'jittered'])
    expect(of(`plain, ${latents}`).psnr['hole']).not.toBe(plain.psnr['hole'])
  expect(plain).toMatchObject({ cases: 2 })
  expect(plain.byCoverage).toMatchObject([{ cases: 2, label: '5–15 %', preservation: plain.preservation }])
  expect(rest).toMatchObject({ region: null, allHoleIgnoresPicture: null, aims: [] })
  expect(of('mean fill').psnr['hole']).toBeLessThan(plain.psnr['hole']!)
}, 60_000)

test('a folder with an asymmetric decoder, alone and in a table', async () => {
  const { base, photos, masks } = await folders()
  const model = await drawnModel(BUILT_IN, path.join(base, 'model'), ['decoder'])
  const words = ['--model', model, '--photos', photos, '--masks', masks]
  const alone = [...words, '--decoder', 'asymmetric']
  const { status, stdout, stderr } = run(base, ...alone)
  expect(status).toBe(0)
  expect(stderr).toBe('note: This model has no denoiser yet.\n')
  expect(stdout).toMatch(/^1 photographs, 2 masks/)
  expect(stdout).toMatch(/^asymmetric, jittered +-?\d/m)
  expect(stdout).toMatch(/^asymmetric \+ hard paste, exact .* 0 /m)
  expect(stdout).not.toMatch(/^plain/m)
  expect(stdout).toMatch(/^Where all is hole the decode does not depend on the picture, bit for bit\.$/m)
  expect(stdout).toMatch(/^Decoding around the hole alone, 4 cells/m)
  const { arms, region, aims } = JSON.parse(run(base, ...words, '--margin', '100', '--json').stdout) as Result
  expect(region).toMatchObject({ margin: 100, cases: 2, mean: 0, largest: 0 })
  const [around, whole] = [
    'asymmetric around the hole + hard paste, exact',
    'asymmetric + hard paste, exact',
  ].map((name) => arms.find(({ arm }) => arm === name)!)
  expect(around).toEqual({ ...whole, arm: around!.arm })
  expect(aims).toHaveLength(6)
  expect(aims.at(-1)).toMatchObject({ value: 0, met: true })
  expect(aims.find(({ what }) => what.startsWith('PSNR'))).toMatchObject({ met: false })
}, 60_000)

test('a folder with a denoiser: each decoder has what it filled, of a picture whose sides it does not take', async () => {
  const { base, photos, masks } = await folders()
  const model = await drawnModel(BUILT_IN, path.join(base, 'model'), ['decoder', 'denoiser'])
  const words = ['--model', model, '--photos', photos, '--masks', masks, '--json']
  const { arms, notices } = JSON.parse(run(base, ...words).stdout) as Result
  expect(notices).toEqual([])
  const fills = arms.filter(({ arm }) => arm.startsWith('built-in'))
  expect(fills.map(({ arm }) => arm)).toEqual(
    ['plain', 'asymmetric'].flatMap((decoder) => [
      `built-in denoiser + ${decoder}, raw`,
      `built-in denoiser + ${decoder}`,
    ]),
  )
  for (const [raw, pastedIn] of [fills.slice(0, 2), fills.slice(2)] as [Figures, Figures][]) {
    expect(raw.preservation).toBeGreaterThan(0)
    expect(pastedIn).toMatchObject({ preservation: 0, psnr: { hole: raw.psnr['hole'] } })
  }
  expect(fills[1]!.psnr['hole']).not.toBe(fills[3]!.psnr['hole'])
}, 60_000)

test('what cannot be evaluated is said in a sentence that names it', async () => {
  const { base, photos, masks } = await folders()
  const empty = path.join(base, 'empty')
  mkdirSync(empty)
  const said = (...words: readonly string[]) => {
    const { status, stderr } = run(base, ...words)
    return `${status} ${stderr}`
  }
  expect(said('--photos', empty, '--masks', masks)).toMatch(/^2 inlay: There are no photographs in .*empty/)
  expect(said('--photos', photos, '--masks', empty)).toMatch(/^5 inlay: There is no mask for kitten\.png/)
  expect(said('--photos', path.join(base, 'gone'), '--masks', empty)).toMatch(/^5 inlay: There is no folder/)
  const bare = await drawnModel(BUILT_IN, path.join(base, 'model'), [])
  const both = ['--photos', photos, '--masks', masks, '--model', bare] as const
  expect(said(...both, '--decoder', 'asymmetric')).toMatch(/^7 inlay: This model has no asymmetric decoder/)
  expect(said(...both, '--model', empty)).toMatch(/^\d inlay: .*manifest\.json/)
  await mask(path.join(masks, 'kitten-0.png'), inMiddle, WIDTH + 1)
  expect(said(...both)).toMatch(/^3 inlay: The mask .*kitten-0\.png has 84 × 70 pixels .* 83 × 70/)
  await mask(path.join(masks, 'kitten-0.png'), () => false)
  expect(said(...both)).toMatch(/^3 inlay: The mask .*kitten-0\.png is black everywhere/)
}, 60_000)

test('a part that is not the one of the manifest is refused', async () => {
  const base = temporaryFolder()
  const model = await drawnModel(BUILT_IN, path.join(base, 'model'), [])
  const opened = await openBuiltIn(model, base)
  expect(opened).toMatchObject({ asymmetricDecoder: null, denoiser: null })
  const file = path.join(model, 'taef2', 'taef2_decoder.safetensors')
  const bytes = readFileSync(file)
  bytes[bytes.length - 1]! ^= 1
  writeFileSync(file, bytes)
  await expect(openBuiltIn(model, base)).rejects.toThrow(/not what the manifest/)
  writeFileSync(path.join(model, 'manifest.json'), '{"version": 2}')
  await expect(openBuiltIn(model, base)).rejects.toThrow(/version/)
})
