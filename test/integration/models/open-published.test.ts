/** Every published size and layout, through the one door that checkpoints come in by. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import {
  autoencoderConfig,
  clipTextConfig,
  componentGraph,
  unetConfig,
} from '../../../src/main/engine/models/index.ts'
import { published, writeComponent, writePipeline, writeWeights } from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

const SD1 = { vae: 'sd-vae', text_encoder: 'clip-l-text' }
const SD2 = { vae: 'sd-vae', text_encoder: 'openclip-h-text' }
const SDXL = { vae: 'sdxl-vae', text_encoder: 'clip-l-text', text_encoder_2: 'openclip-bigg-text' }
const V = '{"_class_name": "DDIMScheduler", "prediction_type": "v_prediction"}'
// As UniPC and DPM-Solver save it: a word that JSON has not.
const BARE = '{"_class_name": "DPMSolverMultistepScheduler", "lambda_min_clipped": -Infinity, "x": NaN}'

const FOLDERS = [
  ['sd1', 'text-to-image', 'epsilon', BARE, { unet: 'sd15-unet', ...SD1 }],
  ['sd1', 'inpaint', 'epsilon', '{}', { unet: 'sd15-inpainting-unet', ...SD1 }],
  ['sd1', 'inpaint', 'epsilon', '{}', { unet: 'sd15-inpainting-unet', ...SD1, vae: 'asymmetric-vae-x-2' }],
  ['sd1', 'inpaint', 'epsilon', '{}', { unet: 'sd15-inpainting-unet', ...SD1, vae: 'asymmetric-vae-x-1-5' }],
  ['sd1', 'text-to-image', 'epsilon', '{}', { unet: 'sd15-unet', ...SD1, vae: 'taesd' }],
  ['sd1', 'instruct', 'epsilon', '{}', { unet: 'instruct-pix2pix-unet', ...SD1 }],
  ['sd2', 'text-to-image', 'v_prediction', V, { unet: 'sd21-unet', ...SD2 }],
  ['sd2', 'inpaint', 'epsilon', '{"prediction_type": "epsilon"}', { unet: 'sd2-inpainting-unet', ...SD2 }],
  ['sdxl', 'text-to-image', 'epsilon', '{}', { unet: 'sdxl-unet', ...SDXL }],
  ['sdxl', 'inpaint', 'epsilon', '{}', { unet: 'sdxl-inpainting-unet', ...SDXL }],
] as const

test.each(FOLDERS)('a diffusers folder of %s for %s, predicting %s', async (...expected) => {
  const [family, task, predictionType, scheduler, parts] = expected
  const folder = writePipeline(temporaryFolder(), parts, scheduler)
  const found = await openCheckpoint(folder)
  expect(found).toMatchObject({
    layout: 'diffusers',
    family,
    task,
    predictionType,
    missing: [],
    dtypes: ['F16'],
  })
  for (const component of found.components) {
    const { tensors } = published((parts as Record<string, string>)[component.role]!)
    expect(shapesOf(component as Component)).toEqual(tensors)
  }
  expect(found.components).toHaveLength(Object.keys(parts).length)
})

const FILES = [
  ['ldm-sd15-inpainting', 'sd1', 'inpaint', 'epsilon', { unet: 'sd15-inpainting-unet', ...SD1 }],
  ['ldm-sd21', 'sd2', 'text-to-image', 'v_prediction', { unet: 'sd21-unet', ...SD2 }],
  ['ldm-sdxl', 'sdxl', 'text-to-image', 'epsilon', { unet: 'sdxl-unet', ...SDXL }],
] as const

test.each(FILES)('the single file %s has the networks and settings of the folder', async (...expected) => {
  const [name, family, task, predictionType, parts] = expected
  const { tensors, ignored } = published(name)
  const file = path.join(temporaryFolder(), 'model.safetensors')
  const averages = { 'model_ema.diffusion_modelinput_blocks00weight': [320, 4, 3, 3] }
  writeWeights(file, { ...tensors, ...ignored, ...averages })
  const found = await openCheckpoint(file)
  expect(found).toMatchObject({ layout: 'single-file', family, task, predictionType, missing: [] })
  const folder = await openCheckpoint(writePipeline(temporaryFolder(), parts))
  for (const [i, component] of (found.components as Component[]).entries()) {
    const same = folder.components[i] as Component
    expect([component.role, component.architecture]).toEqual([same.role, same.architecture])
    // The graph is the same but for where its weights lie and, once, for a matrix that is stored the other way round.
    const part = { unet: 'denoiser', vae: 'decoder', text_encoder: 'text', text_encoder_2: 'text' } as const
    const [own, other] = [component, same].map((one) => componentGraph(one, part[one.role]))
    expect(own!.inputs).toEqual(other!.inputs)
    expect(own!.outputs).toEqual(other!.outputs)
    expect(understood(component)).toEqual(understood(same))
  }
})

test.each([
  ['ldm-sd15-inpainting', 'sd1', 4, 'text-to-image', 'epsilon'],
  ['ldm-sd15-inpainting', 'sd1', 8, 'instruct', 'epsilon'],
  ['ldm-sd21', 'sd2', 9, 'inpaint', 'epsilon'],
  ['ldm-sdxl', 'sdxl', 9, 'inpaint', 'epsilon'],
] as const)(
  'the single file %s (%s) with %i channels is for %s',
  async (name, family, inputs, task, predictionType) => {
    const file = path.join(temporaryFolder(), 'model.safetensors')
    const changed = { 'model.diffusion_model.input_blocks.0.0.weight': [320, inputs, 3, 3] }
    writeWeights(file, { ...published(name).tensors, ...changed })
    const found = await openCheckpoint(file)
    expect(found).toMatchObject({ family, task, predictionType, missing: [] })
    expect(found.notices.length).toBe(family === 'sd2' ? 1 : 0)
  },
)

/** A configuration as the architecture reads it, and what the caller reads of it. */
function understood({ architecture, config, source }: Component): unknown {
  const { scaling_factor, force_upcast, eos_token_id } = config as Record<string, unknown>
  const read = { unet: unetConfig, 'clip-text': clipTextConfig, autoencoder: autoencoderConfig }[
    architecture as 'unet'
  ]
  return [read(config, source), scaling_factor, force_upcast, eos_token_id]
}

function shapesOf({ tensors }: Component): Record<string, readonly number[]> {
  return Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape]))
}

test('a full-size checkpoint and the asymmetric decoder beside it become graphs without a byte written', async () => {
  const root = temporaryFolder()
  const file = path.join(root, 'sd15-inpainting.safetensors')
  const decoder = path.join(root, 'asymmetric-x-2')
  const { tensors, ignored } = published('ldm-sd15-inpainting')
  writeWeights(file, { ...tensors, ...ignored })
  writeComponent(decoder, 'asymmetric-vae-x-2', { type: 'F32' })
  const listing = () =>
    (fs.readdirSync(root, { recursive: true, withFileTypes: true }) as fs.Dirent[]).map((entry) => {
      const { size, mtimeNs, ctimeNs, blocks } = fs.statSync(path.join(entry.parentPath, entry.name), {
        bigint: true,
      })
      return [entry.parentPath, entry.name, size, mtimeNs, ctimeNs, blocks]
    })
  const before = listing()
  const [checkpoint, vae] = [await openCheckpoint(file), await openCheckpoint(decoder)]
  const unet = checkpoint.components.find(({ role }) => role === 'unet') as Component
  const text = checkpoint.components.find(({ role }) => role === 'text_encoder') as Component
  const asymmetric = vae.components[0] as Component
  const graphs = [
    componentGraph(unet, 'denoiser'),
    componentGraph(text, 'text'),
    componentGraph(asymmetric, 'encoder'),
    componentGraph(asymmetric, 'conditioned-decoder'),
  ]
  expect(graphs.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(10e6)
  expect(graphs.every(({ folder }) => folder === root || folder === decoder)).toBe(true)
  expect(listing()).toEqual(before)
})
