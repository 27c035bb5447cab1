/** Selections, crop, move and the eyedropper, by the pointer and the keyboard. */
import { expect, test } from '@playwright/test'
import { ToolsPage } from './tools-page.ts'

let tools: ToolsPage
test.beforeEach(async ({ page }) => {
  tools = await ToolsPage.open(page)
})
test.afterEach(() => tools?.close())

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
