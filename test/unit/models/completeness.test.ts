import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  autoencoderConfig,
  clipTextConfig,
  clipTextGraph,
  conditionedDecoderGraph,
  decoderGraph,
  encoderGraph,
  type StoredTensor,
  tinyConfig,
  tinyDecoderGraph,
  tinyEncoderGraph,
  unetConfig,
  unetGraph,
  Weights,
} from '../../../src/main/engine/models/index.ts'

interface Published {
  readonly family: string
  readonly config: unknown
  readonly tensors: Readonly<Record<string, readonly number[]>>
}

const FOLDER = fileURLToPath(new URL('../../fixtures/published/', import.meta.url))
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json.gz') && !name.startsWith('ldm-'))

function build(weights: Weights, { family, config }: Published): readonly { readonly bytes: Uint8Array }[] {
  switch (family) {
    case 'unet':
      return [unetGraph(weights, unetConfig(config, family))]
    case 'clip_text':
      return [clipTextGraph(weights, clipTextConfig(config, family))]
    case 'clip_text_projection': {
      const architectures = ['CLIPTextModelWithProjection']
      return [clipTextGraph(weights, clipTextConfig({ ...(config as object), architectures }, family))]
    }
    case 'autoencoder_tiny':
      return [
        tinyEncoderGraph(weights, tinyConfig(config, family)),
        tinyDecoderGraph(weights, tinyConfig(config, family)),
      ]
    default: {
      const { encoder, decoder } = autoencoderConfig(config, family)
      const decode = family === 'asymmetric_autoencoder_kl' ? conditionedDecoderGraph : decoderGraph
      return [encoderGraph(weights, encoder), decode(weights, decoder)]
    }
  }
}

function read(name: string): Published {
  return JSON.parse(gunzipSync(readFileSync(FOLDER + name)).toString()) as Published
}

function weightsOf(tensors: Published['tensors']): Weights {
  const stored = Object.entries(tensors).map(([key, shape]): [string, StoredTensor] => [
    key,
    { file: '/models/model.safetensors', type: 'F16', shape, offset: 8, length: 2 },
  ])
  return new Weights(new Map(stored), 'model.safetensors')
}

test.each(NAMES)('%s: every tensor is used exactly once, in its shape, by a graph below 10 MB', (name) => {
  const published = read(name)
  // Taking a tensor twice, in another shape, or one that is missing throws.
  const weights = weightsOf(published.tensors)
  const graphs = build(weights, published)
  expect(weights.left()).toEqual([])
  expect(graphs.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(10e6)
})

test.each(NAMES)('%s: a missing tensor and a wrong shape are named', (name) => {
  const published = read(name)
  const [key, shape] = Object.entries(published.tensors)[7]!
  const { [key]: _gone, ...rest } = published.tensors
  expect(() => build(weightsOf(rest), published)).toThrow(key)
  expect(() => build(weightsOf({ ...rest, [key]: [shape[0]! + 1, ...shape.slice(1)] }), published)).toThrow(
    key,
  )
})

test("the paper's base size is the usual autoencoder with a branch, and every tensor of it is used", () => {
  const { tensors } = read('sd-vae.json.gz')
  const branch = [
    [128, 3, 3, 3],
    [256, 128, 3, 3],
    [512, 256, 4, 4],
    [512, 512, 4, 4],
    [512, 512, 4, 4],
  ]
  const layers = branch.flatMap((shape, i) => {
    const name = `decoder.condition_encoder.layers.${i}`
    return [
      [`${name}.weight`, shape],
      [`${name}.bias`, [shape[0]!]],
    ] as const
  })
  const widths = [128, 256, 512, 512]
  const config = {
    down_block_out_channels: widths,
    layers_per_down_block: 2,
    up_block_out_channels: widths,
    layers_per_up_block: 2,
  }
  const base = {
    family: 'asymmetric_autoencoder_kl',
    config,
    tensors: { ...tensors, ...Object.fromEntries(layers) },
  }
  const weights = weightsOf(base.tensors)
  build(weights, base)
  expect(weights.left()).toEqual([])
  const own = layers.reduce((sum, [, shape]) => sum + shape.reduce((product, size) => product * size, 1), 0)
  expect(own).toBe(10_786_048)
})
