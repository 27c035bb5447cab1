/**
 * The picture on the screen against the picture that is exported: the same document composed by the GPU in a real
 * Chromium and by the engine.
 */
import { expect, test } from '@playwright/test'
import sharp from 'sharp'
import { composeRect } from '../../src/main/engine/imaging/composite.ts'
import { BLEND_MODES, type RasterLayer } from '../../src/shared/document/model.ts'
import type { TileHash } from '../../src/shared/ids.ts'
import {
  documentOf,
  randomMap,
  randomScene,
  randomTile,
  raster,
  SceneTiles,
  seeded,
} from '../support/compose-scene.ts'
import {
  different,
  expectSame,
  frameOf,
  give,
  onCompositorPage,
  photoScene,
  read,
  screen,
  settle,
} from './compositor-scenes.ts'

onCompositorPage()

test('every blend mode agrees with the engine within 1/255', async ({ page }) => {
  for (const [index, blendMode] of BLEND_MODES.entries()) {
    const random = seeded(index + 100)
    const tiles = new SceneTiles()
    const map = () => randomMap(tiles, [randomTile('rgba8', random)], random, 1, 1, 1)
    const layers = [raster('below', map()), raster('above', map(), { blendMode, opacity: 0.8 })]
    await expectSame(page, { document: documentOf(256, 256, layers), tiles }, blendMode)
  }
})

test('random trees of groups, masks, offsets and modes agree with the engine', async ({ page }) => {
  for (let seed = 200; seed < 225; seed++) await expectSame(page, randomScene(seed), `seed ${seed}`)
})

test('what nothing covers keeps its bytes, colour under alpha 0 included', async ({ page }) => {
  const random = seeded(1)
  const tiles = new SceneTiles()
  const bytes = randomTile('rgba8', random)
  const photo = raster('photo', { '0,0': tiles.add(bytes) })
  const above = randomTile('rgba8', random)
  const mask = {
    tiles: { '0,0': tiles.add(randomTile('gray8', random)) },
    outside: 0,
    enabled: true,
  } as const
  const cover = raster('cover', { '0,0': tiles.add(above) }, { blendMode: 'multiply', opacity: 0.5, mask })
  await give(page, tiles)
  await settle(page, frameOf(documentOf(256, 256, [photo])))
  expect(Buffer.compare(await read(page, documentOf(256, 256, [photo])), bytes)).toBe(0)
  const document = documentOf(256, 256, [photo, cover])
  await settle(page, frameOf(document))
  const got = await read(page, document)
  const masked = tiles.read(mask.tiles['0,0'])
  for (let i = 0; i < masked.length; i++)
    if (masked[i] === 0 || above[i * 4 + 3] === 0)
      if (Buffer.compare(got.subarray(i * 4, i * 4 + 4), bytes.subarray(i * 4, i * 4 + 4)) !== 0)
        expect.soft(got.subarray(i * 4, i * 4 + 4), `pixel ${i}`).toEqual(bytes.subarray(i * 4, i * 4 + 4))
})

test('at 100 % the screen shows the bytes, at 200 % each twice, at 50 % the mean of four', async ({
  page,
}) => {
  const { document, tiles } = photoScene(512, 512)
  await give(page, tiles)
  const want = composeRect(document, tiles, { x: 0, y: 0, width: 512, height: 512 })
  await settle(page, frameOf(document))
  expect(Buffer.compare(await screen(page), want)).toBe(0)

  const size = { width: 256, height: 256, pixelRatio: 1 }
  await settle(page, frameOf(document, { window: size, view: { zoom: 2, centre: { x: 100, y: 300 } } }))
  const twice = await screen(page)
  for (const [x, y] of [
    [0, 0],
    [101, 7],
    [255, 254],
  ] as const) {
    const at = ((300 - 64 + (y >> 1)) * 512 + 100 - 64 + (x >> 1)) * 4
    expect(twice.subarray((y * 256 + x) * 4, (y * 256 + x) * 4 + 4)).toEqual(want.subarray(at, at + 4))
  }

  await settle(page, frameOf(document, { window: size, view: { zoom: 0.5, centre: { x: 256, y: 256 } } }))
  const half = composeRect(document, tiles, { x: 0, y: 0, width: 256, height: 256 }, { level: 1 })
  expect(different(await screen(page), half)).toEqual([])
})

test('between levels the screen shows the mean of what lies under each pixel', async ({ page }) => {
  const { document, tiles } = photoScene(512, 512)
  await give(page, tiles)
  const size = { width: 384, height: 384, pixelRatio: 1 }
  await settle(page, frameOf(document, { window: size, view: { zoom: 0.75, centre: { x: 256, y: 256 } } }))
  const got = await screen(page)
  const { data } = await sharp(composeRect(document, tiles, { x: 0, y: 0, width: 512, height: 512 }), {
    raw: { width: 512, height: 512, channels: 4 },
  })
    .resize(1536, 1536, { kernel: 'nearest' })
    .raw()
    .toBuffer({ resolveWithObject: true })
  // 4/3 document pixels are exactly 4 of the threefold enlargement.
  const want = new Uint8Array(384 * 384 * 4)
  for (let y = 0; y < 384; y++)
    for (let x = 0; x < 384; x++)
      for (let c = 0; c < 4; c++) {
        let sum = 0
        for (let v = 0; v < 4; v++)
          for (let u = 0; u < 4; u++) sum += data[((y * 4 + v) * 1536 + x * 4 + u) * 4 + c]!
        want[(y * 384 + x) * 4 + c] = Math.round(sum / 16)
      }
  expect(different(got, want)).toEqual([])
})

test('transparency shows a checkerboard, and beyond the canvas the page', async ({ page }) => {
  const document = documentOf(64, 64, [])
  const size = { width: 96, height: 64, pixelRatio: 1 }
  await settle(page, frameOf(document, { window: size, view: { zoom: 1, centre: { x: 32, y: 32 } } }))
  const got = await screen(page)
  const at = (x: number, y: number) => Array.from(got.subarray((y * 96 + x) * 4, (y * 96 + x) * 4 + 3))
  expect(at(2, 2)).toEqual([255, 0, 0])
  expect(new Set([at(20, 4), at(28, 4), at(20, 12)].map(String))).toEqual(
    new Set(['255,255,255', '204,204,204']),
  )
  expect(at(20, 4)).not.toEqual(at(28, 4))
})

test('the coarse picture comes first, and a move fetches and composes only what is new', async ({ page }) => {
  const { document, tiles } = photoScene(4096, 1024)
  await give(page, tiles)
  const size = { width: 512, height: 512, pixelRatio: 1 }
  const look = (x: number) => frameOf(document, { window: size, view: { zoom: 1, centre: { x, y: 512 } } })
  await page.evaluate(() => window.compositor.hold())
  await page.evaluate((frame) => window.compositor.draw(frame), look(600))
  const asked = await page.evaluate(() => window.compositor.asked())
  expect(asked[0]!.level).toBeGreaterThan(0)
  await page.evaluate(() => window.compositor.release())
  await settle(page, look(600))
  await page.evaluate(() => window.compositor.asked())
  const still = await settle(page, look(604))
  expect(still!.cells).toBe(0)
  await page.evaluate((frame) => window.compositor.settle(frame), look(604 + 256))
  const moved = await page.evaluate(() => window.compositor.asked())
  expect(moved.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(4)
})

test('while tiles are on their way, every place shows what belongs there', async ({ page }) => {
  const tiles = new SceneTiles()
  const colourOf = (tx: number, ty: number) => [20 * tx + 10, 40 * ty + 30, 200 - 10 * tx, 255]
  const map: Record<string, TileHash> = {}
  for (let ty = 0; ty < 5; ty++)
    for (let tx = 0; tx < 12; tx++) {
      const tile = new Uint8Array(256 * 256 * 4)
      for (let i = 0; i < tile.length; i += 4) tile.set(colourOf(tx, ty), i)
      map[`${tx},${ty}`] = tiles.add(tile)
    }
  const document = documentOf(3072, 1280, [raster('flat', map as RasterLayer['tiles'])])
  await give(page, tiles)
  const size = { width: 600, height: 400, pixelRatio: 1 }
  const look = (zoom: number, x: number) =>
    frameOf(document, { window: size, view: { zoom, centre: { x, y: 640 } } })
  await settle(page, look(1, 400))
  await settle(page, look(1, 1600))
  await page.evaluate(() => window.compositor.hold())
  for (const [zoom, x] of [
    [0.3, 1536],
    [0.45, 900],
    [1, 2400],
    [2, 300],
  ] as const) {
    const stats = await page.evaluate((frame) => window.compositor.draw(frame), look(zoom, x))
    if (zoom < 1) expect(stats!.settled).toBe(false)
    const got = await screen(page)
    for (let v = 5; v < 400; v += 13)
      for (let u = 5; u < 600; u += 13) {
        const dx = (u + 0.5 - 300) / zoom + x
        const dy = (v + 0.5 - 200) / zoom + 640
        const nearEdge = [dx, dy].some((d) => Math.abs(d / 256 - Math.round(d / 256)) < 0.1)
        if (nearEdge || dx < 0 || dy < 0 || dx > 3072 || dy > 1280) continue
        const at = (v * 600 + u) * 4
        const want = colourOf(Math.floor(dx / 256), Math.floor(dy / 256))
        expect(Array.from(got.subarray(at, at + 4)), `zoom ${zoom}: ${u},${v}`).toEqual(want)
      }
  }
  await page.evaluate(() => window.compositor.release())
})

test('a display table changes what is seen and not what is composed', async ({ page }) => {
  const { document, tiles } = photoScene(256, 256)
  await give(page, tiles)
  const table = new Uint8Array(33 ** 3 * 3)
  for (let r = 0, i = 0; r < 33; r++)
    for (let g = 0; g < 33; g++)
      for (let b = 0; b < 33; b++) for (const v of [g, r, b]) table[i++] = Math.round((v / 32) * 255)
  await page.evaluate((lut) => window.compositor.setLut(lut), Buffer.from(table).toString('base64'))
  await settle(page, frameOf(document))
  const bytes = composeRect(document, tiles, { x: 0, y: 0, width: 256, height: 256 })
  expect(Buffer.compare(await read(page, document), bytes)).toBe(0)
  const swapped = bytes.map((_, i) => bytes[i % 4 === 0 ? i + 1 : i % 4 === 1 ? i - 1 : i]!)
  expect(different(await screen(page), swapped, 2)).toEqual([])
})

test('GPU memory stays within its budget however many tiles are looked at', async ({ page }) => {
  test.slow()
  const random = seeded(90)
  const tiles = new SceneTiles()
  const base = randomTile('rgba8', random)
  const layers = Array.from({ length: 10 }, (_, n) => {
    const map: Record<string, TileHash> = {}
    for (let t = 0; t < 16 * 12; t++) {
      // Hashes that differ with the same few pixels behind them: what is counted is what is kept.
      map[`${t % 16},${Math.floor(t / 16)}`] =
        `${n.toString(16)}${t.toString(16).padStart(63, '0')}` as TileHash
    }
    return raster(`layer-${n}`, map as RasterLayer['tiles'], { opacity: 0.9 })
  })
  const document = documentOf(4096, 3072, layers)
  await page.evaluate(({ data, hashes }) => window.compositor.addCopies(hashes, data), {
    data: Buffer.from(base).toString('base64'),
    hashes: layers.flatMap((layer) => Object.values(layer.tiles) as TileHash[]),
  })
  expect(tiles.tiles.size).toBe(0)
  const size = { width: 1024, height: 768, pixelRatio: 1 }
  for (const zoom of [0.2, 0.51, 1])
    for (const x of [512, 2048, 3584])
      await settle(page, frameOf(document, { window: size, view: { zoom, centre: { x, y: 1536 } } }))
  const { gpuBytes, tiles: kept } = await page.evaluate(() => window.compositor.memory())
  expect(kept).toBeGreaterThan(500)
  expect(gpuBytes).toBeLessThan(560 * 1024 * 1024)
})
