/**
 * The networks of the training recipe: what their graphs compute against what PyTorch does, and what has to hold whatever the
 * weights are.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { tensorsBelow } from '../../../src/main/engine/inference/golden/files.ts'
import { GraphRunner, type Tensor } from '../../../src/main/engine/inference/run-graph.ts'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import {
  type ComponentGraphOptions,
  componentGraph,
} from '../../../src/main/engine/models/component-graph.ts'
import { BUILT_IN, drawnComponent } from '../../support/drawn-weights.ts'
import { temporaryFolder } from '../../support/project-folder.ts'

const TAEF2 = fileURLToPath(new URL('../../../models/built-in/taef2/', import.meta.url))
const TOLERANCE = 1e-4

/** Graphs of one function may be computed in another order, and round differently then. */
const ROUNDING = 2e-5

const runner = new GraphRunner()
const folder = mkdtempSync(path.join(tmpdir(), 'inlay-test-'))
afterAll(async () => {
  await runner.close()
  rmSync(folder, { recursive: true, force: true })
})

const drawn = await drawnComponent('decoder', folder)
const io = await tensorsBelow(path.join(BUILT_IN, 'decoder', 'io.safetensors'), '')
const latents = io['in.latents']!
const mask = io['in.mask']!
const image = mapped(io['in.image']!, (value) => 2 * value - 1)

function mapped({ data, shape }: Tensor, change: (value: number, index: number) => number): Tensor {
  return { data: Float32Array.from(data as Float32Array, change), shape }
}

function furthest(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape)
  return (a.data as Float32Array).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (b.data[i] as number))),
    0,
  )
}

async function decode(
  component: Component,
  inputs: Readonly<Record<string, Tensor>>,
  options: ComponentGraphOptions = {},
): Promise<Tensor> {
  const part = inputs['mask'] ? 'conditioned-decoder' : 'decoder'
  const { decoded } = await runner.run(componentGraph(component, part, options), inputs)
  return decoded!
}

function sameBits(a: Tensor, b: Tensor): boolean {
  const bytes = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return bytes(a).equals(bytes(b))
}

const inRecipeRange = (decoded: Tensor) => mapped(decoded, (value) => (value + 1) / 2)
const filled = (tensor: Tensor, value: number) => mapped(tensor, () => value)
const repeated = ({ data, shape }: Tensor, times: number): Tensor => ({
  data: Float32Array.from(Array.from({ length: times }, () => [...(data as Float32Array)]).flat()),
  shape: [times, ...shape.slice(1)],
})

test('the decoder is the recipe’s, with a picture and without', async () => {
  expect(drawn).toMatchObject({ role: 'vae', architecture: 'small-asymmetric-decoder' })
  const decoded = await decode(drawn, { latents, image, mask })
  expect(furthest(inRecipeRange(decoded), io['out.decoded']!)).toBeLessThan(TOLERANCE)
  const plain = await decode(drawn, { latents })
  expect(furthest(inRecipeRange(plain), io['out.plain']!)).toBeLessThan(TOLERANCE)
  expect(furthest(decoded, plain)).toBeGreaterThan(0.01)
})

test('in float16 the decoder stays close', async () => {
  const half = await decode(drawn, { latents, image, mask }, { precision: 'float16' })
  expect(furthest(inRecipeRange(half), io['out.decoded']!)).toBeLessThan(0.02)
})

test('with a hole over everything the picture has no influence, bit for bit, and it is the plain decode', async () => {
  const all = filled(mask, 1)
  const decoded = await decode(drawn, { latents, image, mask: all })
  for (const other of [mapped(image, (value) => -value), filled(image, Number.NaN)])
    expect(sameBits(await decode(drawn, { latents, image: other, mask: all }), decoded)).toBe(true)
  expect(furthest(decoded, await decode(drawn, { latents }))).toBeLessThan(ROUNDING)
})

test('what lies under the hole is never looked at, and a soft mask is cut at one half', async () => {
  const decoded = await decode(drawn, { latents, image, mask })
  const under = mapped(image, (value, i) => (mask.data[i % mask.data.length] === 1 ? Number.NaN : value))
  expect(sameBits(await decode(drawn, { latents, image: under, mask }), decoded)).toBe(true)
  const soft = mapped(mask, (value) => (value === 1 ? 0.5 : 0.49))
  expect(sameBits(await decode(drawn, { latents, image, mask: soft }), decoded)).toBe(true)
})

test('one picture and one mask serve every latent, and so do as many as there are latents', async () => {
  const decoded = await decode(drawn, { latents, image, mask })
  const [images, masks] = [repeated(image, 2), repeated(mask, 2)]
  for (const inputs of [
    { image: images, mask: masks },
    { image: images, mask },
    { image, mask: masks },
  ])
    expect(sameBits(await decode(drawn, { latents, ...inputs }), decoded)).toBe(true)
})

test('a single hole pixel lets the latents through; without one they have no influence', async () => {
  const one = mapped(mask, (_, i) => (i === 20 * 48 + 21 ? 1 : 0))
  const changed = mapped(latents, (value) => value + 0.5)
  const at = async (given: Tensor, hole: Tensor) => decode(drawn, { latents: given, image, mask: hole })
  expect(sameBits(await at(changed, one), await at(latents, one))).toBe(false)
  const none = filled(mask, 0)
  expect(sameBits(await at(changed, none), await at(latents, none))).toBe(true)
})

/** TAEF2's decoder under the recipe's names, its added blocks as they are before any training: they change nothing. */
async function untrained(): Promise<Component> {
  const zeroed = await drawnComponent('decoder', temporaryFolder(), (name, values) => {
    const [, level, block] = /^stages\.(\d)\.(\d)\.conv\.4\./.exec(name) ?? []
    return level !== undefined && Number(block) >= OWN[Number(level)]! ? values.fill(0) : values
  })
  const { components } = await openCheckpoint(path.join(TAEF2, 'taef2_decoder.safetensors'))
  const tensors = new Map(zeroed.tensors)
  for (const [name, tensor] of (components[0] as Component).tensors) {
    const place = placeOf(name)
    if (place !== null) tensors.set(place, tensor)
  }
  return { ...zeroed, tensors }
}

const OWN = [3, 3, 3, 1]
/** Where each step of the published sequence went. */
const STEPS = [
  'conv_in',
  null,
  ...OWN.flatMap((blocks, level) => [
    ...Array.from({ length: blocks }, (_, j) => `stages.${level}.${j}`),
    ...(level < 3 ? [null, `ups.${level}`] : ['conv_out']),
  ]),
]

function placeOf(name: string): string | null {
  const [, step, rest] = /^decoder\.layers\.(\d+)\.(.*)$/.exec(name) ?? []
  return step === undefined ? null : `${STEPS[Number(step)]}.${rest}`
}

test('before training it is TAEF2’s decoder where all is hole', async () => {
  const start = await untrained()
  const { components } = await openCheckpoint(path.join(TAEF2, 'taef2_encoder.safetensors'))
  const taef2 = await decode(components[0] as Component, { latents })
  expect(sameBits(await decode(start, { latents }), taef2)).toBe(true)
  expect(furthest(await decode(start, { latents, image, mask: filled(mask, 1) }), taef2)).toBeLessThan(
    ROUNDING,
  )
})

test.each(['denoiser', 'denoiser-narrow'] as const)('the %s is the recipe’s', async (name) => {
  const component = await drawnComponent(name, temporaryFolder())
  expect(component).toMatchObject({ role: 'unet', architecture: 'latent-denoiser' })
  const given = await tensorsBelow(path.join(BUILT_IN, name, 'io.safetensors'), '')
  const inputs = Object.fromEntries(
    ['noisy', 'time', 'mask', 'condition'].map((input) => [input, given[`in.${input}`]!]),
  )
  const graph = componentGraph(component, 'denoiser')
  const { velocity } = await runner.run(graph, inputs)
  expect(furthest(velocity!, given['out.velocity']!)).toBeLessThan(TOLERANCE)
  const each = { ...inputs, mask: repeated(inputs['mask']!, 2), condition: repeated(inputs['condition']!, 2) }
  expect(sameBits((await runner.run(graph, each))['velocity']!, velocity!)).toBe(true)
})
