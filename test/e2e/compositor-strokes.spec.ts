/** Strokes in hand, veils and what is under them: seen through the GPU before the engine has painted. */
import { expect, test } from '@playwright/test'
import {
  createCover,
  dabsByTile,
  paintMask,
  paintPixels,
  renderCover,
} from '../../src/main/engine/imaging/brush-raster.ts'
import { composeRect } from '../../src/main/engine/imaging/composite.ts'
import { strokeDabs } from '../../src/shared/brush.ts'
import { BLEND_MODES, type RasterLayer } from '../../src/shared/document/model.ts'
import type { LayerId } from '../../src/shared/ids.ts'
import { type Brush, DEFAULT_BRUSH } from '../../src/shared/stroke.ts'
import { documentOf, randomTile, raster, SceneTiles, seeded } from '../support/compose-scene.ts'
import {
  different,
  frameOf,
  give,
  onCompositorPage,
  photoScene,
  read,
  screen,
  settle,
} from './compositor-scenes.ts'

onCompositorPage()

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
