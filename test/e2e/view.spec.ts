/** Looking at the picture: pan, zoom, touch, and what a reload keeps. */
import { expect, test } from '@playwright/test'
import { ToolsPage } from './tools-page.ts'

let tools: ToolsPage
test.beforeEach(async ({ page }) => {
  tools = await ToolsPage.open(page)
})
test.afterEach(() => tools?.close())

test('the wheel pans, with Ctrl it zooms about the pointer; space and the middle button pan', async ({
  page,
}) => {
  const fitted = await tools.zoom()
  const mark = { x: 500, y: 500 }
  const there = await tools.at(mark)
  const before = await tools.colourAt(mark)
  await page.mouse.move(there.x, there.y)
  await page.keyboard.down('Control')
  await page.mouse.wheel(0, -100)
  await page.mouse.wheel(0, -100)
  await page.keyboard.up('Control')
  await expect.poll(() => tools.zoom()).toBeGreaterThan(fitted * 1.5)
  const clip = (x: number, y: number) => ({ x: Math.round(x), y: Math.round(y), width: 40, height: 30 })
  const shot = (x: number, y: number) => page.screenshot({ clip: clip(x, y) })
  await page.mouse.move(20, 300)
  // The finer tiles come after the coarse ones: wait until the picture has come to rest.
  let zoomed = await shot(there.x + 10, there.y + 10)
  await expect
    .poll(
      async () => {
        const before = zoomed
        zoomed = await shot(there.x + 10, there.y + 10)
        return zoomed.equals(before)
      },
      { intervals: [500] },
    )
    .toBe(true)
  expect(before.r).toBeGreaterThan(0)

  const dragged = async (press: () => Promise<void>, release: () => Promise<void>) => {
    await page.mouse.move(there.x, there.y)
    await press()
    await page.mouse.move(there.x + 60, there.y - 40, { steps: 4 })
    await release()
    await page.mouse.move(20, 300)
  }
  await dragged(
    async () => {
      await page.keyboard.down('Space')
      await page.mouse.down()
    },
    async () => {
      await page.mouse.up()
      await page.keyboard.up('Space')
    },
  )
  await expect.poll(async () => (await shot(there.x + 70, there.y - 30)).equals(zoomed)).toBe(true)
  await dragged(
    () => page.mouse.down({ button: 'middle' }),
    () => page.mouse.up({ button: 'middle' }),
  )
  await expect.poll(async () => (await shot(there.x + 130, there.y - 70)).equals(zoomed)).toBe(true)
  await page.mouse.move(there.x, there.y)
  await page.mouse.wheel(120, -80)
  await page.mouse.move(20, 300)
  await expect.poll(async () => (await shot(there.x + 10, there.y + 10)).equals(zoomed)).toBe(true)
  await tools.expectHistory(/Import/)
})

test('the view is where it was left', async ({ page }) => {
  // A draft that was never touched is not offered again.
  await tools.drag([
    { x: 500, y: 200 },
    { x: 520, y: 200 },
  ])
  await tools.expectHistory(/Import/, /selection/i)
  await page.keyboard.press('Control+1')
  const centre = await tools.at({ x: 640, y: 427 })
  await page.mouse.move(centre.x, centre.y)
  await page.mouse.wheel(200, 150)
  await page.mouse.move(20, 300)
  await expect.poll(() => tools.zoom()).toBe(1)
  const clip = { x: Math.round(centre.x), y: Math.round(centre.y), width: 60, height: 40 }
  await page.waitForTimeout(1000)
  const left = await page.screenshot({ clip })
  await page.keyboard.press('Control+Alt+w')
  await page
    .getByRole('button', { name: /^desert-hike/ })
    .first()
    .click()
  await expect.poll(async () => (await page.screenshot({ clip })).equals(left)).toBe(true)
  expect(await tools.zoom()).toBe(1)
})

test('two fingers zoom and pan, and the first one paints nothing', async ({ page }) => {
  const fitted = await tools.zoom()
  const touch = await page.context().newCDPSession(page)
  const { x, y } = await tools.at({ x: 640, y: 400 })
  const fingers = (apart: number, shift = 0) => [
    { x: x - apart + shift, y, id: 1 },
    { x: x + apart + shift, y, id: 2 },
  ]
  const send = (
    type: 'touchStart' | 'touchMove' | 'touchEnd',
    touchPoints: { x: number; y: number; id: number }[],
  ) => touch.send('Input.dispatchTouchEvent', { type, touchPoints })
  await send('touchStart', fingers(60).slice(0, 1))
  await send('touchStart', fingers(60))
  for (const apart of [75, 90, 105, 120]) await send('touchMove', fingers(apart))
  await send('touchMove', fingers(120, 30))
  await send('touchEnd', [])
  await expect.poll(() => tools.zoom()).toBeCloseTo(fitted * 2, 2)
  await tools.drag([
    { x: 640, y: 400 },
    { x: 660, y: 400 },
  ])
  // Only the mouse has painted.
  await tools.expectHistory(/Import/, /selection/i)
})

test('the picture survives the loss of the graphics context, and follows the window', async ({ page }) => {
  const before = await tools.colourAt({ x: 400, y: 600 })
  await page.evaluate(() => {
    const picture = document.querySelector('[data-testid=canvas] > canvas') as HTMLCanvasElement
    const gl = picture.getContext('webgl2')!
    const extension = gl.getExtension('WEBGL_lose_context')!
    extension.loseContext()
    setTimeout(() => extension.restoreContext(), 100)
  })
  await page.waitForTimeout(300)
  await expect.poll(() => tools.colourAt({ x: 400, y: 600 })).toEqual(before)
  const zoom = await tools.zoom()
  await page.setViewportSize({ width: 1000, height: 700 })
  await expect.poll(() => tools.zoom()).toBeLessThan(zoom - 0.1)
  await tools.ready()
  await expect
    .poll(async () => Math.abs((await tools.colourAt({ x: 400, y: 600 })).r - before.r))
    .toBeLessThan(20)
})
