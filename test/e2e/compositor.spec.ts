/**
 * The picture on the screen against the picture that is exported: the same document composed by the GPU in a real
 * Chromium and by the engine.
 */
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import sharp from 'sharp'
import { build, type Rolldown } from 'vite'
import {
  createCover,
  dabsByTile,
  paintMask,
  paintPixels,
  renderCover,
} from '../../src/main/engine/imaging/brush-raster.ts'
import { composeRect } from '../../src/main/engine/imaging/composite.ts'
import type { PictureFrame } from '../../src/renderer/canvas/canvas-picture.ts'
import { strokeDabs } from '../../src/shared/brush.ts'
import { BLEND_MODES, type Document, type RasterLayer } from '../../src/shared/document/model.ts'
import type { LayerId, TileHash } from '../../src/shared/ids.ts'
import { type Brush, DEFAULT_BRUSH } from '../../src/shared/stroke.ts'
import { oraclePixel } from '../support/blend-oracle.ts'
import {
  documentOf,
  randomMap,
  randomScene,
  randomTile,
  raster,
  type Scene,
  SceneTiles,
  seeded,
} from '../support/compose-scene.ts'

let code = ''

test.beforeAll(async () => {
  const entry = fileURLToPath(new URL('pages/compositor-page.ts', import.meta.url))
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, minify: false, lib: { entry, formats: ['iife'], name: 'compositorPage' } },
  })) as Rolldown.RolldownOutput[]
  code = built[0]!.output[0].code
})

test.beforeEach(async ({ page }) => {
  await page.setContent('<body style="margin:0"></body>')
  await page.addScriptTag({ content: code })
})

async function give(page: Page, tiles: SceneTiles): Promise<void> {
  for (const [hash, pixels] of tiles.tiles)
    await page.evaluate((tile) => window.compositor.addTiles(tile), {
      [hash]: Buffer.from(pixels).toString('base64'),
    })
}

function frameOf(document: Document, change: Partial<PictureFrame> = {}): PictureFrame {
  const { width, height } = document.canvas
  return {
    document,
    view: { zoom: 1, centre: { x: width / 2, y: height / 2 } },
    window: { width, height, pixelRatio: 1 },
    veil: null,
    ...change,
  }
}

async function settle(page: Page, frame: PictureFrame) {
  return await page.evaluate((next) => window.compositor.settle(next), frame)
}

async function read(page: Page, document: Document): Promise<Uint8Array> {
  const pixels = await page.evaluate((rect) => window.compositor.read(rect), {
    x: 0,
    y: 0,
    ...document.canvas,
  })
  if (pixels === null) throw new Error('nothing was composed at level 0')
  return Buffer.from(pixels, 'base64')
}

async function screen(page: Page): Promise<Uint8Array> {
  return Buffer.from(await page.evaluate(() => window.compositor.screen()), 'base64')
}

/** Pixels of two straight rgba8 pictures that differ by more than `tolerance` somewhere. */
function different(got: Uint8Array, want: Uint8Array, tolerance = 1): number[] {
  const found: number[] = []
  for (let i = 0; i < want.length; i += 4) {
    // Colour that no alpha shows is nobody's business.
    const first = want[i + 3] === 0 && got[i + 3] === 0 ? 3 : 0
    for (let c = i + first; c < i + 4; c++)
      if (Math.abs(got[c]! - want[c]!) > tolerance) {
        found.push(i / 4)
        break
      }
  }
  return found
}

/**
 * Whether a pixel hangs on the last digits of single precision: some formulas jump (dodge at 0, burn at 1, the hue of a
 * grey), and a colour that is not exactly there only by rounding may fall on either side.
 */
function isIllConditioned({ document, tiles }: Scene, pixel: number): boolean {
  const random = seeded(pixel)
  const { width } = document.canvas
  const answers = Array.from({ length: 40 }, () =>
    oraclePixel(
      document,
      (hash) => tiles.tiles.get(hash as TileHash)!,
      pixel % width,
      Math.floor(pixel / width),
      (value) => Math.min(1, Math.max(0, value + (random() - 0.5) * 4e-6)),
    ),
  )
  return [0, 1, 2, 3].some((c) => {
    const values = answers.map((answer) => answer[c]!)
    return Math.max(...values) - Math.min(...values) > 1
  })
}

async function expectSame(page: Page, scene: Scene, note: string): Promise<void> {
  const { document, tiles } = scene
  await give(page, tiles)
  await settle(page, frameOf(document))
  const want = composeRect(document, tiles, { x: 0, y: 0, ...document.canvas })
  const got = await read(page, document)
  const found = different(got, want)
  const wrong = found.filter((pixel) => !isIllConditioned(scene, pixel))
  const at = (pixels: Uint8Array) => wrong.slice(0, 3).map((p) => pixels.subarray(p * 4, p * 4 + 4).join())
  expect(wrong, `${note}: ${at(got)} instead of ${at(want)}`).toEqual([])
  expect(found.length, `${note}: ill-conditioned pixels`).toBeLessThan(10)
}

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

/** An opaque picture with every value in it, larger than the window it is looked at through. */
function photoScene(width: number, height: number): Scene {
  const random = seeded(8)
  const tiles = new SceneTiles()
  const pool = [1, 2, 3].map(() => randomTile('rgba8', random).map((v, i) => (i % 4 === 3 ? 255 : v)))
  const map = randomMap(tiles, pool, random, Math.ceil(width / 256), Math.ceil(height / 256), 1)
  return { document: documentOf(width, height, [raster('photo', map)]), tiles }
}

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

const BRUSH: Brush = { ...DEFAULT_BRUSH, size: 60, hardness: 0.4, flow: 0.6, opacity: 0.8, smoothing: 0 }
const COLOUR = { r: 0.2, g: 0.9, b: 0.4 }
const DABS = strokeDabs(
  BRUSH,
  [20, 90, 150, 230].map((x, i) => ({ x, y: 40 + 37 * i, pressure: 0.7 + 0.1 * i, time: i * 10 })),
)

test('a stroke in progress looks as the engine will paint it', async ({ page }) => {
  const random = seeded(60)
  const tiles = new SceneTiles()
  const below = raster('below', { '0,0': tiles.add(randomTile('rgba8', random)) })
  const pixels = randomTile('rgba8', random)
  const shape = randomTile('gray8', random)
  const layer = raster(
    'layer',
    { '0,0': tiles.add(pixels) },
    { blendMode: 'overlay', mask: { tiles: { '0,0': tiles.add(shape) }, outside: 0, enabled: true } },
  )
  const selection = randomTile('gray8', random)
  const selected = { tiles: { '0,0': tiles.add(selection) }, bounds: { x: 0, y: 0, width: 256, height: 256 } }
  const cover = createCover()
  for (const tile of dabsByTile(DABS, { x: 0, y: 0, width: 256, height: 256 })) renderCover(tile, cover)
  await give(page, tiles)

  for (const [mode, kind, limited] of [
    ['paint', 'pixels', false],
    ['erase', 'pixels', false],
    ['paint', 'pixels', true],
    ['paint', 'mask', false],
    ['erase', 'mask', false],
  ] as const) {
    const document = { ...documentOf(256, 256, [below, layer]), selection: limited ? selected : null }
    await settle(page, frameOf(document))
    const start = { target: { kind, layer: 'layer' as LayerId }, mode, brush: BRUSH, colour: COLOUR }
    await page.evaluate((stroke) => window.compositor.begin('one', stroke), start)
    // In two parts, as a pen gives them.
    await page.evaluate((dabs) => window.compositor.dabs('one', dabs), DABS.slice(0, 9))
    await settle(page, frameOf(document))
    await page.evaluate((dabs) => window.compositor.dabs('one', dabs), DABS.slice(9))
    await settle(page, frameOf(document))
    const got = await read(page, document)

    const colour = { r: COLOUR.r * 255, g: COLOUR.g * 255, b: COLOUR.b * 255 }
    const paint = mode === 'paint' ? { mode, colour } : { mode }
    const painted =
      kind === 'pixels'
        ? {
            ...layer,
            tiles: {
              '0,0': tiles.add(paintPixels(pixels, cover, BRUSH.opacity, limited ? selection : 255, paint)!),
            },
          }
        : {
            ...layer,
            mask: {
              ...layer.mask!,
              tiles: { '0,0': tiles.add(paintMask(shape, cover, BRUSH.opacity, 255, mode)!) },
            },
          }
    const want = composeRect(documentOf(256, 256, [below, painted]), tiles, {
      x: 0,
      y: 0,
      width: 256,
      height: 256,
    })
    // Overlay doubles a difference of one in the layer's own bytes.
    expect(different(got, want, 2), `${mode} on ${kind}`).toEqual([])

    await page.evaluate(() => window.compositor.remove('one'))
    await settle(page, frameOf(document))
    const back = composeRect(document, tiles, { x: 0, y: 0, width: 256, height: 256 })
    expect(different(await read(page, document), back)).toEqual([])
  }
})

test('on top of many layers a dab draws the layers from the painted one up, and the picture is the same', async ({
  page,
}) => {
  const random = seeded(61)
  const tiles = new SceneTiles()
  const layers = BLEND_MODES.slice(0, 8).map((blendMode, i) =>
    raster(`layer ${i}`, { '0,0': tiles.add(randomTile('rgba8', random)) }, { blendMode, opacity: 0.7 }),
  )
  const document = documentOf(256, 256, layers)
  await give(page, tiles)
  await settle(page, frameOf(document))
  const cover = createCover()
  for (const tile of dabsByTile(DABS, { x: 0, y: 0, width: 256, height: 256 })) renderCover(tile, cover)
  const target = { kind: 'pixels', layer: 'layer 6' as LayerId } as const
  const start = { target, mode: 'paint', brush: BRUSH, colour: COLOUR } as const
  // In one go, so that it is the same document all the while.
  const stats = await page.evaluate(
    async ({ frame, start, first, rest }) => {
      window.compositor.begin('one', start)
      window.compositor.dabs('one', first)
      await window.compositor.settle(frame)
      window.compositor.dabs('one', rest)
      return window.compositor.draw(frame)
    },
    { frame: frameOf(document), start, first: DABS.slice(0, 5), rest: DABS.slice(5) },
  )
  // The stroke on its layer, that layer, and the one above it.
  expect(stats).toMatchObject({ settled: true, passes: 3 })

  const colour = { r: COLOUR.r * 255, g: COLOUR.g * 255, b: COLOUR.b * 255 }
  const paintedTile = (layer: RasterLayer) =>
    paintPixels(tiles.tiles.get(layer.tiles['0,0']!)!, cover, BRUSH.opacity, 255, { mode: 'paint', colour })!
  const painted = { ...layers[6]!, tiles: { '0,0': tiles.add(paintedTile(layers[6]!)) } }
  const after = documentOf(256, 256, layers.with(6, painted))
  const rect = { x: 0, y: 0, width: 256, height: 256 }
  const want = composeRect(after, tiles, rect)
  expect(different(await read(page, document), want, 2)).toEqual([])

  // Another document while the stroke waits: nothing kept of the one before may show.
  const changed = documentOf(256, 256, layers.with(2, { ...layers[2]!, opacity: 0.1 }))
  await settle(page, frameOf(changed))
  const wantChanged = composeRect(
    documentOf(256, 256, layers.with(2, { ...layers[2]!, opacity: 0.1 }).with(6, painted)),
    tiles,
    rect,
  )
  expect(different(await read(page, changed), wantChanged, 2)).toEqual([])
  await page.evaluate(() => window.compositor.remove('one'))
  await settle(page, frameOf(document))
  expect(different(await read(page, document), composeRect(document, tiles, rect))).toEqual([])
})

test('a stroke is not seen twice nor missed while its tiles come', async ({ page }) => {
  const { document, tiles } = photoScene(512, 512)
  await give(page, tiles)
  await settle(page, frameOf(document))
  const start = {
    target: { kind: 'pixels', layer: 'photo' as LayerId },
    mode: 'paint',
    brush: { ...BRUSH, opacity: 0.5 },
    colour: COLOUR,
  } as const
  await page.evaluate((stroke) => window.compositor.begin('s', stroke), start)
  await page.evaluate((dabs) => window.compositor.dabs('s', dabs), DABS)
  await settle(page, frameOf(document))
  const preview = await read(page, document)

  const layer = document.layers['photo' as LayerId] as RasterLayer
  const painted = preview.slice()
  const committed = new SceneTiles()
  const cut = (tx: number, ty: number) => {
    const tile = new Uint8Array(256 * 256 * 4)
    for (let y = 0; y < 256; y++) {
      const at = ((ty * 256 + y) * 512 + tx * 256) * 4
      tile.set(painted.subarray(at, at + 1024), y * 1024)
    }
    return committed.add(tile)
  }
  const after = documentOf(512, 512, [
    { ...layer, tiles: { ...layer.tiles, '0,0': cut(0, 0), '1,0': cut(1, 0) } },
  ])
  await give(page, committed)
  await page.evaluate(() => window.compositor.hold())
  const ready = page.evaluate((frame) => window.compositor.ready(frame), frameOf(after))
  await settle(page, frameOf(document))
  expect(Buffer.compare(await read(page, document), preview)).toBe(0)
  await page.evaluate(() => window.compositor.release())
  await ready
  await page.evaluate((frame) => {
    window.compositor.remove('s')
    window.compositor.draw(frame)
  }, frameOf(after))
  expect(Buffer.compare(await read(page, after), preview)).toBe(0)
})

test('the selection lies over the picture as a veil, with the stroke on it', async ({ page }) => {
  const tiles = new SceneTiles()
  const gray = new Uint8Array(256 * 256 * 4)
  for (let i = 0; i < gray.length; i += 4) gray.set([100, 100, 100, 255], i)
  const half = new Uint8Array(256 * 256)
  for (let y = 0; y < 256; y++) half.fill(255, y * 256, y * 256 + 128)
  const layer = raster('gray', { '0,0': tiles.add(gray) })
  const document = {
    ...documentOf(256, 256, [layer]),
    selection: { tiles: { '0,0': tiles.add(half) }, bounds: { x: 0, y: 0, width: 128, height: 256 } },
  }
  await give(page, tiles)
  const frame = frameOf(document, { veil: { colour: { r: 1, g: 0, b: 0 }, opacity: 0.5 } })
  await settle(page, frame)
  const at = async (x: number, y: number) =>
    Array.from((await screen(page)).subarray((y * 256 + x) * 4, (y * 256 + x) * 4 + 3))
  expect(await at(20, 20)).toEqual([178, 50, 50])
  expect(await at(200, 150)).toEqual([100, 100, 100])
  const brush = { ...BRUSH, hardness: 1, flow: 1, opacity: 1 }
  const start = { target: { kind: 'selection' }, mode: 'paint', brush, colour: COLOUR } as const
  await page.evaluate((stroke) => window.compositor.begin('v', stroke), start)
  const dab = { x: 200, y: 150, radius: 20, hardness: 1, flow: 1 }
  await page.evaluate((next) => window.compositor.dabs('v', [next]), dab)
  await settle(page, frame)
  expect(await at(200, 150)).toEqual([178, 50, 50])
  expect(await at(200, 180)).toEqual([100, 100, 100])
  await settle(page, { ...frame, veil: null })
  expect(await at(20, 20)).toEqual([100, 100, 100])
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

test('a lost context comes back with the same picture and the stroke in hand', async ({ page }) => {
  const { document, tiles } = photoScene(512, 256)
  await give(page, tiles)
  await settle(page, frameOf(document))
  const start = {
    target: { kind: 'pixels', layer: 'photo' as LayerId },
    mode: 'paint',
    brush: BRUSH,
    colour: COLOUR,
  } as const
  await page.evaluate((stroke) => window.compositor.begin('s', stroke), start)
  await page.evaluate((dabs) => window.compositor.dabs('s', dabs), DABS)
  await settle(page, frameOf(document))
  const before = await read(page, document)
  await page.evaluate(() => window.compositor.loseContext())
  expect(Buffer.compare(await read(page, document), before)).toBe(0)
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
