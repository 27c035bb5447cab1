/**
 * The conditioned decoder where it is easily wrong: values that overflow on the side a merge does not choose, batches that
 * share a picture, features of the same shape, and the two masks whose answers are known without a reference.
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { tensorsBelow } from '../../../src/main/engine/inference/golden/files.ts'
import { GraphRunner, type Tensor } from '../../../src/main/engine/inference/run-graph.ts'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { componentGraph } from '../../../src/main/engine/models/component-graph.ts'
import type { Precision } from '../../../src/main/engine/models/onnx/graph.ts'
import { readSafetensors } from '../../../src/main/engine/models/safetensors.ts'
import { temporaryFolder } from '../../support/project-folder.ts'
import { writeSafetensors } from '../../support/safetensors-file.ts'

const FOLDER = fileURLToPath(new URL('../../fixtures/golden/components/asym_x_2', import.meta.url))
const WEIGHTS = path.join(FOLDER, 'diffusion_pytorch_model.safetensors')
const CONFIG = {
  in_channels: 3,
  latent_channels: 4,
  norm_num_groups: 2,
  down_block_out_channels: [4, 4, 8, 8],
  layers_per_down_block: 2,
  up_block_out_channels: [4, 8, 16, 16],
  layers_per_up_block: 5,
}
const PRECISIONS = ['float32', 'float16'] as const
/** Both kinds of merge in both precisions. */
const KINDS = PRECISIONS.flatMap((precision) => [true, false].map((softMask) => ({ precision, softMask })))

const runner = new GraphRunner()
afterAll(() => runner.close())
const original = await tensorsBelow(WEIGHTS, '')

type Change = (name: string, value: number, index: number) => number

/** The decoder of the fixture, its weights changed. */
async function decoder(change: Change = (_, value) => value, config = CONFIG, tensors = original) {
  const file = path.join(temporaryFolder(), 'vae.safetensors')
  const changed = Object.entries(tensors).map(([name, { data, shape }]) => {
    const values = Float32Array.from(data as Float32Array, (value, i) => change(name, value, i))
    return [name, { shape, values }] as const
  })
  writeSafetensors(file, Object.fromEntries(changed))
  const architecture = 'asymmetric-autoencoder'
  const header = await readSafetensors(file)
  return { role: 'vae', architecture, config, tensors: header.tensors, source: file } as const
}

async function decode(
  vae: Component,
  inputs: Readonly<Record<string, Tensor>>,
  options: { readonly precision?: Precision; readonly softMask?: boolean } = {},
) {
  const part = inputs['mask'] ? 'conditioned-decoder' : 'decoder'
  const { decoded } = await runner.run(componentGraph(vae, part, options), inputs)
  return { ...decoded!, data: decoded!.data as Float32Array }
}

function filled(shape: readonly number[], value: (index: number) => number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1)
  return { data: Float32Array.from({ length: count }, (_, i) => value(i)), shape }
}

const wave =
  (seed: number, size = 1) =>
  (i: number) =>
    size * Math.sin(seed + 1.7 * i + 0.01 * i * i)
const latentsOf = (batch: number, h = 4, w = 3, seed = 1) => filled([batch, 4, h, w], wave(seed))
const imageOf = (batch: number, h = 4, w = 3, seed = 2) => filled([batch, 3, 8 * h, 8 * w], wave(seed, 0.8))
const maskOf = (value: number, h = 4, w = 3) => filled([1, 1, 8 * h, 8 * w], () => value)
/** A hole with an edge inside a cell. */
const hole = filled([1, 1, 32, 24], (i) => (i % 24 >= 5 && Math.floor(i / 24) < 19 ? 1 : 0))

test.each(KINDS)(
  '$precision, soft $softMask: a hole over everything is the plain decoder, bit for bit, whatever the picture',
  async (p) => {
    const vae = await decoder()
    const latents = latentsOf(2)
    const plain = await decode(vae, { latents }, p)
    for (const image of [imageOf(1), imageOf(2, 4, 3, 9)])
      expect((await decode(vae, { latents, image, mask: maskOf(1) }, p)).data).toEqual(plain.data)
  },
)

test.each(KINDS)(
  '$precision, soft $softMask: no hole depends on the picture alone, bit for bit, whatever the latents',
  async (p) => {
    const vae = await decoder()
    const [image, mask] = [imageOf(1), maskOf(0)]
    const kept = await decode(vae, { latents: latentsOf(1), image, mask }, p)
    const others = [
      latentsOf(1, 4, 3, 7),
      filled([1, 4, 4, 3], () => Number.POSITIVE_INFINITY),
      filled([1, 4, 4, 3], () => Number.NaN),
    ]
    for (const latents of others)
      expect((await decode(vae, { latents, image, mask }, p)).data).toEqual(kept.data)
    expect(kept.data.every(Number.isFinite)).toBe(true)
    const other = await decode(vae, { latents: latentsOf(1), image: imageOf(1, 4, 3, 5), mask }, p)
    expect(other.data).not.toEqual(kept.data)
  },
)

test.each(KINDS)(
  '$precision, soft $softMask: features that overflow inside the hole do not reach it',
  async (p) => {
    const [latents, image] = [latentsOf(1), imageOf(1)]
    const branch = /condition_encoder\.layers\.\d\.bias/
    const infinite = await decoder((name, value) => (branch.test(name) ? Number.POSITIVE_INFINITY : value))
    const plain = await decode(await decoder(), { latents }, p)
    expect((await decode(infinite, { latents, image, mask: maskOf(1) }, p)).data).toEqual(plain.data)
  },
)

test('a hard mask is selected alike by both kinds of merge, and a soft one is cut at one half unless it may blend', async () => {
  const vae = await decoder()
  const inputs = { latents: latentsOf(1), image: imageOf(1) }
  const at = async (mask: Tensor, softMask: boolean) =>
    (await decode(vae, { ...inputs, mask }, { softMask })).data
  expect(await at(hole, true)).toEqual(await at(hole, false))
  const soft = { ...hole, data: (hole.data as Float32Array).map((value) => (value === 1 ? 0.5 : 0.49)) }
  expect(await at(soft, false)).toEqual(await at(hole, false))
  expect(await at(soft, true)).not.toEqual(await at(hole, true))
})

test('what lies under the hole in the picture is never looked at', async () => {
  const vae = await decoder()
  const image = imageOf(1)
  const covered = {
    ...image,
    data: (image.data as Float32Array).map((value, i) =>
      hole.data[i % (32 * 24)] === 1 ? Number.NaN : value,
    ),
  }
  const inputs = { latents: latentsOf(1), mask: hole }
  expect((await decode(vae, { ...inputs, image: covered })).data).toEqual(
    (await decode(vae, { ...inputs, image })).data,
  )
})

test('one picture and one mask serve every latent of a batch', async () => {
  const vae = await decoder()
  const [latents, image, mask] = [latentsOf(3), imageOf(1), hole]
  const shared = await decode(vae, { latents, image, mask })
  const repeated = (tensor: Tensor): Tensor => ({
    data: Float32Array.from([0, 1, 2].flatMap(() => [...(tensor.data as Float32Array)])),
    shape: [3, ...tensor.shape.slice(1)],
  })
  const apart = await decode(vae, { latents, image: repeated(image), mask: repeated(mask) })
  expect(shared.shape).toEqual([3, 3, 32, 24])
  expect(shared.data).toEqual(apart.data)
  const half = await decode(vae, { latents, image: repeated(image), mask })
  expect(half.data).toEqual(apart.data)
})

/** Weights for any widths, drawn by a rule, with the shapes of the fixture's own. */
function widened(up: readonly number[]): Readonly<Record<string, Tensor>> {
  const first = up[0]!
  return Object.fromEntries(
    Object.entries(original).map(([name, { shape }], seed) => {
      if (!name.startsWith('decoder.')) return [name, original[name]!]
      const sized = shape.map((size, axis) =>
        size === 3 || (axis === 1 && name === 'decoder.conv_in.weight') ? size : axis > 1 ? size : first,
      )
      const fan = sized.slice(1).reduce((product, size) => product * size, 1)
      return [name, filled(sized, wave(seed, sized.length === 1 ? 1 : 1 / Math.sqrt(fan)))]
    }),
  )
}

test('features belong to levels, also where two levels have the same shape', async () => {
  const config = { ...CONFIG, up_block_out_channels: [8, 8, 8, 8] }
  const tensors = Object.fromEntries(
    Object.entries(widened([8])).filter(
      ([name]) => !name.includes('conv_shortcut') || name.startsWith('encoder.'),
    ),
  )
  const [latents, image] = [latentsOf(1), imageOf(1)]
  const shifted = (layer: number) =>
    decoder(
      (name, value) => (name === `decoder.condition_encoder.layers.${layer}.bias` ? value + 1 : value),
      config,
      tensors,
    )
  const at = async (vae: Component, mask: Tensor) => (await decode(vae, { latents, image, mask })).data
  const vae = await decoder(undefined, config, tensors)
  // With nothing to repaint all that remains is the last merge: the finest feature, which layer 0 makes and no other.
  const kept = await at(vae, maskOf(0))
  expect(await at(await shifted(1), maskOf(0))).toEqual(kept)
  expect(await at(await shifted(0), maskOf(0))).not.toEqual(kept)
  // With a hole every level has its say.
  const holed = await at(vae, hole)
  for (const layer of [0, 1, 2, 3, 4])
    expect(await at(await shifted(layer), hole), `layer ${layer}`).not.toEqual(holed)
})

test.each([
  [1, 1],
  [5, 3],
  [7, 2],
])('latents of %i x %i', async (h, w) => {
  const vae = await decoder()
  const [latents, image] = [latentsOf(1, h, w), imageOf(1, h, w)]
  const { data, shape } = await decode(vae, { latents, image, mask: maskOf(0.5, h, w) })
  expect(shape).toEqual([1, 3, 8 * h, 8 * w])
  expect(data.every(Number.isFinite)).toBe(true)
})

test('widths that cannot meet the branch are refused', async () => {
  const vae = await decoder()
  const graph = (up: readonly number[]) =>
    componentGraph({ ...vae, config: { ...CONFIG, up_block_out_channels: up } }, 'conditioned-decoder')
  expect(() => graph([4, 8, 12, 16])).toThrow(expect.objectContaining({ code: 'model.unsupported' }))
  expect(() => graph([4, 8, 16, 16, 16])).toThrow(/cannot meet its branch/)
})
