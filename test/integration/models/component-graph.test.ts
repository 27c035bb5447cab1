/** Graphs of components: in float16, at every clip skip, and the parts that there are. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { goldenComponent } from '../../../src/main/engine/inference/golden/components.ts'
import { readJson, tensorsBelow, weightsFile } from '../../../src/main/engine/inference/golden/files.ts'
import { GraphRunner, type Tensor } from '../../../src/main/engine/inference/run-graph.ts'
import { componentGraph, type Part } from '../../../src/main/engine/models/component-graph.ts'
import type { BuiltGraph } from '../../../src/main/engine/models/onnx/graph.ts'
import { readSafetensors } from '../../../src/main/engine/models/safetensors.ts'

const ROOT = fileURLToPath(new URL('../../fixtures/golden/components', import.meta.url))
const runner = new GraphRunner()
afterAll(() => runner.close())

async function component(name: string, family: string, variant = '', changed: object = {}) {
  const folder = path.join(ROOT, name)
  const source = weightsFile(folder, variant)
  const config = { ...((await readJson(path.join(folder, 'config.json'))) as object), ...changed }
  return goldenComponent(family, { config, tensors: (await readSafetensors(source)).tensors, source })
}

const inputsOf = (name: string, of: string) =>
  tensorsBelow(path.join(ROOT, name, 'io.safetensors'), `${of}.in.`)

/** The largest difference as a share of the largest value. */
function apart(a: Tensor, b: Tensor): number {
  const [found, expected] = [a.data as Float32Array, b.data as Float32Array]
  const most = (values: Float32Array) => values.reduce((top, value) => Math.max(top, Math.abs(value)), 0)
  return most(found.map((value, i) => value - expected[i]!)) / most(expected)
}

function casts(graph: BuiltGraph): number {
  return Buffer.from(graph.bytes).toString('latin1').split('\u0004Cast').length - 1
}

const NETWORKS: readonly (readonly [name: string, family: string, of: string, parts: readonly Part[]])[] = [
  ['unet_sd1', 'unet', 'batch2', ['denoiser']],
  ['unet_sd2', 'unet', 'odd_size', ['denoiser']],
  ['unet_sdxl', 'unet', 'square', ['denoiser']],
  ['text_sd1', 'clip_text', 'short_and_full', ['text']],
  ['text_sdxl_2', 'clip_text_projection', 'added_token', ['text']],
  ['vae_sd', 'autoencoder_kl', 'batch2', ['encoder', 'decoder']],
  ['asym_x_1_5', 'asymmetric_autoencoder_kl', 'mask_soft', ['conditioned-decoder']],
  ['tiny_vae', 'autoencoder_tiny', 'square', ['encoder', 'decoder']],
]

test.each(NETWORKS)(
  '%s in float16 stays close to float32, and float16 stays inside',
  async (name, family, of, parts) => {
    const network = await component(name, family, '', { force_upcast: false })
    const inputs = {
      ...(await inputsOf(name, of)),
      pooled_place: { data: new BigInt64Array(2), shape: [2, 1] },
    }
    if (name === 'text_sdxl_2') inputs.pooled_place = { data: new BigInt64Array(1), shape: [1, 1] }
    for (const part of parts) {
      const half = componentGraph(network, part, { precision: 'float16' })
      for (const { type } of [...half.inputs, ...half.outputs]) expect(['float32', 'int64']).toContain(type)
      const found = await runner.run(half, inputs)
      const expected = await runner.run(componentGraph(network, part), inputs)
      expect(Object.keys(found)).toEqual(Object.keys(expected))
      for (const [key, value] of Object.entries(expected))
        expect(apart(found[key]!, value), key).toBeLessThan(0.01)
    }
  },
)

test('float16 weights are taken as they lie, others are cast at load', async () => {
  const half = await component('unet_sd1_inpaint', 'unet', '.fp16')
  const single = await component('unet_sd1_inpaint', 'unet')
  const weights = half.tensors.size
  expect(casts(componentGraph(half, 'denoiser', { precision: 'float16' }))).toBeLessThan(10)
  expect(casts(componentGraph(half, 'denoiser'))).toBeGreaterThanOrEqual(weights)
  expect(casts(componentGraph(single, 'denoiser'))).toBe(0)
  expect(casts(componentGraph(single, 'denoiser', { precision: 'float16' }))).toBeGreaterThanOrEqual(weights)
})

test('a late step is told from its neighbour in float16 as in float32', async () => {
  const unet = await component('unet_sd1', 'unet')
  const inputs = await inputsOf('unet_sd1', 'square')
  const at = async (step: number, precision: 'float16' | 'float32') => {
    const timestep = { data: Float32Array.of(step), shape: [1] }
    return (await runner.run(componentGraph(unet, 'denoiser', { precision }), { ...inputs, timestep }))[
      'noise'
    ]!
  }
  // In float16 the numbers above 2048 are 2 apart: a step that had been rounded would be one of its neighbours.
  const [one, next] = [await at(2049, 'float16'), await at(2050, 'float16')]
  expect(apart(one, await at(2049, 'float32'))).toBeLessThan(0.01)
  expect(apart(next, await at(2050, 'float32'))).toBeLessThan(0.01)
  expect(apart(one, next)).toBeGreaterThan(0.05)
})

test('a component that says it overflows stays in float32', async () => {
  const changed = { force_upcast: true }
  const vae = await component('vae_sd', 'autoencoder_kl', '', changed)
  expect(casts(componentGraph(vae, 'decoder', { precision: 'float16' }))).toBe(0)
  const unet = await component('unet_sd2', 'unet', '', { upcast_attention: false })
  const upcast = await component('unet_sd2', 'unet', '', { upcast_attention: true })
  const half = { precision: 'float16' } as const
  const attentions = [...unet.tensors.keys()].filter((name) => name.endsWith('to_q.weight')).length
  const more = casts(componentGraph(upcast, 'denoiser', half)) - casts(componentGraph(unet, 'denoiser', half))
  expect(more).toBe(4 * attentions)
  expect(componentGraph(upcast, 'denoiser').bytes).toEqual(componentGraph(unet, 'denoiser').bytes)
})

test('clip skip leaves out that many of the last layers', async () => {
  const text = await component('text_sd1', 'clip_text')
  const inputs = {
    ...(await inputsOf('text_sd1', 'short_and_full')),
    pooled_place: { data: new BigInt64Array(2), shape: [2, 1] },
  }
  const at = (skip: number) => runner.run(componentGraph(text, 'text', { skip }), inputs)
  const whole = await at(0)
  expect(whole['normed_hidden_state']).toEqual(whole['last_hidden_state'])
  // A model with one layer less is the same encoder, one layer earlier.
  const config = { ...(text.config as object), num_hidden_layers: 2 }
  const shorter = await runner.run(componentGraph({ ...text, config }, 'text', { skip: 0 }), inputs)
  const one = await at(1)
  expect(apart(one['normed_hidden_state']!, shorter['last_hidden_state']!)).toBeLessThan(1e-6)
  expect(one['last_hidden_state']).toEqual(whole['last_hidden_state'])
  const all = await at(3)
  expect(apart(all['hidden_state']!, one['hidden_state']!)).toBeGreaterThan(0.1)
  for (const skip of [-1, 4, 0.5, Number.NaN])
    expect(() => componentGraph(text, 'text', { skip })).toThrow(expect.objectContaining({ code: 'usage' }))
})

test('an architecture has its own parts only', async () => {
  const vae = await component('vae_sd', 'autoencoder_kl')
  expect(() => componentGraph(vae, 'conditioned-decoder')).toThrow('no conditioned-decoder is in')
  expect(() => componentGraph(vae, 'text')).toThrow('no text is in')
})
