/** Decoding in tiles: what comes out is what the whole decode makes, and nothing is seen where two tiles meet. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import {
  cropPlanes,
  type Planes,
  planesTensor,
  tensorPlanes,
} from '../../../src/main/engine/inference/reflection-padding.ts'
import type { Tensor } from '../../../src/main/engine/inference/tensors.ts'
import { decodeInTiles } from '../../../src/main/engine/inference/tiled-decode.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { type Component, decoderTiling } from '../../../src/main/engine/models/index.ts'
import { GOLDEN } from '../../support/checkpoints.ts'
import { PIPELINES, picturePlanes, tinyRun, tinySessions } from '../../support/tiny-runs.ts'

const sessions = tinySessions()
afterAll(() => sessions.close())

const PHOTO = fileURLToPath(new URL('../../fixtures/photos/pink-house.jpg', import.meta.url))
const SIZE = { width: 256, height: 208 }
/** Cells of a tile: 3 x 3 tiles, of which the last ones are smaller. */
const SIDE = 12
const image = cropPlanes(await picturePlanes(PHOTO), { x: 100, y: 100, ...SIZE })
const hole = new Uint8Array(SIZE.width * SIZE.height).map((_, i) =>
  i % SIZE.width > 90 && i % SIZE.width < 190 ? 255 : 0,
)
const mask: Planes = { channels: 1, ...SIZE, data: Float32Array.from(hole, (value) => value / 255) }

async function openVae(place: string) {
  const vae = (await openCheckpoint(place)).components[0] as Component
  const { moments } = await (await sessions.open(vae, { part: 'encoder' })).run({
    image: planesTensor(image),
  })
  const [, doubled = 0, height = 0, width = 0] = moments!.shape
  const data = (moments!.data as Float32Array).slice(0, (doubled / 2) * height * width)
  return { vae, latents: { data, shape: [1, doubled / 2, height, width] } satisfies Tensor }
}

/** In steps of 8-bit pixels. */
function meanDifference(a: Float32Array, b: Float32Array): number {
  return (127.5 * a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0)) / a.length
}

/** How much the step from pixel to pixel across the edges of tiles differs from that in the whole decode. */
function seam(tiled: Planes, whole: Planes, edge: number): number {
  let [sum, count] = [0, 0]
  for (let i = 0; i < tiled.data.length; i++) {
    if (i % tiled.width === 0 || (i % tiled.width) % edge !== 0) continue
    const step = ({ data }: Planes) => data[i]! - data[i - 1]!
    sum += Math.abs(step(tiled) - step(whole))
    count++
  }
  return (127.5 * sum) / count
}

test.each([
  ['a trained VAE', path.join(PIPELINES, 'sd1/model/vae'), 'decoder'],
  ['a random VAE', path.join(GOLDEN, 'vae_sd'), 'decoder'],
  [
    'a trained asymmetric decoder',
    path.join(PIPELINES, 'sd1-inpaint-asymmetric/model/vae'),
    'conditioned-decoder',
  ],
  ['a random asymmetric decoder', path.join(GOLDEN, 'asym_x_1_5'), 'conditioned-decoder'],
  ['a random asymmetric decoder without a picture', path.join(GOLDEN, 'asym_x_1_5'), 'decoder'],
] as const)('%s decodes in tiles what it decodes as a whole', async (_, place, part) => {
  const { vae, latents } = await openVae(place)
  const tiling = decoderTiling(vae)!
  const shown = { image: planesTensor(image), mask: planesTensor(mask) }
  const whole = tensorPlanes(
    (await (await sessions.open(vae, { part })).run({ latents, ...shown }))['decoded']!,
  )
  const decode = {
    ...tiling,
    open: (piece: 'early' | 'late' | 'branch') => sessions.open(vae, { part, piece }),
    ...(part === 'decoder' ? {} : { condition: { image, mask } }),
  }
  const tiled = await decodeInTiles(latents, { ...decode, side: SIDE })
  expect(tiled).toMatchObject({ channels: 3, ...SIZE })
  expect(meanDifference(tiled.data, whole.data)).toBeLessThan(0.2)
  expect(seam(tiled, whole, SIDE * tiling.factor)).toBeLessThan(0.1)

  const one = await decodeInTiles(latents, { ...decode, side: 1000 })
  expect(meanDifference(one.data, whole.data)).toBeLessThan(0.001)
})

test('a tile by its own statistics alone has other tones: this is what the rounds are for', async () => {
  const { vae, latents } = await openVae(path.join(PIPELINES, 'sd1/model/vae'))
  const session = await sessions.open(vae, { part: 'decoder' })
  const whole = tensorPlanes((await session.run({ latents }))['decoded']!)
  const at = { x: 8, y: 8, width: SIDE, height: SIDE }
  const own = await session.run({ latents: planesTensor(cropPlanes(tensorPlanes(latents), at)) })
  const inner = { x: 32, y: 32, width: 32, height: 32 }
  const there = cropPlanes(whole, { ...inner, x: inner.x + 64, y: inner.y + 64 })
  expect(meanDifference(cropPlanes(tensorPlanes(own['decoded']!), inner).data, there.data)).toBeGreaterThan(2)
})

test("a recipe's networks decode in tiles where they are told to, and stop when they are", async () => {
  const checkpoint = await openCheckpoint(path.join(PIPELINES, 'sd1-inpaint-asymmetric', 'model'))
  const { networks, draws } = tinyRun(sessions, checkpoint)
  const latents = await networks.encode(image, draws.next('picture', 4 * 32 * 26))
  const shown = { picture: image, hole }
  const whole = await networks.decode(latents, SIZE, shown)
  const tiled = await networks.decode(latents, SIZE, shown, { side: SIDE })
  expect(meanDifference(tiled.data, whole.data)).toBeLessThan(0.2)
  expect(tiled).not.toEqual(whole)
  expect(await networks.decode(latents, SIZE, shown, { side: 32 })).toEqual(whole)
  const signal = AbortSignal.abort()
  await expect(networks.decode(latents, SIZE, shown, { side: SIDE, signal })).rejects.toMatchObject({
    code: 'cancelled',
  })
})
