/** Folders as Optimum writes them, and the scheduler, tokenizer and licence that lie beside networks of any layout. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint-open.ts'
import { componentGraph } from '../../../src/main/engine/models/index.ts'
import {
  editJson,
  GOLDEN,
  published,
  writeComponent,
  writeTinyPipeline,
  writeWeights,
} from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { expectRefused } from '../../support/spoilt-checkpoints.ts'

/** Real graphs, though they are not looked into. */
async function writeOnnx(folder: string, className: string): Promise<string> {
  const { components } = await openCheckpoint(path.join(GOLDEN, 'vae_sd'))
  const [vae] = components
  if (vae?.architecture !== 'autoencoder') throw new Error('the fixture is another network')
  const { bytes } = componentGraph(vae, 'decoder')
  const index: Record<string, unknown> = { _class_name: className, safety_checker: [null, null] }
  for (const role of ['unet', 'vae_encoder', 'vae_decoder', 'text_encoder']) {
    fs.mkdirSync(path.join(folder, role), { recursive: true })
    fs.writeFileSync(path.join(folder, role, 'model.onnx'), bytes)
    index[role] = ['optimum.onnxruntime.modeling_diffusion', 'ORTModel']
  }
  fs.writeFileSync(path.join(folder, 'unet', 'model.onnx_data'), new Uint8Array(1000))
  fs.writeFileSync(
    path.join(folder, 'unet', 'config.json'),
    JSON.stringify(published('sd15-inpainting-unet').config),
  )
  fs.writeFileSync(path.join(folder, 'model_index.json'), JSON.stringify(index))
  return folder
}

test.each([
  'ORTStableDiffusionInpaintPipeline',
  'OnnxStableDiffusionInpaintPipeline',
  'StableDiffusionPipeline',
])('an ONNX folder of %s lists its graphs as they are', async (className) => {
  const folder = await writeOnnx(temporaryFolder(), className)
  const found = await openCheckpoint(folder)
  const size = fs.statSync(path.join(folder, 'unet', 'model.onnx')).size
  expect(found).toMatchObject({
    layout: 'onnx',
    family: 'sd1',
    task: 'inpaint',
    predictionType: 'epsilon',
    dtypes: [],
    bytes: 4 * size + 1000,
    missing: [],
    tokenizers: [{ role: 'tokenizer', folder: null, pad: null }],
  })
  expect(found.components).toMatchObject(
    ['unet', 'vae_encoder', 'vae_decoder', 'text_encoder'].map((role) => ({
      role,
      architecture: 'onnx',
      file: fs.realpathSync(path.join(folder, role, 'model.onnx')),
    })),
  )
})

test('an ONNX folder with parts missing or spoilt', async () => {
  const folder = await writeOnnx(temporaryFolder(), 'ORTStableDiffusionPipeline')
  fs.rmSync(path.join(folder, 'vae_encoder'), { recursive: true })
  await expectRefused(folder, 'model.incomplete', /lacks vae_encoder\/model\.onnx/)
  editJson(path.join(folder, 'model_index.json'), (json) => {
    delete json['vae_encoder']
  })
  expect((await openCheckpoint(folder)).missing).toEqual(['vae_encoder'])
  fs.truncateSync(path.join(folder, 'unet', 'model.onnx'), 3)
  await expectRefused(folder, 'model.unreadable', /unet\/model\.onnx does not begin as an ONNX file/)
  fs.rmSync(path.join(folder, 'unet', 'model.onnx'))
  fs.symlinkSync('/dev/zero', path.join(folder, 'unet', 'model.onnx'))
  await expectRefused(folder, 'model.unreadable', /unet\/model\.onnx is not a file/)
})

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
