/** The compositor in a real Chromium, on a page of its own, and what it shows. */
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import { build, type Rolldown } from 'vite'
import { composeRect } from '../../src/main/engine/imaging/composite.ts'
import type { PictureFrame } from '../../src/renderer/canvas/canvas-picture.ts'
import type { Document } from '../../src/shared/document/model.ts'
import type { TileHash } from '../../src/shared/ids.ts'
import { oraclePixel } from '../support/blend-oracle.ts'
import {
  documentOf,
  randomMap,
  randomTile,
  raster,
  type Scene,
  SceneTiles,
  seeded,
} from '../support/compose-scene.ts'

/** Builds the page's code once, and gives every test of the file a page with it. */
export function onCompositorPage(): void {
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
}

export async function give(page: Page, tiles: SceneTiles): Promise<void> {
  for (const [hash, pixels] of tiles.tiles)
    await page.evaluate((tile) => window.compositor.addTiles(tile), {
      [hash]: Buffer.from(pixels).toString('base64'),
    })
}

export function frameOf(document: Document, change: Partial<PictureFrame> = {}): PictureFrame {
  const { width, height } = document.canvas
  return {
    document,
    view: { zoom: 1, centre: { x: width / 2, y: height / 2 } },
    window: { width, height, pixelRatio: 1 },
    veil: null,
    ...change,
  }
}

export async function settle(page: Page, frame: PictureFrame) {
  return await page.evaluate((next) => window.compositor.settle(next), frame)
}

export async function read(page: Page, document: Document): Promise<Uint8Array> {
  const pixels = await page.evaluate((rect) => window.compositor.read(rect), {
    x: 0,
    y: 0,
    ...document.canvas,
  })
  if (pixels === null) throw new Error('nothing was composed at level 0')
  return Buffer.from(pixels, 'base64')
}

export async function screen(page: Page): Promise<Uint8Array> {
  return Buffer.from(await page.evaluate(() => window.compositor.screen()), 'base64')
}

/** Pixels of two straight rgba8 pictures that differ by more than `tolerance` somewhere. */
export function different(got: Uint8Array, want: Uint8Array, tolerance = 1): number[] {
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

export async function expectSame(page: Page, scene: Scene, note: string): Promise<void> {
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

/** An opaque picture with every value in it, larger than the window it is looked at through. */
export function photoScene(width: number, height: number): Scene {
  const random = seeded(8)
  const tiles = new SceneTiles()
  const pool = [1, 2, 3].map(() => randomTile('rgba8', random).map((v, i) => (i % 4 === 3 ? 255 : v)))
  const map = randomMap(tiles, pool, random, Math.ceil(width / 256), Math.ceil(height / 256), 1)
  return { document: documentOf(width, height, [raster('photo', map)]), tiles }
}
