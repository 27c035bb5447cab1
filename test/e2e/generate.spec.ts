/**
 * Pictures by a model, from the words to the layer, with tiny whole checkpoints: what they make is noise, but every part of
 * the way is the real one.
 */
import { cpSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import sharp from 'sharp'
import type { RasterLayer } from '../../src/shared/document/model.ts'
import { SessionId } from '../../src/shared/ids.ts'
import { TILE_SIZE, tileEntries } from '../../src/shared/tiles.ts'
import { EditorPage } from './editor-page.ts'
import { GeneratePage } from './pages/generate-page.ts'
import { ModelsPage } from './pages/models-page.ts'

const PIPELINES = fileURLToPath(new URL('../fixtures/golden/pipelines/', import.meta.url))
const INPAINTING = 'tiny-inpainting'

let editor: EditorPage
let generate: GeneratePage
let folder: string

test.beforeEach(async ({ page }) => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-generate-'))
  editor = await EditorPage.withSample(page)
  generate = new GeneratePage(page)
  // The first steps lie over the canvas, which is compared.
  await editor.button('Got it').click()
})
test.afterEach(async () => {
  const complaints = [...editor.complaints]
  await editor.stop()
  await rm(folder, { recursive: true, force: true })
  expect(complaints).toEqual([])
})

/** Puts a tiny checkpoint on the list of models. @returns where it lies */
async function install(page: Page, kind: 'sd1-inpaint-asymmetric' | 'sd1', name: string): Promise<string> {
  const place = path.join(folder, name)
  cpSync(path.join(PIPELINES, kind, 'model'), place, { recursive: true })
  const models = new ModelsPage(page)
  await models.open()
  await models.add(place)
  await expect(models.model(name)).toBeVisible()
  await models.close()
  return place
}

/** The tiny inpainting model chosen, the hikers painted over, few steps. */
async function ready(page: Page, candidates = 2): Promise<void> {
  await install(page, 'sd1-inpaint-asymmetric', INPAINTING)
  await editor.paintMask()
  await generate.open()
  await generate.choose('Model', INPAINTING)
  await generate.unfold('Sampling')
  await generate.set('Steps', 2)
  await generate.set('Candidates', candidates)
  await page.getByLabel('Prompt', { exact: true }).fill('a cat on a wall')
}

async function problems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).exclude('[data-base-ui-focus-guard]').analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html}`),
  )
}

const shot = async () => (await editor.canvas.screenshot()).toString('base64')

test('two candidates: arrows, the original, apply, undo, redo, and again from the layer', async ({
  page,
}) => {
  const before = await shot()
  await ready(page)
  await expect(generate.panel.getByText(/Sees \d+ × \d+ px at \d+ × \d+\./)).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await expect(generate.apply).toBeVisible({ timeout: 60_000 })
  await expect(generate.candidates).toHaveCount(2)
  await expect(
    page.getByText(/^Outside the mask: .* mean error before compositing, 0 after\.$/),
  ).toBeVisible()
  expect(await generate.chosen()).toBe(1)
  const first = await shot()
  expect(first).not.toBe(before)

  await page.keyboard.press('ArrowRight')
  expect(await generate.chosen()).toBe(2)
  await expect.poll(shot).not.toBe(first)
  await page.keyboard.press('ArrowRight')
  expect(await generate.chosen()).toBe(1)
  await expect.poll(shot).toBe(first)

  await editor.button('Hold to see the original').hover()
  await page.mouse.down()
  await expect.poll(shot).toBe(before)
  await page.mouse.up()
  await expect.poll(shot).toBe(first)

  await editor.button('Another seed').click()
  await expect(generate.candidates).toHaveCount(4, { timeout: 60_000 })
  await expect(generate.apply).toBeVisible({ timeout: 60_000 })
  expect(await generate.chosen()).toBe(3)
  await generate.candidates.first().click()
  await page.keyboard.press('Enter')
  await expect(generate.candidates.first()).toHaveAttribute('aria-pressed', 'true')
  await generate.apply.click()
  await expect(editor.layers).toHaveCount(2)
  await expect.poll(shot).toBe(first)

  await page.keyboard.press('Control+Z')
  await expect(editor.layers).toHaveCount(1)
  await page.keyboard.press('Control+Shift+Z')
  await expect(editor.layers).toHaveCount(2)
  await expect.poll(shot).toBe(first)

  // The layer knows what it was made with; its panel is filled with that, and its place is selected.
  await page.getByLabel('Prompt', { exact: true }).fill('something else')
  await editor.layers.first().click({ button: 'right' })
  await page.getByRole('menuitem', { name: 'Generate again…' }).click()
  await expect(page.getByLabel('Prompt', { exact: true })).toHaveValue('a cat on a wall')
  await expect(page.getByText(/^Selected \d+ × \d+$/)).toBeVisible()
  await expect(generate.start).toBeEnabled()
})

test('what the browser shows is what the engine made, byte for byte', async ({ page }) => {
  await ready(page, 1)
  await page.keyboard.press('Control+Enter')
  await expect(generate.apply).toBeVisible({ timeout: 60_000 })
  await editor.canvas.click({ button: 'middle', position: { x: 4, y: 4 } })
  await page.keyboard.press('Control+1')
  await expect(page.getByRole('textbox', { name: 'Zoom' })).toHaveValue('100')
  await page.mouse.move(0, 0)
  await page.waitForTimeout(500)
  const candidate = await editor.canvas.screenshot()
  await generate.apply.click()
  await expect(editor.layers).toHaveCount(2)
  await page.mouse.move(0, 0)
  await expect.poll(shot).toBe(candidate.toString('base64'))

  const made = await bytesOfTopLayer(page)
  const box = (await editor.canvas.boundingBox())!
  const screen = await sharp(candidate).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const left = Math.round(box.width / 2 - 640)
  const top = Math.round(box.height / 2 - 427)
  let compared = 0
  for (const { x, y, rgb } of made) {
    const at = ((y + top) * screen.info.width + x + left) * 3
    if (x + left < 0 || y + top < 0 || x + left >= box.width || y + top >= box.height) continue
    if ([0, 1, 2].some((channel) => screen.data[at + channel] !== rgb[channel]))
      throw new Error(
        `At ${x}, ${y} the engine made ${rgb}, and ${screen.data.subarray(at, at + 3)} is shown.`,
      )
    compared++
  }
  expect(compared).toBeGreaterThan(2000)
})

/** The engine's own pixels of the layer on top where its mask shows them wholly, asked for past the page. */
async function bytesOfTopLayer(
  page: Page,
): Promise<{ readonly x: number; readonly y: number; readonly rgb: readonly number[] }[]> {
  const session = SessionId.parse(await page.evaluate(() => sessionStorage.getItem('inlay.session')))
  const project = await editor.server.project()
  const { document } = await project.state({ session })
  const layer = document.layers[document.root.at(-1)!] as RasterLayer
  const bytesOf = async (hash: (typeof layer.tiles)[keyof typeof layer.tiles] & string) => {
    const answer = await project.tiles({ session, hashes: [hash], level: 0 })
    return new Uint8Array(await answer.arrayBuffer()).subarray(1)
  }
  const found = []
  for (const [key, hash] of tileEntries(layer.tiles)) {
    const maskHash = layer.mask?.tiles[key]
    if (!maskHash) continue
    const [pixels, mask] = [await bytesOf(hash), await bytesOf(maskHash)]
    const [tx, ty] = key.split(',').map(Number)
    for (let i = 0; i < TILE_SIZE ** 2; i++) {
      if (mask[i] !== 255 || pixels[i * 4 + 3] !== 255) continue
      const x = tx! * TILE_SIZE + (i % TILE_SIZE) + layer.offset.x
      const y = ty! * TILE_SIZE + Math.floor(i / TILE_SIZE) + layer.offset.y
      found.push({ x, y, rgb: [...pixels.subarray(i * 4, i * 4 + 3)] })
    }
  }
  project.hangUp()
  return found
}

test('Escape stops the work, the canvas stays in use meanwhile, and what has come can be chosen', async ({
  page,
}) => {
  await ready(page, 8)
  await generate.set('Steps', 200)
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('progressbar')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(generate.start).toBeEnabled()
  await expect(editor.layers).toHaveCount(1)

  await generate.set('Steps', 4)
  await page.keyboard.press('Control+Enter')
  await expect(generate.candidates.first()).toBeVisible({ timeout: 60_000 })
  await page.keyboard.press('Control+Shift+N')
  await expect(editor.layers).toHaveCount(2)
  await page.keyboard.press('Escape')
  await expect(generate.apply).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(generate.start).toBeEnabled()
  await expect(editor.layers).toHaveCount(2)
})

test('decoders side by side, zoomed together, with what they change outside the mask', async ({ page }) => {
  await ready(page, 1)
  await page.keyboard.press('Control+Enter')
  await expect(generate.apply).toBeVisible({ timeout: 60_000 })
  expect(await problems(page)).toEqual([])
  await editor.button('Compare decoders').click()
  const { comparison } = generate
  for (const title of ['Original', 'Plain decoder', 'Asymmetric decoder', 'Difference, asymmetric'])
    await expect(comparison.getByRole('figure', { name: new RegExp(`^${title}`) })).toBeVisible({
      timeout: 60_000,
    })
  expect(await problems(page)).toEqual([])
  await comparison.getByRole('button', { name: 'Plain', exact: true }).click()
  await expect(comparison.getByRole('figure', { name: 'Difference, plain' })).toBeVisible()
  const transforms = () =>
    comparison.locator('canvas').evaluateAll((all) => new Set(all.map((each) => each.style.transform)).size)
  const [whole] = await comparison
    .locator('canvas')
    .evaluateAll((all) => all.map((each) => each.style.transform))
  await comparison.getByRole('button', { name: 'Zoom in' }).click()
  expect(await transforms()).toBe(1)
  expect(
    await comparison
      .locator('canvas')
      .first()
      .evaluate((each) => each.style.transform),
  ).not.toBe(whole)
  await page.keyboard.press('Escape')
  await expect(comparison).toHaveCount(0)
  await expect(generate.apply).toBeVisible()
})

test('Remove by an installed model, with candidates by seed and the figure', async ({ page }) => {
  await install(page, 'sd1-inpaint-asymmetric', INPAINTING)
  await editor.paintMask()
  await page.getByRole('combobox', { name: 'Fill with' }).click()
  await page.getByRole('option', { name: INPAINTING }).click()
  await page.getByRole('textbox', { name: 'Candidates', exact: true }).fill('2')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Shift+Delete')
  await expect(page.getByText(new RegExp(`^Filled in .* with seed 0 \\(${INPAINTING}\\)\\.`))).toBeVisible({
    timeout: 90_000,
  })
  await expect(generate.candidates).toHaveCount(2)
  await expect(page.getByText(/^Outside the mask:/)).toBeVisible()
  await generate.apply.click()
  await expect(editor.layers).toHaveCount(2)
})

test('outpainting: the picture grows on the side that was said, what was there stays where it is', async ({
  page,
}) => {
  await install(page, 'sd1-inpaint-asymmetric', INPAINTING)
  await generate.open()
  await generate.choose('Model', INPAINTING)
  await generate.choose('Task', 'Outpaint')
  await expect(generate.panel.getByText('Say by how much the picture shall grow.')).toBeVisible()
  await page.getByRole('textbox', { name: 'Left', exact: true }).fill('64')
  await page.keyboard.press('Enter')
  await expect(generate.panel.getByText(/Sees \d+ × \d+ px/)).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await expect(generate.apply).toBeVisible({ timeout: 60_000 })
  await expect(page.getByText('1280 × 854 px', { exact: true })).toBeVisible()
  await generate.apply.click()
  await expect(page.getByText('1344 × 854 px', { exact: true })).toBeVisible()
  await page.keyboard.press('Control+Z')
  await expect(page.getByText('1280 × 854 px', { exact: true })).toBeVisible()
})

test('what a model cannot do is not offered, and one that has lost its files says so', async ({ page }) => {
  const place = await install(page, 'sd1', 'tiny-words')
  await generate.open()
  await generate.choose('Model', 'tiny-words')
  expect(await generate.offered('Task')).toContain('Image to image')
  expect(await generate.offered('Task')).not.toContain('Instruct')
  await generate.choose('Task', 'Text to image')
  await expect(generate.panel.getByText('Write what the picture shall show.')).toBeVisible()
  await expect(generate.start).toBeDisabled()
  await page.getByLabel('Prompt', { exact: true }).fill('a cat on a wall')
  await expect(generate.start).toBeEnabled()
  rmSync(path.join(place, 'unet'), { recursive: true })
  await generate.start.click()
  await expect(page.getByRole('alert')).toContainText(/tiny-words|unet|denoiser/)
  await expect(generate.start).toBeEnabled()
  await expect(editor.layers).toHaveCount(1)
})

test('Fill with the built-in model: progress, two by seed, the figure, a layer that remembers it', async ({
  page,
}) => {
  await editor.paintMask()
  await page.getByRole('combobox', { name: 'Fill with' }).click()
  await page.getByRole('option', { name: 'Built-in model' }).click()
  await page.getByRole('textbox', { name: 'Candidates', exact: true }).fill('2')
  await page.keyboard.press('Enter')
  await editor.menu('Edit', 'Fill with the built-in model')
  await expect(page.getByRole('progressbar')).toBeVisible()
  await expect(page.getByText(/^Filled in .* \(Built-in model\)\./)).toBeVisible({ timeout: 120_000 })
  await expect(generate.candidates).toHaveCount(2)
  await expect(page.getByText(/^Outside the mask: .* 0 after\.$/)).toBeVisible()
  await generate.candidates.first().press('ArrowRight')
  expect(await generate.chosen()).toBe(2)
  await generate.apply.click()
  await expect(editor.layers).toHaveCount(2)
  await page.getByRole('button', { name: /^Generate .* again$/ }).click()
  await expect(generate.panel.getByRole('combobox', { name: 'Model' })).toHaveText('Built-in model')
})
