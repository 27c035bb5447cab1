/** `inlay models inspect` and `import` as a person runs them. */
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { ModelSummary } from '../../../src/shared/model-manifest.ts'
import { GOLDEN, published, writePipeline, writeWeights } from '../../support/checkpoints.ts'
import { inlay } from '../../support/inlay-command.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a full-size folder in words, and as JSON that scripts can rely on', async () => {
  const parts = { unet: 'sd15-inpainting-unet', vae: 'asymmetric-vae-x-2', text_encoder: 'clip-l-text' }
  const folder = writePipeline(temporaryFolder(), parts)
  const said = await inlay('models', 'inspect', folder)
  expect(said).toMatchObject({ status: 0, stderr: '' })
  expect(said.stdout.split('\n')).toEqual([
    'family      Stable Diffusion 1',
    'made for    inpainting',
    'layout      diffusers folder',
    'predicts    the noise (epsilon)',
    'parts       unet            unet, 859,535,364 parameters',
    '            vae             asymmetric-autoencoder, 406,130,151 parameters',
    '            text_encoder    clip-text, 123,060,480 parameters',
    'weights     F16, 2.8 GB',
    'licence     none stated',
    'missing     nothing',
    '',
  ])
  const { stdout } = await inlay('models', 'inspect', folder, '--json')
  const { path: place, ...summary } = JSON.parse(stdout) as { path: string }
  expect(place).toBe(folder)
  expect(ModelSummary.strict().safeParse(summary).error).toBeUndefined()
})

test('what is assumed is said, what is stated is kept, and an installed model is known by name', async () => {
  vi.stubEnv('INLAY_DATA', path.join(temporaryFolder(), 'data'))
  const file = path.join(temporaryFolder(), 'v2-base.safetensors')
  writeWeights(file, published('ldm-sd21').tensors)
  const assumed = await inlay('models', 'inspect', file)
  expect(assumed).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^note: .*taken as v_prediction.*--prediction/),
  })
  const added = await inlay('models', 'import', file, '--name', 'base', '--prediction', 'epsilon')
  expect(added).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringContaining('the noise (epsilon)'),
  })
  const known = await inlay('models', 'inspect', 'base', '--json')
  expect(JSON.parse(known.stdout)).toMatchObject({ path: file, predictionType: 'epsilon', notices: [] })
  const wrong = await inlay('models', 'inspect', file, '--prediction', 'sample')
  expect(wrong).toMatchObject({ status: 2, stdout: '' })
})

test('what cannot be opened is not imported, and each says why on two lines', async () => {
  vi.stubEnv('INLAY_DATA', path.join(temporaryFolder(), 'data'))
  const lora = path.join(GOLDEN, 'lora/kohya.safetensors')
  for (const command of ['inspect', 'import']) {
    const { status, stdout, stderr } = await inlay('models', command, lora)
    expect([status, stdout]).toEqual([7, ''])
    expect(stderr).toMatch(/^inlay: .*kohya\.safetensors is a LoRA.*\n\(model\.unsupported\)\n$/)
  }
  expect(await inlay('models', 'list')).toMatchObject({ stdout: 'No model is installed.\n' })
  expect(await inlay('models', 'inspect', 'nobody')).toMatchObject({
    status: 7,
    stderr: expect.stringContaining('(model.unknown)'),
  })
  expect(await inlay('models', 'inspect', './nobody')).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('(file.missing)'),
  })
})
