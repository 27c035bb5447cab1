import { readdirSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, type Locator, test } from '@playwright/test'
import sharp from 'sharp'
import { EditorPage } from './editor-page.ts'

const photo = fileURLToPath(new URL('../fixtures/photos/kitten-on-lawn.jpg', import.meta.url))

let editor: EditorPage
test.afterEach(async () => {
  const complaints = [...editor.complaints]
  await editor.stop()
  expect(complaints).toEqual([])
})

test('start, open the sample, edit, close, and continue from the drafts with the whole history', async ({
  page,
}) => {
  editor = await EditorPage.start(page)
  await expect(page.getByRole('heading', { name: 'Drop a photograph here' })).toBeVisible()
  await editor.button(/Sample photograph/).click()
  await editor.shown()
  await expect(page).toHaveTitle('desert-hike (draft) - Inlay')
  await editor.paintMask()
  await editor.menu('Layer', 'New layer')
  await expect.poll(() => editor.stack()).toEqual(['Layer 1', 'desert-hike'])
  const history = await editor.historyLabels()
  await editor.menu('File', 'Close')

  const drafts = page.getByRole('region', { name: 'Continue where you left off' })
  await drafts.getByRole('button', { name: /^desert-hike/ }).click()
  await editor.shown()
  await expect.poll(() => editor.stack()).toEqual(['Layer 1', 'desert-hike'])
  expect(await editor.historyLabels()).toEqual(history)
})

test('a page that is loaded again shows its project again', async ({ page }) => {
  editor = await EditorPage.withSample(page)
  await page.keyboard.press('Control+Shift+N')
  await expect(editor.layers).toHaveCount(2)
  await page.reload()
  await editor.shown()
  await expect(editor.layers).toHaveCount(2)
})

test('a photograph comes by the file chooser, and another one by drop as a layer', async ({ page }) => {
  editor = await EditorPage.start(page)
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Control+O')
  await (await chooser).setFiles(photo)
  await editor.shown()
  await expect(page).toHaveTitle(/^kitten-on-lawn/)
  await editor.drop(
    'patch.png',
    'image/png',
    await sharp({ create: { width: 64, height: 64, channels: 3, background: '#f00' } })
      .png()
      .toBuffer(),
  )
  await expect.poll(() => editor.stack()).toEqual(['patch', 'kitten-on-lawn'])
})

test('what cannot be opened is said in one sentence, and nothing is lost', async ({ page }) => {
  editor = await EditorPage.withSample(page)
  await editor.drop('notes.png', 'image/png', Buffer.from('this is no picture'))
  const alert = page.getByRole('alert')
  await expect(alert).toContainText(/picture|decode|read/i)
  await expect(editor.layers).toHaveCount(1)
  await alert.getByRole('button', { name: 'Close this message' }).click()
  await expect(alert).toBeEmpty()
})

test('remove: paint, fill, look at the original, try another seed, apply, undo', async ({ page }) => {
  editor = await EditorPage.withSample(page)
  await expect(editor.button('Remove').last()).toBeDisabled()
  await editor.paintMask()
  await page.keyboard.press('Shift+Delete')
  await expect(page.getByText(/^Filled in .* with seed 0/)).toBeVisible({ timeout: 60_000 })
  const shot = async () => (await editor.canvas.screenshot()).toString('base64')
  const filled = await shot()
  await editor.button('Hold to see the original').hover()
  await page.mouse.down()
  await expect.poll(shot).not.toBe(filled)
  await page.mouse.up()
  await editor.button('Another seed').click()
  await expect(page.getByText(/^Filled in .* with seed [1-9]/)).toBeVisible({ timeout: 60_000 })
  await page.keyboard.press('Enter')
  await expect.poll(() => editor.stack()).toEqual(['Removal', 'desert-hike'])
  await page.keyboard.press('Control+Z')
  await expect.poll(() => editor.stack()).toEqual(['desert-hike'])
})

test('Escape cancels a removal at work and discards one that is ready', async ({ page }) => {
  editor = await EditorPage.withSample(page)
  await page.keyboard.press('m')
  await editor.stroke([0.1, 0.15], [0.9, 0.85])
  const painted = page.getByText(/^Painted area/)
  const before = await widthOf(painted)
  await editor.menu('Select', 'Shrink…')
  await page.getByLabel('By', { exact: true }).fill('20')
  await page.keyboard.press('Enter')
  await expect.poll(() => widthOf(painted)).toBe(before - 40)
  await editor.button('Remove').last().click()
  await expect(page.getByRole('progressbar')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(editor.button('Remove').last()).toBeEnabled()

  await page.keyboard.press('Control+D')
  await page.keyboard.press('q')
  await editor.paintMask()
  await page.keyboard.press('Shift+Delete')
  await expect(editor.button(/^Apply/)).toBeVisible({ timeout: 60_000 })
  await page.keyboard.press('Escape')
  await expect(editor.button('Remove').last()).toBeEnabled()
  await expect(editor.layers).toHaveCount(1)
})

test('export writes the picture in the chosen format, and save as hands out the project', async ({
  page,
}) => {
  editor = await EditorPage.withSample(page)
  await page.keyboard.press('Control+Shift+E')
  await page.getByRole('combobox', { name: 'Format' }).click()
  await page.getByRole('option', { name: 'WebP' }).click()
  const exported = page.waitForEvent('download')
  await page.getByRole('dialog').getByRole('button', { name: 'Export', exact: true }).click()
  const file = await exported
  expect(file.suggestedFilename()).toBe('desert-hike.webp')
  expect(await sharp(await file.path()).metadata()).toMatchObject({
    format: 'webp',
    width: 1280,
    height: 854,
  })
  await expect(page.getByText(/desert-hike\.webp is .* kB\./)).toBeVisible()
  await page.keyboard.press('Escape')

  await page.keyboard.press('Control+S')
  await page.getByLabel('Name', { exact: true }).fill('my desert')
  const saved = page.waitForEvent('download')
  await page.keyboard.press('Enter')
  const project = await saved
  expect(project.suggestedFilename()).toBe('my desert.inlay')
  expect((await readFile(await project.path())).subarray(0, 15).toString()).toBe('SQLite format 3')
})

test('the palette finds and does actions; fields keep their keys', async ({ page }) => {
  editor = await EditorPage.withSample(page)
  await page.keyboard.press('Control+K')
  await page.keyboard.type('new lay')
  await page.keyboard.press('Enter')
  await expect(editor.layers).toHaveCount(2)

  await page.keyboard.press('b')
  await expect(editor.button('Brush tool')).toHaveAttribute('aria-pressed', 'true')
  await page.keyboard.press('F2')
  await page.keyboard.type('beach [e]')
  await page.keyboard.press('Enter')
  await expect(editor.layer('beach \\[e\\]')).toBeVisible()
  await expect(editor.button('Brush tool')).toHaveAttribute('aria-pressed', 'true')
})

test('Tab hides the panels for those who point, and moves on for those who type; F6 goes round', async ({
  page,
}) => {
  editor = await EditorPage.withSample(page)
  await editor.stroke([0.4, 0.4], [0.5, 0.4])
  await page.keyboard.press('b')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('tree')).toBeHidden()
  await page.keyboard.press('Tab')
  await expect(page.getByRole('tree')).toBeVisible()
  const region = () =>
    page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-region]')?.dataset['region'])
  const seen: unknown[] = []
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press('F6')
    seen.push(await region())
  }
  expect(new Set(seen)).toEqual(new Set(['menu', 'options', 'tools', 'canvas', 'panels', 'status']))
  while ((await region()) !== 'canvas') await page.keyboard.press('F6')
  await page.keyboard.press('Tab')
  await expect(page.getByRole('tree')).toBeVisible()
  await expect(editor.canvas).not.toBeFocused()
})

test('themes are chosen in the menu and kept', async ({ page }) => {
  editor = await EditorPage.start(page)
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await editor.menu('View', 'Light')
  await expect.poll(background).toBe('rgb(200, 200, 200)')
  await editor.menu('View', 'Dark')
  await expect.poll(background).toBe('rgb(30, 30, 30)')
  await page.reload()
  await expect.poll(background).toBe('rgb(30, 30, 30)')
})

test('copy and paste go through the system clipboard and keep the place', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  editor = await EditorPage.withSample(page)
  await page.keyboard.press('m')
  await editor.stroke([0.2, 0.2], [0.4, 0.5])
  await expect(page.getByText(/^Selected/)).toBeVisible()
  const before = (await editor.canvas.screenshot({ mask: [page.locator('.hint')] })).length
  await page.keyboard.press('Control+C')
  await expect
    .poll(() => page.evaluate(async () => (await navigator.clipboard.read()).flatMap((item) => item.types)))
    .toContain('image/png')
  await page.keyboard.press('Control+V')
  await expect.poll(() => editor.stack()).toEqual(['Pasted', 'desert-hike'])
  // In its own place the copy changes nothing that is seen.
  const after = (await editor.canvas.screenshot({ mask: [page.locator('.hint')] })).length
  expect(Math.abs(after - before)).toBeLessThan(before * 0.02)
})

test('the window comes back by itself when the project host dies', async ({ page }) => {
  editor = await EditorPage.withSample(page)
  await page.keyboard.press('Control+Shift+N')
  await expect(editor.layers).toHaveCount(2)
  for (const pid of childrenOf(editor.server.process.pid!)) process.kill(pid, 'SIGKILL')
  await expect(page.getByRole('alert').filter({ hasText: 'connection' })).toBeVisible()
  await expect(page.getByRole('alert').filter({ hasText: 'connection' })).toBeHidden({ timeout: 30_000 })
  await page.keyboard.press('Control+Shift+N')
  await expect(editor.layers).toHaveCount(3)
  // The browser itself reports the tiles it could not fetch meanwhile.
  editor.complaints.length = 0
})

/** The first number of "Painted area 640 × 480 px". */
async function widthOf(painted: Locator): Promise<number> {
  return Number(/\d+/.exec(await painted.innerText())?.[0])
}

/** Processes a process has started: read from /proc, without a command that may be missing. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]) === parent
      } catch {
        return false
      }
    })
    .map(Number)
}
