/** Strokes by the pointer: on the selection, on layers, on masks. */
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
