/** Networks on their own, in every form they are passed around in. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { componentGraph } from '../../../src/main/engine/models/index.ts'
import { GOLDEN, published, writeComponent, writeWeights } from '../../support/checkpoints.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

const PUBLISHED = [
  ['sd-vae', 'vae', 'autoencoder'],
  ['asymmetric-vae-x-1-5', 'vae', 'asymmetric-autoencoder'],
  ['asymmetric-vae-x-2', 'vae', 'asymmetric-autoencoder'],
  ['taesd', 'vae', 'tiny-autoencoder'],
  ['clip-l-text', 'text_encoder', 'clip-text'],
  ['openclip-h-text', 'text_encoder', 'clip-text'],
  ['openclip-bigg-text', 'text_encoder_2', 'clip-text'],
  ['sd15-inpainting-unet', 'unet', 'unet'],
  ['sd21-unet', 'unet', 'unet'],
  ['sdxl-unet', 'unet', 'unet'],
] as const

test.each(PUBLISHED)(
  '%s opens from its folder, and as one file without a configuration',
  async (...expected) => {
    const [name, role, architecture] = expected
    const folder = temporaryFolder()
    writeComponent(folder, name)
    const within = await openCheckpoint(folder)
    expect(within).toMatchObject({ layout: 'component', missing: [], components: [{ role, architecture }] })
    const file = path.join(temporaryFolder(), 'anything.safetensors')
    writeWeights(file, published(name).tensors)
    const alone = await openCheckpoint(file)
    expect(alone).toMatchObject({ layout: 'component', missing: [], components: [{ role, architecture }] })
    const part = architecture === 'unet' ? 'denoiser' : architecture === 'clip-text' ? 'text' : 'decoder'
    const [one, other] = [within, alone].map(({ components }) =>
      componentGraph(components[0] as Component, part),
    )
    // Equal but for the name of the weights file.
    expect(one!.inputs).toEqual(other!.inputs)
    expect(one!.outputs).toEqual(other!.outputs)
  },
)

test('the base size of the asymmetric autoencoder, as its authors name its parts', async () => {
  const { tensors } = published('sd-vae')
  const decoder = published('asymmetric-vae-x-2').tensors
  const branch = [3, 128, 256, 512, 512, 512]
  const layers = branch.slice(1).flatMap((out, i) => {
    const kernel = i < 2 ? 3 : 4
    return [
      [`decoder.condition_encoder.layers.${i}.weight`, [out, branch[i]!, kernel, kernel]],
      [`decoder.condition_encoder.layers.${i}.bias`, [out]],
    ] as const
  })
  expect(layers.every(([name]) => name in decoder)).toBe(true)
  const file = path.join(temporaryFolder(), 'base.safetensors')
  // Transposed convolutions that no pass runs lay in the first release.
  const idle = { 'decoder.up_layers.0.weight': [512, 512, 4, 4] }
  writeWeights(file, { ...tensors, ...Object.fromEntries(layers), ...idle })
  const { components } = await openCheckpoint(file)
  expect(components).toMatchObject([
    {
      architecture: 'asymmetric-autoencoder',
      config: { up_block_out_channels: [128, 256, 512, 512], layers_per_up_block: 2 },
    },
  ])
  const ldm = path.join(temporaryFolder(), 'ldm.safetensors')
  const names = Object.entries(published('ldm-sd15-inpainting').tensors).filter(([name]) =>
    name.startsWith('first_stage'),
  )
  const bare = Object.fromEntries(
    names.map(([name, shape]) => [name.slice('first_stage_model.'.length), shape]),
  )
  const theirs = layers.map(([name, shape]) => [name.replace('condition_encoder', 'encoder'), shape])
  writeWeights(ldm, { ...bare, ...Object.fromEntries(theirs), ...idle, 'loss.logvar': [] })
  const [own] = (await openCheckpoint(ldm)).components as Component[]
  const shapes = ({ tensors: stored }: Component) =>
    new Map([...stored].map(([key, { shape }]) => [key, shape.slice(0, 2)]))
  expect(shapes(own!)).toEqual(shapes(components[0] as Component))
})

test('a VAE with the names of the original code, whole or with its prefix', async () => {
  const entries = Object.entries(published('ldm-sdxl').tensors)
  const prefixed = entries.filter(([name]) => name.startsWith('first_stage_model.'))
  for (const cut of [0, 'first_stage_model.'.length]) {
    const file = path.join(temporaryFolder(), 'vae.safetensors')
    writeWeights(file, Object.fromEntries(prefixed.map(([name, shape]) => [name.slice(cut), shape])))
    const found = await openCheckpoint(file)
    expect(found).toMatchObject({
      family: null,
      task: null,
      components: [{ role: 'vae', architecture: 'autoencoder' }],
    })
    // A lone VAE does not say whose it is.
    expect((found.components[0] as Component).config).not.toHaveProperty('scaling_factor')
  }
})

test('the halves of a TAESD, from whichever of them is named, and one half alone', async () => {
  const folder = temporaryFolder()
  const tensors = Object.entries(published('taesd').tensors)
  for (const half of ['encoder', 'decoder']) {
    const own = tensors.filter(([name]) => name.startsWith(half))
    const plain = own.map(([name, shape]) => {
      const [, , position, ...rest] = name.split('.')
      return [[Number(position) + (half === 'decoder' ? 1 : 0), ...rest].join('.'), shape]
    })
    writeWeights(path.join(folder, `taesd_${half}.safetensors`), Object.fromEntries(plain))
  }
  // What is no network does not make the folder ambiguous.
  writeWeights(path.join(folder, 'references.safetensors'), { 'square.in.image': [1, 3, 8, 8] })
  for (const place of [
    folder,
    path.join(folder, 'taesd_encoder.safetensors'),
    path.join(folder, 'taesd_decoder.safetensors'),
  ]) {
    const { components, missing } = await openCheckpoint(place)
    expect(missing).toEqual([])
    expect(components).toMatchObject([
      {
        role: 'vae',
        architecture: 'tiny-autoencoder',
        config: { num_encoder_blocks: [1, 3, 3, 3], num_decoder_blocks: [3, 3, 3, 1], latent_channels: 4 },
      },
    ])
    const shapes = [...(components[0] as Component).tensors].map(([name, { shape }]) => [name, shape])
    expect(Object.fromEntries(shapes)).toEqual(published('taesd').tensors)
  }
  fs.rmSync(path.join(folder, 'taesd_encoder.safetensors'))
  expect(await openCheckpoint(folder)).toMatchObject({ missing: ['encoder'] })
})

test('the float16 variant where it is named, or where there is no other', async () => {
  const named = path.join(GOLDEN, 'asym_x_2', 'diffusion_pytorch_model.fp16.safetensors')
  expect(await openCheckpoint(named)).toMatchObject({
    dtypes: ['F16'],
    missing: [],
    components: [{ config: { norm_num_groups: 2 } }],
  })
  const folder = temporaryFolder()
  writeComponent(folder, 'sd-vae', { variant: 'fp16' })
  const found = await openCheckpoint(folder)
  expect(found.notices).toEqual([expect.stringContaining('diffusion_pytorch_model.fp16.safetensors is used')])
})

test('older names of the attention matrices, and a projection written as convolutions or as matrices', async () => {
  const legacy = await openCheckpoint(path.join(GOLDEN, 'vae_sd', 'legacy-attention-names'))
  expect(legacy).toMatchObject({ components: [{ architecture: 'autoencoder' }] })
  expect((legacy.components[0] as Component).unknown).toEqual(['norm_num_groups'])
  for (const [name, reshape] of [
    ['sd15-unet', (shape: readonly number[]) => shape.slice(0, 2)],
    ['sd21-unet', (shape: readonly number[]) => [...shape, 1, 1]],
  ] as const) {
    const folder = temporaryFolder()
    writeComponent(folder, name)
    const { tensors } = published(name)
    const other = Object.entries(tensors).map(
      ([key, shape]) => [key, /\.proj_(in|out)\.weight$/.test(key) ? reshape(shape) : shape] as const,
    )
    writeWeights(path.join(folder, 'diffusion_pytorch_model.safetensors'), Object.fromEntries(other))
    expect(await openCheckpoint(folder)).toMatchObject({ missing: [] })
  }
})

test('widths that were never published open with a configuration beside them, and say so without', async () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'tiny.safetensors')
  fs.copyFileSync(path.join(GOLDEN, 'checkpoints', 'sdxl', 'model.safetensors'), file)
  const without = await openCheckpoint(file)
  expect(without).toMatchObject({ family: 'sdxl', task: 'text-to-image' })
  expect(without.missing).toHaveLength(4)
  expect(() => componentGraph(without.components[0] as Component, 'denoiser')).toThrow(
    /attention_head_dim|norm_num_groups/,
  )
  const configs = {
    unet: 'unet_sdxl',
    vae: 'vae_sd',
    text_encoder: 'text_sd1',
    text_encoder_2: 'text_sdxl_2',
  }
  const given: Record<string, Record<string, unknown>> = {}
  for (const [role, name] of Object.entries(configs)) {
    const config = path.join(GOLDEN, name, 'config.json')
    fs.mkdirSync(path.join(folder, role))
    fs.copyFileSync(config, path.join(folder, role, 'config.json'))
    given[role] = JSON.parse(fs.readFileSync(config, 'utf8')) as Record<string, unknown>
  }
  const beside = await openCheckpoint(file)
  expect(beside.missing).toEqual([])
  expect(beside.notices).toHaveLength(4)
  expect(beside.components[0]).toMatchObject({
    config: { attention_head_dim: [1, 2, 5], norm_num_groups: 2 },
  })
  const stated = await openCheckpoint(path.join(GOLDEN, 'checkpoints', 'sdxl', 'model.safetensors'), {
    configs: given,
  })
  for (const [i, component] of stated.components.entries())
    expect((component as Component).config).toEqual((beside.components[i] as Component).config)
})
