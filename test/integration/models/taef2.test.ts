/** The autoencoder that comes with the application, from its two plain files, against reference outputs on photographs. */
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { tensorsBelow } from '../../../src/main/engine/inference/golden/files.ts'
import { GraphRunner, type Tensor } from '../../../src/main/engine/inference/run-graph.ts'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { componentGraph } from '../../../src/main/engine/models/component-graph.ts'

const FILE = fileURLToPath(
  new URL('../../../models/built-in/taef2/taef2_encoder.safetensors', import.meta.url),
)
const IO = fileURLToPath(new URL('../../fixtures/taef2/io.safetensors', import.meta.url))
const TOLERANCE = 1e-4

const runner = new GraphRunner()
afterAll(() => runner.close())

const { components } = await openCheckpoint(FILE)
const vae = components[0] as Component

function mapped({ data, shape }: Tensor, change: (value: number) => number): Tensor {
  return { data: Float32Array.from(data as Float32Array, change), shape }
}

function furthest(a: Tensor, b: Tensor): number {
  expect(a.shape).toEqual(b.shape)
  return (a.data as Float32Array).reduce(
    (most, value, i) => Math.max(most, Math.abs(value - (b.data[i] as number))),
    0,
  )
}

test.each(['square', 'wide'])('%s: latents and picture are the reference', async (name) => {
  const io = await tensorsBelow(IO, `${name}.`)
  const image = mapped(io['in.image']!, (value) => 2 * value - 1)
  const { encoded } = await runner.run(componentGraph(vae, 'encoder'), { image })
  expect(furthest(encoded!, io['out.latents']!)).toBeLessThan(TOLERANCE)
  const { decoded } = await runner.run(componentGraph(vae, 'decoder'), { latents: io['out.latents']! })
  expect(
    furthest(
      mapped(decoded!, (value) => (value + 1) / 2),
      io['out.decoded']!,
    ),
  ).toBeLessThan(TOLERANCE)
})

test('in float16 it stays close, and its files have nothing left over', async () => {
  const io = await tensorsBelow(IO, 'square.')
  const latents = io['out.latents']!
  const { decoded } = await runner.run(componentGraph(vae, 'decoder', { precision: 'float16' }), { latents })
  expect(
    furthest(
      mapped(decoded!, (value) => (value + 1) / 2),
      io['out.decoded']!,
    ),
  ).toBeLessThan(0.02)
  expect(components).toHaveLength(1)
  expect(vae).toMatchObject({ role: 'vae', architecture: 'tiny-autoencoder' })
})
