import { expect, type Page, test } from '@playwright/test'
import sharp from 'sharp'
import { EditorPage } from './editor-page.ts'

let editor: EditorPage
test.beforeEach(async ({ page }) => {
  editor = await EditorPage.withSample(page)
})
test.afterEach(async () => {
  const complaints = [...editor.complaints]
  await editor.stop()
  expect(complaints).toEqual([])
})

async function addLayers(page: Page, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const before = await editor.layers.count()
    await page.keyboard.press('Control+Shift+N')
    await expect(editor.layers).toHaveCount(before + 1)
  }
}

/** Drags a layer by its name to a height inside another row: 0 is its upper edge, 1 its lower. */
async function dragLayer(page: Page, name: string, onto: string, part: number): Promise<void> {
  const from = (await editor.layer(name).locator('.layer-name').boundingBox())!
  const to = (await editor.layer(onto).boundingBox())!
  await page.mouse.move(from.x + 10, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(from.x + 10, from.y + from.height / 2 + 8, { steps: 3 })
  await page.mouse.move(from.x + 10, to.y + to.height * part, { steps: 6 })
}

test('layers are dragged past each other, into a group and out of it', async ({ page }) => {
  await addLayers(page, 2)
  await dragLayer(page, 'Layer 2', 'desert-hike', 0.9)
  await expect(page.locator('.drop-line')).toBeVisible()
  await page.mouse.up()
  await expect.poll(() => editor.stack()).toEqual(['Layer 1', 'desert-hike', 'Layer 2'])

  await editor.layer('Layer 1').click()
  await page.keyboard.press('Control+G')
  await expect.poll(() => editor.stack()).toEqual(['Group 1', '  Layer 1', 'desert-hike', 'Layer 2'])
  await dragLayer(page, 'Layer 2', 'Group 1', 0.5)
  await expect(editor.layer('Group 1')).toHaveAttribute('data-target', 'true')
  await page.mouse.up()
  await expect.poll(() => editor.stack()).toEqual(['Group 1', '  Layer 2', '  Layer 1', 'desert-hike'])

  await dragLayer(page, 'Layer 2', 'desert-hike', 0.9)
  await page.keyboard.press('Escape')
  await page.mouse.up()
  await expect.poll(() => editor.stack()).toEqual(['Group 1', '  Layer 2', '  Layer 1', 'desert-hike'])
  await dragLayer(page, 'Layer 2', 'desert-hike', 0.9)
  await page.mouse.up()
  await expect.poll(() => editor.stack()).toEqual(['Group 1', '  Layer 1', 'desert-hike', 'Layer 2'])
})

/** Presses a key with Ctrl several times at once, faster than any answer can come. */
function pressAtOnce(page: Page, key: string, shiftKey: boolean, times: number): Promise<void> {
  return page.evaluate(
    ([key, shiftKey, times]) => {
      for (let i = 0; i < times; i++)
        document.body.dispatchEvent(
          new KeyboardEvent('keydown', { key, shiftKey, ctrlKey: true, bubbles: true, cancelable: true }),
        )
    },
    [key, shiftKey, times] as const,
  )
}

test('quick presses are edits of their own, each made on what the one before has left', async ({ page }) => {
  await pressAtOnce(page, 'N', true, 4)
  await expect.poll(() => editor.stack()).toEqual(['Layer 4', 'Layer 3', 'Layer 2', 'Layer 1', 'desert-hike'])
  await pressAtOnce(page, '[', false, 2)
  await expect.poll(() => editor.stack()).toEqual(['Layer 3', 'Layer 2', 'Layer 4', 'Layer 1', 'desert-hike'])
  await expect(page.getByRole('alert')).toBeEmpty()
})

test('the layer tree is worked with the keyboard alone', async ({ page }) => {
  await addLayers(page, 2)
  await editor.layer('Layer 2').focus()
  await page.keyboard.press('ArrowDown')
  await expect(editor.layer('Layer 1')).toBeFocused()
  await page.keyboard.press('Alt+ArrowUp')
  await expect.poll(() => editor.stack()).toEqual(['Layer 1', 'Layer 2', 'desert-hike'])
  await page.keyboard.press('F2')
  await page.keyboard.type('sky')
  await page.keyboard.press('Enter')
  await expect(editor.layer('sky')).toBeFocused()
  await page.keyboard.press('Space')
  await expect(page.getByRole('treeitem', { name: 'sky, layer, hidden' })).toBeVisible()
  await page.keyboard.press('Control+G')
  await expect.poll(() => editor.stack()).toEqual(['Group 1', '  sky', 'Layer 2', 'desert-hike'])
  await editor.layer('Group 1').focus()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(() => editor.stack()).toEqual(['Group 1', 'Layer 2', 'desert-hike'])
  await expect(editor.layer('Group 1')).toHaveAttribute('aria-expanded', 'false')
  await page.keyboard.press('Delete')
  await expect.poll(() => editor.stack()).toEqual(['Layer 2', 'desert-hike'])
})

test('a name is changed in place; Escape leaves it', async ({ page }) => {
  const name = editor.layer('desert-hike').locator('.layer-name')
  await name.dblclick()
  await page.keyboard.type('something')
  await page.keyboard.press('Escape')
  await expect(name).toHaveText('desert-hike')
  expect(await editor.historyLabels()).toEqual(['Import'])
  await name.dblclick()
  await page.keyboard.type('dunes')
  await page.keyboard.press('Enter')
  await expect(editor.layer('dunes')).toBeVisible()
  await expect.poll(() => editor.historyLabels()).toEqual(['Import', 'Rename layer'])
})

test('an opacity drag is seen while it lasts and is one entry when it ends', async ({ page }) => {
  const thumb = page.getByRole('slider', { name: 'Opacity', exact: true })
  const box = (await thumb.locator('..').boundingBox())!
  const before = await editor.canvas.screenshot()
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x - 40, box.y + 4, { steps: 10 })
  await expect.poll(async () => (await editor.canvas.screenshot()).equals(before)).toBe(false)
  expect(await editor.historyLabels()).toEqual(['Import'])
  await page.mouse.up()
  await expect.poll(() => editor.historyLabels()).toEqual(['Import', 'Layer opacity'])
  const field = page.getByRole('textbox', { name: 'Opacity in per cent' })
  expect(Number(await field.inputValue())).toBeLessThan(80)
  await field.fill('35')
  await page.keyboard.press('Enter')
  await expect.poll(() => editor.historyLabels()).toEqual(['Import', 'Layer opacity', 'Layer opacity'])
  await page.keyboard.press('Control+Z')
  await expect(field).not.toHaveValue('35')
})

test('blend modes: groups pass through, a choice is one entry, leaving the list changes nothing', async ({
  page,
}) => {
  await addLayers(page, 1)
  const mode = page.getByRole('combobox', { name: 'Blend mode' })
  await mode.click()
  await expect(page.getByRole('option', { name: 'Pass through' })).toHaveCount(0)
  await page.getByRole('option', { name: 'Multiply' }).hover()
  await page.keyboard.press('Escape')
  await expect(mode).toHaveText('Normal')
  await mode.click()
  await page.getByRole('option', { name: 'Multiply' }).click()
  await expect.poll(() => editor.historyLabels()).toEqual(['Import', 'New layer', 'Blend mode'])
  await page.keyboard.press('Control+G')
  await expect(mode).toHaveText('Pass through')
  await mode.click()
  await page.getByRole('option', { name: 'Screen' }).click()
  await expect(mode).toHaveText('Screen')
})

test('eyes hide, Alt shows one alone; locked layers keep what they are', async ({ page }) => {
  await addLayers(page, 2)
  await editor.button('Hide Layer 1').click()
  await expect(editor.button('Show Layer 1')).toBeVisible()
  await editor.button('Hide desert-hike').click({ modifiers: ['Alt'] })
  await expect(editor.button('Show Layer 2')).toBeVisible()
  await expect(editor.button('Hide desert-hike')).toBeVisible()
  await editor.button('Hide desert-hike').click({ modifiers: ['Alt'] })
  await expect(editor.button('Hide Layer 1')).toBeVisible()

  await editor.layer('desert-hike').click()
  await editor.button('Lock').click()
  await expect(page.getByRole('treeitem', { name: 'desert-hike, layer, locked' })).toBeVisible()
  await expect(editor.button('Delete layer')).toBeDisabled()
  await expect(editor.button('Add mask')).toBeDisabled()
})

test('masks: made from the selection, painted on, switched off, applied from their menu', async ({
  page,
}) => {
  await page.keyboard.press('m')
  await editor.stroke([0.3, 0.3], [0.6, 0.6])
  await editor.button('Add mask').click()
  const mask = editor.button('Paint on the mask of desert-hike')
  await expect(mask).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('b')
  await expect(page.getByText('Painting on the mask')).toBeVisible()
  await editor.layer('desert-hike').locator('.layer-name').click()
  await expect(mask).toHaveAttribute('aria-pressed', 'false')
  await mask.click({ modifiers: ['Shift'] })
  await expect(page.getByRole('treeitem', { name: /with mask switched off/ })).toBeVisible()
  await mask.click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Apply mask' }).click()
  await expect(mask).toHaveCount(0)
})

test('history: a click jumps, what was undone is kept as a branch, and can be gone back to', async ({
  page,
}) => {
  await addLayers(page, 3)
  await editor.history.getByText('New layer').first().click()
  await expect(editor.layers).toHaveCount(2)
  await expect(editor.history.locator('[data-state=future]')).toHaveCount(2)
  await editor.button('Hide Layer 1').click()
  await expect(editor.history.locator('[data-state=branch]')).toHaveCount(2)
  expect(await editor.historyLabels()).toEqual([
    'Import',
    'New layer',
    'New layer',
    'New layer',
    'Hide layer',
  ])
  await editor.history.locator('[data-state=branch]').last().click()
  await expect(editor.layers).toHaveCount(4)
  await expect(editor.history.locator('[data-state=present]')).toHaveText(/New layer/)
  await editor.history.focus()
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await expect(editor.layers).toHaveCount(1)
})

test('a history of hundreds of entries stays a short list of elements', async ({ page }) => {
  await addLayers(page, 1)
  await editor.button('Hide Layer 1').click()
  await expect(editor.button('Show Layer 1')).toBeVisible()
  await page.evaluate(async () => {
    for (let i = 0; i < 300; i++) {
      const eye = document.querySelector<HTMLElement>('.layer-eye')!
      const label = eye.getAttribute('aria-label')
      eye.click()
      while (document.querySelector('.layer-eye')?.getAttribute('aria-label') === label)
        await new Promise((resolve) => setTimeout(resolve, 4))
    }
  })
  const rows = editor.history.getByRole('option')
  await expect(editor.history.locator('[data-state=present]')).toHaveAttribute('aria-posinset', '303')
  expect(await rows.count()).toBeLessThan(40)
  await editor.history.focus()
  await page.keyboard.press('Home')
  await expect(rows.first()).toHaveAttribute('aria-posinset', '1')
  expect(await rows.count()).toBeLessThan(40)
})

test('tool options: fields, keys and the picker set the same brush and colour', async ({ page }) => {
  await page.keyboard.press('b')
  const size = page.getByRole('textbox', { name: 'Size' })
  await size.fill('100')
  await page.keyboard.press('Enter')
  await page.keyboard.press(']')
  await expect(size).toHaveValue('125')
  await page.keyboard.press('{')
  await expect(page.getByRole('textbox', { name: 'Hardness' })).toHaveValue('50')

  await editor.button(/^Foreground colour/).click()
  await page.getByRole('textbox', { name: 'Hexadecimal' }).fill('#20c040')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Escape')
  await expect(editor.button('Foreground colour, #20c040')).toBeVisible()
  await editor.stroke([0.5, 0.3], [0.6, 0.3])
  await expect.poll(() => editor.historyLabels()).toHaveLength(2)
  const box = (await editor.canvas.boundingBox())!
  const clip = {
    x: Math.round(box.x + box.width * 0.55),
    y: Math.round(box.y + box.height * 0.3),
    width: 1,
    height: 1,
  }
  const [r, g, b] = await sharp(await page.screenshot({ clip }))
    .removeAlpha()
    .raw()
    .toBuffer()
  expect([r, g, b]).toEqual([0x20, 0xc0, 0x40])
  await page.keyboard.press('x')
  await expect(editor.button('Foreground colour, #ffffff')).toBeVisible()
  await page.keyboard.press('d')
  await expect(editor.button('Foreground colour, #000000')).toBeVisible()
})

test('the zoom field and the panel column are set by hand and kept', async ({ page }) => {
  const zoom = page.getByRole('textbox', { name: 'Zoom' })
  await page.keyboard.press('Control+1')
  await expect(zoom).toHaveValue('100')
  await zoom.fill('200')
  await page.keyboard.press('Enter')
  await expect(zoom).toHaveValue('200')
  const splitter = page.getByRole('separator', { name: 'Width of the panels' })
  const width = Number(await splitter.getAttribute('aria-valuenow'))
  await splitter.focus()
  await page.keyboard.press('ArrowLeft')
  await expect(splitter).toHaveAttribute('aria-valuenow', String(width + 16))
  await page.reload()
  await editor.shown()
  await expect(splitter).toHaveAttribute('aria-valuenow', String(width + 16))
})
