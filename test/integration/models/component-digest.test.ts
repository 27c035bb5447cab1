/** What identifies a network: the same content in another layout is the same network, and a byte makes another one. */
import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import {
  componentDigest,
  componentStamp,
  graphKey,
} from '../../../src/main/engine/models/checkpoint/component-digest.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import {
  editJson,
  GOLDEN,
  published,
  writeComponent,
  writeTinyPipeline,
  writeWeights,
} from '../../support/checkpoints.ts'
import { namesIn, temporaryFolder } from '../../support/project-folder.ts'

async function component(place: string, role = 'vae'): Promise<Component> {
  const found = (await openCheckpoint(place)).components.find((one) => one.role === role)
  if (!found || found.architecture === 'onnx') throw new Error(`no ${role} in ${place}`)
  return found
}

async function digest(place: string, role = 'vae'): Promise<string> {
  return componentDigest(await component(place, role), temporaryFolder())
}

test('two checkpoints that share a VAE, and the VAE alone, have one digest for it', async () => {
  const [first, second] = [writeTinyPipeline(temporaryFolder()), writeTinyPipeline(temporaryFolder())]
  editJson(path.join(second, 'vae/config.json'), (json) => {
    Object.assign(json, { sample_size: 512, _diffusers_version: '0.6.0' })
  })
  const alone = path.join(GOLDEN, 'vae_sd')
  expect(await digest(first)).toBe(await digest(second))
  expect(await digest(first)).toBe(await digest(alone))
  expect(await digest(first)).not.toBe(await digest(first, 'unet'))
})

test('the names and order a file has do not count: single file, folder and older names are one', async () => {
  const single = path.join(temporaryFolder(), 'tiny.safetensors')
  fs.copyFileSync(path.join(GOLDEN, 'checkpoints/sd1_inpaint/model.safetensors'), single)
  for (const [role, name] of Object.entries({
    vae: 'vae_sd',
    unet: 'unet_sd1_inpaint',
    text_encoder: 'text_sd1',
  })) {
    fs.mkdirSync(path.join(path.dirname(single), role))
    fs.copyFileSync(
      path.join(GOLDEN, name, 'config.json'),
      path.join(path.dirname(single), role, 'config.json'),
    )
  }
  const half = temporaryFolder()
  const legacy = temporaryFolder()
  for (const folder of [half, legacy])
    fs.copyFileSync(path.join(GOLDEN, 'vae_sd/config.json'), path.join(folder, 'config.json'))
  const name = 'diffusion_pytorch_model.safetensors'
  fs.copyFileSync(path.join(GOLDEN, 'vae_sd/diffusion_pytorch_model.fp16.safetensors'), path.join(half, name))
  fs.copyFileSync(path.join(GOLDEN, 'vae_sd/legacy-attention-names', name), path.join(legacy, name))
  expect(await digest(legacy)).toBe(await digest(half))
  const unet = path.join(GOLDEN, 'unet_sd1_inpaint/diffusion_pytorch_model.fp16.safetensors')
  expect(await digest(single, 'unet')).toBe(await digest(unet, 'unet'))
})

test('a byte of the weights, a setting or the precision makes another network', async () => {
  const folder = writeTinyPipeline(temporaryFolder())
  const file = path.join(folder, 'vae/diffusion_pytorch_model.safetensors')
  const digests = [
    await digest(folder),
    await digest(path.join(GOLDEN, 'vae_sd/diffusion_pytorch_model.fp16.safetensors')),
  ]
  const handle = fs.openSync(file, 'r+')
  fs.writeSync(handle, Uint8Array.of(1), 0, 1, fs.statSync(file).size - 5)
  fs.closeSync(handle)
  digests.push(await digest(folder))
  editJson(path.join(folder, 'vae/config.json'), (json) => {
    json['norm_num_groups'] = 4
  })
  digests.push(await digest(folder))
  expect(new Set(digests).size).toBe(4)
})

test('is remembered while its files are as they were, and computed again when they are not', async () => {
  const [data, folder] = [path.join(temporaryFolder(), 'new'), temporaryFolder()]
  const file = path.join(folder, 'vae.safetensors')
  writeWeights(file, published('sd-vae').tensors)
  const vae = await component(file)
  const steps: number[] = []
  const onProgress = (fraction: number) => steps.push(fraction)
  const first = await componentDigest(vae, data, { onProgress })
  expect(steps.at(-1)).toBe(1)
  expect(steps.every((step, i) => step > (steps[i - 1] ?? 0))).toBe(true)
  expect(namesIn(path.join(data, 'digests'))).toEqual([await componentStamp(vae)])
  steps.length = 0
  expect(await componentDigest(vae, data, { onProgress })).toBe(first)
  expect(steps).toEqual([])

  const handle = fs.openSync(file, 'r+')
  fs.writeSync(handle, Uint8Array.of(1), 0, 1, fs.statSync(file).size - 1)
  fs.closeSync(handle)
  expect(await componentDigest(await component(file), data, { onProgress })).not.toBe(first)
  expect(steps.at(-1)).toBe(1)

  // What is remembered in a form that nobody writes is not believed.
  const [name] = namesIn(path.join(data, 'digests'))
  for (const one of namesIn(path.join(data, 'digests')))
    fs.writeFileSync(path.join(data, 'digests', one), 'damaged')
  expect(name).toBeDefined()
  expect(await componentDigest(await component(file), data)).toMatch(/^[0-9a-f]{64}$/)
})

test('ends when it is cancelled, when files are gone and when they are cut short', async () => {
  const folder = temporaryFolder()
  writeComponent(folder, 'sd-vae')
  const vae = await component(folder)
  const stop = new AbortController()
  const cancelled = componentDigest(vae, temporaryFolder(), {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  })
  await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' })
  const file = path.join(folder, 'diffusion_pytorch_model.safetensors')
  fs.truncateSync(file, 1e6)
  await expect(componentDigest(vae, temporaryFolder())).rejects.toMatchObject({ code: 'model.unreadable' })
  fs.rmSync(file)
  await expect(componentDigest(vae, temporaryFolder())).rejects.toMatchObject({ code: 'file.missing' })
})

test('a graph has another name for every thing that changes it', () => {
  const recipe = { component: 'a', part: 'decoder', precision: 'float32', version: '1' }
  const keys = [
    recipe,
    { ...recipe, component: 'b' },
    { ...recipe, part: 'encoder' },
    { ...recipe, precision: 'float16' },
    { ...recipe, version: '2' },
    { ...recipe, loras: [['c', 0.5]] as const },
    { ...recipe, loras: [['c', 0.6]] as const },
  ].map(graphKey)
  expect(new Set(keys).size).toBe(keys.length)
  expect(graphKey({ ...recipe })).toBe(keys[0])
})
