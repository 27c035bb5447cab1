/** A picture through the built-in autoencoder and back: rims, odd sizes, and decodes of a part. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import {
  decodeAsymmetric,
  decodePlain,
  decodeRegion,
  encode,
  framed,
  hardHole,
  holeCells,
} from '../../../src/main/engine/inference/asymmetric-decode.ts'
import {
  cropPlanes,
  type Planes,
  padToMultiple,
} from '../../../src/main/engine/inference/reflection-padding.ts'
import { Session } from '../../../src/main/engine/inference/session.ts'
import type { Component } from '../../../src/main/engine/models/checkpoint/checkpoint.ts'
import { openCheckpoint } from '../../../src/main/engine/models/checkpoint/open.ts'
import { componentGraph } from '../../../src/main/engine/models/component-graph.ts'
import { drawnComponent } from '../../support/drawn-weights.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'inlay-test-'))
const { components } = await openCheckpoint(
  fileURLToPath(new URL('../../../models/built-in/taef2/', import.meta.url)),
)
const taef2 = components[0] as Component
const drawn = await drawnComponent('decoder', folder)
const open = (component: Component, part: Parameters<typeof componentGraph>[1]) =>
  Session.open(componentGraph(component, part, { region: part !== 'encoder' }), { threads: 1 })
const [encoder, plain, asymmetric] = await Promise.all([
  open(taef2, 'encoder'),
  open(taef2, 'decoder'),
  open(drawn, 'conditioned-decoder'),
])
afterAll(async () => {
  for (const session of [encoder, plain, asymmetric]) await session.release()
  rmSync(folder, { recursive: true, force: true })
})

/** Soft slopes with one edge, as a photograph has. */
function scene(width: number, height: number): Planes {
  const data = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y, c] = [i % width, Math.floor(i / width) % height, Math.floor(i / (width * height))]
    return 0.6 * Math.sin(x / 9 + c) * Math.cos(y / 13) + (x + 2 * y > width ? 0.3 : -0.3)
  })
  return { channels: 3, width, height, data }
}

function square(width: number, height: number, from: number, to: number): Uint8Array {
  const isIn = (v: number) => v >= from && v < to
  return Uint8Array.from({ length: width * height }, (_, i) =>
    isIn(i % width) && isIn(Math.floor(i / width)) ? 255 : 0,
  )
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length)
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length
}

test('padding reflects without repeating the edge, and cropping gives the picture again', () => {
  const data = Float32Array.from({ length: 6 }, (_, i) => i)
  const { planes, at } = padToMultiple({ channels: 1, width: 3, height: 2, data }, 4, 4)
  expect([planes.width, planes.height]).toEqual([12, 12])
  expect([...planes.data.subarray(4 * 12, 5 * 12)]).toEqual([0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1])
  expect(Array.from({ length: 12 }, (_, y) => planes.data[12 * y + 4])).toEqual([
    0, 3, 0, 3, 0, 3, 0, 3, 0, 3, 0, 3,
  ])
  expect(cropPlanes(planes, at).data).toEqual(data)
  const dot = { channels: 2, width: 1, height: 1, data: Float32Array.of(5, 7) }
  expect(padToMultiple(dot, 8, 8).planes.data.every((value, i) => value === (i < 576 ? 5 : 7))).toBe(true)
})

test.each([
  [64, 48],
  [61, 43],
  [7, 30],
])('a picture of %i x %i comes back as it went in, as far as the autoencoder goes', async (w, h) => {
  const picture = scene(w, h)
  const frame = framed(picture)
  const decoded = await decodePlain(plain, frame, await encode(encoder, frame))
  expect(decoded.at).toEqual({ x: 0, y: 0, width: w, height: h })
  expect(decoded.planes).toMatchObject({ channels: 3, width: w, height: h })
  expect(meanDifference(decoded.planes.data, picture.data)).toBeLessThan(0.08)
})

test('what is decoded around the hole alone is what the whole decode has there, nearly', async () => {
  const picture = scene(160, 128)
  const frame = framed(picture)
  const latents = await encode(encoder, frame)
  const hole = square(160, 128, 60, 84)
  const whole = await decodePlain(plain, frame, latents)
  const cells = decodeRegion(hole, frame, 5)
  expect(cells).toEqual({ x: 3, y: 3, width: 14, height: 14 })
  const part = await decodePlain(plain, frame, latents, cells)
  expect(part.at).toEqual({ x: 16, y: 16, width: 112, height: 112 })
  const inside = { x: 60, y: 60, width: 24, height: 24 }
  const own = cropPlanes(part.planes, { ...inside, x: inside.x - part.at.x, y: inside.y - part.at.y })
  const difference = meanDifference(own.data, cropPlanes(whole.planes, inside).data)
  expect(difference).toBeLessThan(0.1 / 127.5)
})

test('a decode region stops at the rim of the picture, and over all cells it is the whole decode', async () => {
  const picture = scene(61, 43)
  const frame = framed(picture)
  const latents = await encode(encoder, frame)
  const hole = square(61, 43, 0, 20)
  expect(decodeRegion(hole, frame, 1)).toEqual({ x: 0, y: 0, width: 5, height: 5 })
  const all = decodeRegion(hole, frame, 100)
  const whole = await decodeAsymmetric(asymmetric, frame, latents, hole)
  const part = await decodeAsymmetric(asymmetric, frame, latents, hole, all)
  expect(part.at).toEqual(whole.at)
  expect(Buffer.from(part.planes.data.buffer).equals(Buffer.from(whole.planes.data.buffer))).toBe(true)
  const near = await decodeAsymmetric(asymmetric, frame, latents, hole, decodeRegion(hole, frame, 1))
  expect(near.at).toEqual({ x: 0, y: 0, width: 32, height: 32 })
})

test('far from the hole the decoder given the picture does not look at the latents', async () => {
  const picture = scene(64, 48)
  const frame = framed(picture)
  const latents = await encode(encoder, frame)
  const changed = { ...latents, data: (latents.data as Float32Array).map((value) => -value) }
  const hole = square(64, 48, 40, 46)
  const [a, b] = [
    await decodeAsymmetric(asymmetric, frame, latents, hole),
    await decodeAsymmetric(asymmetric, frame, changed, hole),
  ]
  const difference = (x: number, y: number) =>
    Math.abs(a.planes.data[y * 64 + x]! - b.planes.data[y * 64 + x]!)
  expect(difference(5, 5)).toBe(0)
  expect(difference(43, 43)).toBeGreaterThan(1e-4)
})

test('a hole is hard, grown by pixels, and every cell it touches is hole', async () => {
  const mask = new Uint8Array(48 * 32)
  mask[12 * 48 + 15] = 3
  const size = { width: 48, height: 32 }
  const grown = await hardHole(mask, size, 2)
  expect(grown.filter((value) => value === 255)).toHaveLength(13)
  const cells = holeCells(grown, framed({ channels: 1, ...size, data: Float32Array.from(grown) }).at)
  expect(cells).toHaveLength(8 * 6)
  expect([...cells.entries()].filter(([, value]) => value === 1).map(([i]) => i)).toEqual([
    2 * 8 + 2,
    2 * 8 + 3,
  ])
})
