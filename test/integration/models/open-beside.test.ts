/** What lies beside networks of any layout: the scheduler, the tokenizer, the licence; and what a single file says of them. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { published, writeComponent, writeTinyPipeline, writeWeights } from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { expectRefused } from '../../support/spoilt-checkpoints.ts'

test('a tokenizer in the folder is its own; where there is none, the application has one', async () => {
  const folder = writeTinyPipeline(temporaryFolder())
  fs.mkdirSync(path.join(folder, 'tokenizer'))
  fs.writeFileSync(path.join(folder, 'tokenizer', 'vocab.json'), '{}')
  const { tokenizers } = await openCheckpoint(folder)
  expect(tokenizers).toEqual([{ role: 'tokenizer', folder: path.join(folder, 'tokenizer'), pad: null }])
})

test.each([
  ['README.md', '---\nlicense: creativeml-openrail-m\ntags:\n- x\n---\n# Model', 'creativeml-openrail-m'],
  ['README.md', '---\nlicense: other\nlicense_name: stability-community\n---\n', 'stability-community'],
  ['README.md', '# A card without front matter\nlicense: none', null],
  ['LICENSE', '\n  MIT License\n\nCopyright', 'MIT License'],
])('the licence stated in %s %j', async (name, text, licence) => {
  const folder = temporaryFolder()
  writeComponent(folder, 'taesd')
  fs.writeFileSync(path.join(folder, name), text)
  expect(await openCheckpoint(folder)).toMatchObject({ licence })
})

test.each([
  [{}, 'v_prediction', 1],
  [{ 'modelspec.prediction_type': 'v' }, 'v_prediction', 0],
  [{ 'modelspec.prediction_type': 'epsilon' }, 'epsilon', 0],
  [{ 'modelspec.architecture': 'stable-diffusion-v2-768-v' }, 'v_prediction', 0],
  [{ 'modelspec.architecture': 'stable-diffusion-v2-512' }, 'epsilon', 0],
] as const)('what a single file of SD 2 with %j predicts', async (metadata, predictionType, notices) => {
  const file = path.join(temporaryFolder(), 'v2.safetensors')
  writeWeights(file, published('ldm-sd21').tensors, {
    metadata: { ...metadata, 'modelspec.license': 'OpenRAIL++' },
  })
  const found = await openCheckpoint(file)
  expect(found).toMatchObject({
    predictionType,
    licence: 'OpenRAIL++',
    scheduler: { prediction_type: predictionType },
  })
  expect(found.notices).toHaveLength(notices)
  const stated = await openCheckpoint(file, { predictionType: 'epsilon' })
  expect(stated).toMatchObject({ predictionType: 'epsilon', notices: [] })
})

test('a fine-tuned SDXL file says by an empty tensor that it predicts the velocity', async () => {
  const file = path.join(temporaryFolder(), 'xl.safetensors')
  writeWeights(file, { ...published('ldm-sdxl').tensors, v_pred: [0], ztsnr: [0] })
  expect(await openCheckpoint(file)).toMatchObject({
    predictionType: 'v_prediction',
    scheduler: { prediction_type: 'v_prediction', rescale_betas_zero_snr: true },
  })
  const unknown = path.join(temporaryFolder(), 'xl.safetensors')
  writeWeights(unknown, published('ldm-sdxl').tensors, { metadata: { 'modelspec.prediction_type': 'flow' } })
  await expectRefused(unknown, 'model.unsupported', /prediction_type "flow"/)
})

test('a single file of a denoiser alone says what it lacks', async () => {
  const file = path.join(temporaryFolder(), 'unet.safetensors')
  const only = Object.entries(published('ldm-sdxl').tensors).filter(([name]) =>
    name.startsWith('model.diffusion_model'),
  )
  writeWeights(file, Object.fromEntries(only))
  expect(await openCheckpoint(file)).toMatchObject({
    layout: 'single-file',
    family: 'sdxl',
    missing: ['vae', 'text_encoder', 'text_encoder_2'],
  })
})
