import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { formOn } from '../../src/main/engine/inference/provider-form.ts'
import { Session } from '../../src/main/engine/inference/session.ts'
import type { Tensor } from '../../src/main/engine/inference/tensors.ts'
import {
  type BuiltGraph,
  type Component,
  componentGraph,
  type Part,
  readSafetensors,
} from '../../src/main/engine/models/index.ts'
import { GOLDEN } from '../support/checkpoints.ts'
import { drawnComponent } from '../support/drawn-weights.ts'
import { temporaryFolder } from '../support/project-folder.ts'

type Network = Pick<Component, 'role' | 'architecture'>

const UNET: Network = { role: 'unet', architecture: 'unet' }
const VAE: Network = { role: 'vae', architecture: 'autoencoder' }
const ASYMMETRIC: Network = { role: 'vae', architecture: 'asymmetric-autoencoder' }
const CASES: readonly (readonly [string, Network, readonly Part[]])[] = [
  ['unet_sd1', UNET, ['denoiser']],
  ['unet_sdxl', UNET, ['denoiser']],
  ['text_sd1', { role: 'text_encoder', architecture: 'clip-text' }, ['text']],
  ['text_sdxl_2', { role: 'text_encoder_2', architecture: 'clip-text' }, ['text']],
  ['vae_sd', VAE, ['encoder', 'decoder']],
  ['asym_x_1_5', ASYMMETRIC, ['conditioned-decoder']],
  ['tiny_vae', { role: 'vae', architecture: 'tiny-autoencoder' }, ['encoder', 'decoder']],
  ['decoder', { role: 'vae', architecture: 'small-asymmetric-decoder' }, ['conditioned-decoder']],
  ['denoiser', { role: 'unet', architecture: 'latent-denoiser' }, ['denoiser']],
]

async function componentIn(name: string, network: Network): Promise<Component> {
  if (name === 'decoder' || name === 'denoiser') return drawnComponent(name, temporaryFolder())
  const folder = path.join(GOLDEN, name)
  const file = ['model', 'diffusion_pytorch_model']
    .map((stem) => path.join(folder, `${stem}.safetensors`))
    .find((one) => existsSync(one))!
  const config: unknown = JSON.parse(readFileSync(path.join(folder, 'config.json'), 'utf8'))
  return { ...network, config, tensors: (await readSafetensors(file)).tensors, source: file }
}

/** Small, and of sides that differ, so that one taken for the other shows. */
const SIZES: Readonly<Record<Part, Readonly<Record<string, number>>>> = {
  denoiser: { height: 4, width: 8, length: 5 },
  text: { length: 7 },
  encoder: { height: 32, width: 16 },
  decoder: { latent_height: 4, latent_width: 2 },
  'conditioned-decoder': { latent_height: 4, latent_width: 2, height: 32, width: 16 },
}

function inputsOf(graph: BuiltGraph, part: Part): Record<string, Tensor> {
  return Object.fromEntries(
    graph.inputs.map(({ name, type, shape }): [string, Tensor] => {
      const sizes = shape.map((size) => (typeof size === 'number' ? size : (SIZES[part][size] ?? 1)))
      const count = sizes.reduce((product, size) => product * size, 1)
      if (type === 'int64')
        return [
          name,
          { data: BigInt64Array.from({ length: count }, (_, i) => BigInt((5 * i + 3) % 7)), shape: sizes },
        ]
      const data = Float32Array.from({ length: count }, (_, i) => Math.sin(1 + 2.3 * i))
      return [
        name,
        { data: name === 'mask' ? data.map((value) => (value > 0.3 ? 1 : 0)) : data, shape: sizes },
      ]
    }),
  )
}

async function outputsOf(graph: BuiltGraph, part: Part, provider: 'cpu' | 'webgpu') {
  const session = await Session.open(graph, { provider, whole: provider === 'webgpu', threads: 1 })
  try {
    return await session.run(inputsOf(graph, part))
  } finally {
    await session.release()
  }
}

/** The largest difference, in parts of the largest value. */
function difference(found: Tensor, expected: Tensor): number {
  expect(found.shape).toEqual(expected.shape)
  const values = expected.data as Float32Array
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return values.reduce((most, value, i) => {
    const apart = Math.abs(value - (found.data[i] as number)) / largest
    return apart <= most ? most : apart
  }, 0)
}

async function expectSame(graph: BuiltGraph, exact: BuiltGraph, part: Part, tolerance: number) {
  const found = await outputsOf(graph, part, 'webgpu')
  for (const [output, expected] of Object.entries(await outputsOf(exact, part, 'cpu')))
    expect.soft(difference(found[output]!, expected), output).toBeLessThan(tolerance)
}

const { precision, attention } = await formOn('webgpu')
const half = precision === 'float16'
console.log(`Attention is written in its ${attention} form on this adapter.`)
if (!half) console.log('This adapter has no shader-f16: float16 graphs are opened on it, but not run.')

for (const [name, network, parts] of CASES)
  for (const part of parts) {
    test(`${name} ${part} runs on WebGPU alone, as on the CPU`, async () => {
      const component = await componentIn(name, network)
      await expectSame(
        componentGraph(component, part, { attention }),
        componentGraph(component, part),
        part,
        2e-4,
      )
    })

    test(`${name} ${part} with fused attention opens on WebGPU alone`, async () => {
      await opens(componentGraph(await componentIn(name, network), part))
    })

    test(`${name} ${part} in float16 ${half ? 'runs' : 'opens'} on WebGPU alone`, async () => {
      const component = await componentIn(name, network)
      const graph = componentGraph(component, part, { precision: 'float16', attention })
      if (half) await expectSame(graph, componentGraph(component, part), part, 0.05)
      else await opens(graph)
    })
  }

/** Opening is refused when any node would fall to the CPU. */
async function opens(graph: BuiltGraph) {
  const session = await Session.open(graph, { provider: 'webgpu', whole: true })
  expect(session.provider).toBe('webgpu')
  await session.release()
}
