/**
 * Painting on the heavy document: from a pointer event to the frame that shows it, beside a bare brush on a 2D canvas of the
 * same size in the same browser; undo and redo, from the key to the frame.
 */
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { AppPage } from '../../support/app-page.ts'
import { withPage } from '../../support/bench-browser.ts'
import { type BenchRow, printTable } from '../../support/bench-table.ts'
import { CANVAS_BRUSH } from './canvas-brush.ts'

const FRAME = 1000 / 60
const MOVES = 40
const UNDOS = 10

/** Brush diameters in document pixels, at the fitted view and at 100 %. */
const VIEWS = [
  { name: 'fitted', keys: 'Control+0', sizes: [40, 400, 2000] },
  { name: '100 %', keys: 'Control+1', sizes: [20, 200, 600] },
] as const

export async function measureStrokes(browser: Browser, project: string): Promise<void> {
  const app = await AppPage.start(browser, [project])
  try {
    await app.idle()
    await app.page.evaluate(() => window.probe.watch(false))
    // On the picture as it came: on what other strokes have painted, one more might change nothing.
    await measureUndo(app)
    const { width, height } = (await app.canvas.boundingBox())!
    const rows: BenchRow[] = []
    const commits: number[] = []
    for (const { name, keys, sizes } of VIEWS) {
      await app.page.keyboard.press(keys)
      await app.idle()
      const zoom = Number(await app.page.getByRole('textbox', { name: 'Zoom' }).inputValue()) / 100
      for (const [row, size] of sizes.entries()) {
        await app.brush(size)
        // Black and white in turn: a stroke on its own colour would change nothing, and make no entry.
        await app.page.keyboard.press('x')
        await app.latencies()
        const y = 0.25 + row * 0.2
        commits.push(await app.stroke([0.2, y], [0.8, y + 0.1], MOVES))
        const values = await app.latencies()
        await app.idle()
        rows.push({
          what: `${name}, brush ${size} px`,
          values,
          unit: 'ms',
          peer: {
            what: 'brush on a 2D canvas',
            values: await bareBrush(browser, { width, height, size: size * zoom }),
          },
          limit: { of: 'p95', most: FRAME },
        })
      }
    }
    rows.push({ what: 'letting go to history entry', values: commits, unit: 'ms' })
    printTable('Stroke: pointer event to frame, ten layers of 24 megapixels', rows)
  } finally {
    await app.close()
  }
}

async function measureUndo(app: AppPage): Promise<void> {
  await app.page.keyboard.press('Control+0')
  await app.brush(200)
  const columns = Array.from({ length: UNDOS }, (_, i) => 0.25 + (i * 0.5) / UNDOS)
  const places = await brightPlaces(app, columns)
  for (const x of columns) await app.stroke([x, 0.3], [x, 0.7], 4)
  await app.idle()
  const undo: number[] = []
  const redo: number[] = []
  for (const place of places.toReversed()) undo.push(await app.pressToChange('Control+z', place))
  for (const place of places) redo.push(await app.pressToChange('Control+Shift+Z', place))
  printTable('Undo and redo of a stroke: key to frame', [
    { what: 'undo', values: undo, unit: 'ms', peer: { what: 'a frame', values: [FRAME] } },
    { what: 'redo', values: redo, unit: 'ms', peer: { what: 'a frame', values: [FRAME] } },
  ])
}

/** For each stroke a place on it where the picture is bright: black paint on black changes nothing. */
async function brightPlaces(
  app: AppPage,
  columns: readonly number[],
): Promise<(readonly [number, number])[]> {
  const { data, info } = await sharp(await app.page.screenshot())
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  const heights = Array.from({ length: 31 }, (_, i) => 0.35 + i * 0.01)
  const found: (readonly [number, number])[] = []
  for (const x of columns) {
    const light = await Promise.all(
      heights.map(async (y) => {
        const at = await app.at([x, y])
        return data[(at.y * info.width + at.x) * info.channels]!
      }),
    )
    found.push([x, heights[light.indexOf(Math.max(...light))]!])
  }
  return found
}

async function bareBrush(
  browser: Browser,
  { width, height, size }: { readonly width: number; readonly height: number; readonly size: number },
): Promise<number[]> {
  return withPage(CANVAS_BRUSH, async (url) => {
    const page = await browser.newPage({ viewport: { width: Math.round(width), height: Math.round(height) } })
    try {
      await page.goto(`${url}?size=${size}`)
      await page.mouse.move(width * 0.2, height * 0.3)
      await page.mouse.down()
      await page.mouse.move(width * 0.8, height * 0.5, { steps: MOVES })
      await page.mouse.up()
      return await page.evaluate(() => (window as unknown as { latencies: number[] }).latencies)
    } finally {
      await page.close()
    }
  })
}
