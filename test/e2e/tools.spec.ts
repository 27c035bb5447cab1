import { expect, test } from '@playwright/test'
import { ToolsPage } from './tools-page.ts'

let tools: ToolsPage
test.beforeEach(async ({ page }) => {
  tools = await ToolsPage.open(page)
})
test.afterEach(() => tools?.close())

test('the mask brush paints the selection, Alt erases it, and undo takes strokes back', async ({ page }) => {
  const before = await tools.colourAt({ x: 640, y: 200 })
  await tools.drag([
    { x: 540, y: 200 },
    { x: 740, y: 200 },
  ])
  await tools.expectHistory(/Import/, /selection/i)
  const selected = await tools.selected()
  expect(selected!.width).toBeGreaterThan(225)
  expect(selected!.width).toBeLessThan(260)
  expect(selected!.height).toBeGreaterThanOrEqual(39)
  expect(selected!.height).toBeLessThanOrEqual(44)
  const veiled = await tools.colourAt({ x: 640, y: 200 })
  expect(veiled.r).toBeGreaterThan(before.r + 20)
  expect(veiled.b).toBeLessThan(before.b - 40)

  await page.keyboard.down('Alt')
  await tools.drag([
    { x: 640, y: 160 },
    { x: 640, y: 240 },
  ])
  await page.keyboard.up('Alt')
  await tools.expectHistory(/Import/, /selection/i, /selection/i)
  await expect.poll(async () => (await tools.colourAt({ x: 640, y: 200 })).b).toBe(before.b)
  await page.keyboard.press('Control+z')
  await expect.poll(async () => (await tools.colourAt({ x: 640, y: 200 })).b).toBe(veiled.b)
})

test('fast strokes are neither lost nor reordered, and an undo meets the last one', async ({ page }) => {
  await page.keyboard.press('b')
  const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => 45 + n * 46)
  for (const y of rows)
    await tools.drag(
      [
        { x: 300, y },
        { x: 500, y },
      ],
      2,
    )
  await page.keyboard.press('Control+z')
  await tools.expectHistory(/Import/, ...rows.map(() => /Brush|Paint/))
  const dark = async (y: number) => (await tools.colourAt({ x: 400, y })).b < 60
  await expect.poll(() => dark(rows[7]!)).toBe(false)
  for (const y of rows.slice(0, 7)) expect(await dark(y)).toBe(true)
})

test('a pen presses: a light stroke is thinner than a firm one', async ({ page }) => {
  await page.keyboard.press('b')
  const pen = await page.context().newCDPSession(page)
  const stroke = async (y: number, force: number) => {
    const event = (type: string, { x, y }: { x: number; y: number }, buttons: number) =>
      pen.send('Input.dispatchMouseEvent', {
        type: type as 'mouseMoved',
        x,
        y,
        button: 'left',
        buttons,
        clickCount: type === 'mouseMoved' ? 0 : 1,
        pointerType: 'pen',
        force,
      })
    await event('mousePressed', await tools.at({ x: 300, y }), 1)
    for (let x = 310; x <= 600; x += 5) await event('mouseMoved', await tools.at({ x, y }), 1)
    await event('mouseReleased', await tools.at({ x: 600, y }), 0)
  }
  await stroke(100, 0.25)
  await stroke(250, 1)
  await tools.expectHistory(/Import/, /Brush|Paint/, /Brush|Paint/)
  const thickness = async (y: number) => {
    let dark = 0
    for (let dy = -40; dy <= 40; dy += 2) if ((await tools.colourAt({ x: 450, y: y + dy })).b < 120) dark++
    return dark * 2
  }
  const light = await thickness(100)
  const firm = await thickness(250)
  expect(light).toBeGreaterThan(4)
  expect(light).toBeLessThan(18)
  expect(firm).toBeGreaterThan(30)
})

test('Shift and a click draw a straight line from the last stroke', async ({ page }) => {
  await page.keyboard.press('b')
  await tools.drag([
    { x: 200, y: 100 },
    { x: 220, y: 100 },
  ])
  await page.keyboard.down('Shift')
  await tools.drag([{ x: 600, y: 100 }])
  await page.keyboard.up('Shift')
  await tools.expectHistory(/Import/, /Brush|Paint/, /Brush|Paint/)
  expect((await tools.colourAt({ x: 420, y: 100 })).b).toBeLessThan(60)
})

test('Escape in the middle of a stroke leaves nothing behind', async ({ page }) => {
  const before = await tools.colourAt({ x: 600, y: 300 })
  const from = await tools.at({ x: 500, y: 300 })
  const to = await tools.at({ x: 700, y: 300 })
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(to.x, to.y, { steps: 8 })
  await expect.poll(async () => (await tools.colourAt({ x: 600, y: 300 })).b).toBeLessThan(before.b - 30)
  await page.keyboard.press('Escape')
  await page.mouse.up()
  await expect.poll(async () => (await tools.colourAt({ x: 600, y: 300 })).b).toBe(before.b)
  await tools.expectHistory(/Import/)
})

test('a locked layer says why it cannot be painted', async ({ page }) => {
  await page.keyboard.press('b')
  await page.keyboard.press('Control+/')
  await tools.move({ x: 500, y: 300 })
  await expect.poll(() => tools.canvas.evaluate((element) => element.style.cursor)).toBe('not-allowed')
  await tools.drag([
    { x: 500, y: 300 },
    { x: 600, y: 300 },
  ])
  await expect(page.getByText(/“desert-hike” is locked; unlock it to paint on it/)).toBeVisible()
})

test('Alt and the right button resize the brush', async ({ page }) => {
  await page.keyboard.press('b')
  const size = page.getByLabel('Size', { exact: true }).first()
  const before = Number(await size.inputValue())
  const from = await tools.at({ x: 600, y: 300 })
  await page.keyboard.down('Alt')
  await page.mouse.move(from.x, from.y)
  await page.mouse.down({ button: 'right' })
  await page.mouse.move(from.x + 50, from.y, { steps: 5 })
  await page.mouse.up({ button: 'right' })
  await page.keyboard.up('Alt')
  const grown = Number(await size.inputValue()) - before
  expect(Math.abs(grown - 100 / (await tools.zoom()))).toBeLessThan(3)
  await tools.expectHistory(/Import/)
})

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

test('rectangles add up, a click deselects', async ({ page }) => {
  await page.keyboard.press('m')
  await tools.drag([
    { x: 100, y: 100 },
    { x: 300, y: 200 },
  ])
  await expect.poll(() => tools.selected()).not.toBeNull()
  const first = (await tools.selected())!
  expect(Math.abs(first.width - 200)).toBeLessThanOrEqual(2)
  expect(Math.abs(first.height - 100)).toBeLessThanOrEqual(2)
  await page.keyboard.down('Shift')
  await tools.drag([
    { x: 400, y: 100 },
    { x: 500, y: 300 },
  ])
  await page.keyboard.up('Shift')
  await expect.poll(async () => Math.abs(((await tools.selected())?.width ?? 0) - 400)).toBeLessThanOrEqual(3)
  await tools.drag([{ x: 800, y: 300 }])
  await expect.poll(() => tools.selected()).toBeNull()
})

test('the lasso selects what it goes around', async ({ page }) => {
  await page.keyboard.press('l')
  await tools.drag([
    { x: 400, y: 400 },
    { x: 600, y: 400 },
    { x: 600, y: 550 },
    { x: 400, y: 550 },
  ])
  await expect.poll(async () => Math.abs(((await tools.selected())?.width ?? 0) - 200)).toBeLessThanOrEqual(3)
  expect(Math.abs((await tools.selected())!.height - 150)).toBeLessThanOrEqual(3)
})

test('crop cuts the canvas with Enter, and undo brings it back', async ({ page }) => {
  await page.keyboard.press('c')
  await tools.drag([
    { x: 200, y: 300 },
    { x: 700, y: 700 },
  ])
  await page.keyboard.press('Enter')
  await tools.expectHistory(/Import/, /Crop/)
  const size = (await page.getByText(/^\d+ × \d+ px$/).innerText()).match(/\d+/g)!.map(Number)
  expect(Math.abs(size[0]! - 500)).toBeLessThanOrEqual(2)
  expect(Math.abs(size[1]! - 400)).toBeLessThanOrEqual(2)
  await page.keyboard.press('Control+z')
  await expect(page.getByText('1280 × 854 px')).toBeVisible()
})

test('move drags the layer and nudges it with the arrow keys', async ({ page }) => {
  await page.keyboard.press('v')
  const orange = await tools.colourAt({ x: 500, y: 600 })
  await tools.drag([
    { x: 500, y: 600 },
    { x: 500, y: 300 },
  ])
  await tools.expectHistory(/Import/, /Move/)
  await expect
    .poll(async () => Math.abs((await tools.colourAt({ x: 500, y: 300 })).r - orange.r))
    .toBeLessThan(12)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Shift+ArrowDown')
  await tools.expectHistory(/Import/, /Move/, /Move/, /Move/)
})

test('the eyedropper takes the colour under the pointer, and so does the brush with Alt', async ({
  page,
}) => {
  const paint = async (y: number) => {
    await page.keyboard.press('b')
    await tools.drag([
      { x: 900, y },
      { x: 1000, y },
    ])
    await page.mouse.move(20, 300)
    return () => tools.colourAt({ x: 950, y })
  }
  await page.keyboard.press('i')
  await tools.drag([{ x: 400, y: 560 }])
  const sand = await tools.colourAt({ x: 400, y: 560 })
  const first = await paint(100)
  await expect.poll(async () => Math.abs((await first()).r - sand.r)).toBeLessThan(30)
  expect(Math.abs((await first()).b - sand.b)).toBeLessThan(30)
  await page.keyboard.down('Alt')
  await tools.drag([{ x: 200, y: 60 }])
  await page.keyboard.up('Alt')
  const sky = await tools.colourAt({ x: 200, y: 60 })
  const second = await paint(600)
  await expect.poll(async () => Math.abs((await second()).b - sky.b)).toBeLessThan(30)
})

test('a stroke never flickers: the picture goes from before to after in one step', async ({ page }) => {
  await page.keyboard.press('b')
  const opacity = page.getByRole('textbox', { name: 'Opacity' }).first()
  await opacity.fill('40')
  await opacity.press('Enter')
  const place = await tools.at({ x: 600, y: 250 })
  const box = (await tools.canvas.boundingBox())!
  // The picture's own canvas, without the overlay, at every frame.
  await page.evaluate(
    ([x, y]) => {
      const seen: string[] = []
      const picture = document.querySelector('[data-testid=canvas] > canvas') as HTMLCanvasElement
      const paper = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!
      const look = () => {
        paper.drawImage(picture, x!, y!, 1, 1, 0, 0, 1, 1)
        const colour = [...paper.getImageData(0, 0, 1, 1).data].join()
        if (colour !== seen.at(-1)) seen.push(colour)
        requestAnimationFrame(look)
      }
      look()
      Object.assign(window, { seen })
    },
    [Math.round(place.x - box.x), Math.round(place.y - box.y)],
  )
  const strokes = 3
  for (let n = 0; n < strokes; n++)
    await tools.drag([
      { x: 500, y: 230 + n * 10 },
      { x: 700, y: 270 - n * 10 },
    ])
  await tools.expectHistory(/Import/, ...Array.from({ length: strokes }, () => /Brush/))
  await page.waitForTimeout(1000)
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen)
  const blue = seen.map((colour) => Number(colour.split(',')[2]))
  expect(blue).toHaveLength(strokes + 1)
  for (let n = 1; n < blue.length; n++) expect(Math.abs(blue[n]! - blue[n - 1]! * 0.6)).toBeLessThan(3)
})

test('a result is shown over the picture, and the original while it is asked for', async ({ page }) => {
  const spot = { x: 493, y: 698 }
  const before = await tools.colourAt(spot)
  await tools.drag([
    { x: 420, y: 720 },
    { x: 520, y: 690 },
  ])
  await page
    .getByRole('button', { name: /^Remove/ })
    .last()
    .click()
  await page.getByRole('button', { name: /^Apply/ }).waitFor()
  const result = await tools.colourAt(spot)
  const changed =
    Math.abs(result.r - before.r) + Math.abs(result.g - before.g) + Math.abs(result.b - before.b)
  expect(changed).toBeGreaterThan(60)
  const hold = (await page.getByRole('button', { name: /Hold to see the original/ }).boundingBox())!
  await page.mouse.move(hold.x + 20, hold.y + 10)
  await page.mouse.down()
  await expect.poll(() => tools.colourAt(spot)).toEqual(before)
  await page.mouse.up()
  await expect.poll(() => tools.colourAt(spot)).toEqual(result)
  await tools.expectHistory(/Import/, /selection/i)
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

test('a mask is painted with black to hide, and the eraser makes holes', async ({ page }) => {
  const checker = async (x: number, y: number) => {
    const row = await tools.row({ x, y }, 40)
    const white = row.filter(({ r, g, b }) => r === g && g === b && r > 200).length
    return white / row.length
  }
  await page.getByRole('menuitem', { name: 'Layer' }).click()
  await page.getByRole('menuitem', { name: 'Add mask' }).click()
  await tools.expectHistory(/Import/, /mask/i)
  await page.keyboard.press('b')
  await tools.drag([
    { x: 300, y: 150 },
    { x: 500, y: 150 },
  ])
  await tools.expectHistory(/Import/, /mask/i, /mask|stroke/i)
  await page.mouse.move(20, 300)
  await expect.poll(() => checker(380, 150)).toBeGreaterThan(0.9)
  await page.getByRole('menuitem', { name: 'Layer' }).click()
  await page.getByRole('menuitem', { name: 'Delete mask' }).click()
  await expect.poll(() => checker(380, 150)).toBe(0)
  await page.keyboard.press('e')
  await tools.drag([
    { x: 300, y: 250 },
    { x: 500, y: 250 },
  ])
  await page.mouse.move(20, 300)
  await expect.poll(() => checker(380, 250)).toBeGreaterThan(0.9)
})

test('crop takes a double click, and move takes the layer under the pointer with Ctrl', async ({ page }) => {
  await page.keyboard.press('c')
  await tools.drag([
    { x: 100, y: 100 },
    { x: 900, y: 700 },
  ])
  const { x, y } = await tools.at({ x: 400, y: 400 })
  await page.mouse.dblclick(x, y)
  await tools.expectHistory(/Import/, /Crop/)
  await page.keyboard.press('Control+z')
  await expect(page.getByText('1280 × 854 px')).toBeVisible()
  await page.keyboard.press('Control+Shift+n')
  await tools.expectHistory(/Import/, /Crop/, /layer/i)
  await page.keyboard.press('v')
  await page.keyboard.down('Control')
  await tools.drag([{ x: 400, y: 400 }])
  await page.keyboard.up('Control')
  await expect(page.getByRole('treeitem', { name: /desert-hike/ })).toHaveAttribute('aria-selected', 'true')
})
