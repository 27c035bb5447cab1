import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { HubServer, send } from '../support/hub-server.ts'
import { asymmetricFiles, copyOfAsymmetric, SINGLE_FILE, SINGLE_FILE_2 } from '../support/tiny-models.ts'
import { EditorPage } from './editor-page.ts'
import { ModelsPage } from './pages/models-page.ts'

const REPO = 'cross/asymmetric-autoencoder-kl-x-1-5'
let editor: EditorPage
let models: ModelsPage
let hub: HubServer
let folder: string

test.beforeEach(async () => {
  hub = await HubServer.start()
  hub.add(
    REPO,
    { ...asymmetricFiles(), 'README.md': '---\nlicense: mit\n---\n' },
    { card: { license: 'mit' } },
  )
  process.env['INLAY_HUB'] = hub.address
  folder = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-models-'))
})
test.afterEach(async () => {
  delete process.env['INLAY_HUB']
  await editor.stop()
  await hub.stop()
  await rm(folder, { recursive: true, force: true })
})

async function start(page: Page, args: readonly string[] = []): Promise<void> {
  editor = await EditorPage.start(page, args)
  models = new ModelsPage(page)
}

async function problems(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).exclude('[data-base-ui-focus-guard]').analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html}`),
  )
}

test('a model is added by its path, looked into, checked and taken off the list', async ({ page }) => {
  await start(page)
  const place = copyOfAsymmetric(folder)
  await models.open()
  await expect(models.dialog.getByText('No model is installed.')).toBeVisible()

  await models.add(place)
  await expect(models.model('asymmetric-autoencoder')).toBeVisible()
  await models.add(`"${SINGLE_FILE}"`)
  await expect(models.model('sd1_inpaint')).toContainText('Stable Diffusion 1, inpainting')

  await models.model('asymmetric-autoencoder').click()
  expect(await models.facts()).toMatchObject({ Where: place, 'Stored as': 'float32', Licence: 'not stated' })
  expect((await models.facts())['Networks']).toMatch(/^asymmetric autoencoder, [\d,]+ parameters$/)
  await models.button('Check the files').click()
  await expect(models.dialog.getByText('Unchanged since it was put on the list.')).toBeVisible()
  writeFileSync(path.join(place, 'config.json'), '{}')
  await models.button('Check the files').click()
  await expect(models.dialog.getByText(/config\.json has 2 bytes/)).toBeVisible()

  await models.button('Remove from the list…').click()
  await expect(models.button('Keep it')).toBeFocused()
  await models.button('Keep it').click()
  await models.button('Remove from the list…').click()
  await models.button('Remove').click()
  await expect(models.model('asymmetric-autoencoder')).toHaveCount(0)
  await expect(models.model('sd1_inpaint')).toBeVisible()
  await models.close()
  await page.reload()
  await models.open()
  await expect(models.model('sd1_inpaint')).toBeVisible()
  expect(editor.complaints).toEqual([])
})

test('what a file of Stable Diffusion 2 does not say can be stated', async ({ page }) => {
  await start(page)
  await models.open()
  await models.add(SINGLE_FILE_2)
  await models.model('sd2').click()
  const select = models.dialog.getByRole('combobox', { name: 'What sd2 predicts' })
  await expect(select).toContainText('velocity (v)')
  await expect(models.dialog.getByText(/does not say what its denoiser predicts/)).toBeVisible()
  await select.click()
  await page.getByRole('option', { name: 'noise (epsilon)' }).click()
  await expect(select).toContainText('noise (epsilon)')
  await expect(models.dialog.getByText(/does not say what its denoiser predicts/)).toHaveCount(0)
  expect(await problems(page)).toEqual([])
})

test('models are found in the folder Inlay was started with', async ({ page }) => {
  const place = copyOfAsymmetric(path.join(folder, 'art'))
  await start(page, ['--folder', folder])
  await models.open()
  await models.button('Browse…').click()
  await models.button('art').click()
  await models.button('asymmetric-autoencoder').click()
  await expect(models.button('diffusion_pytorch_model.safetensors')).toBeVisible()
  expect(await problems(page)).toEqual([])
  await models.button('Add this whole folder').click()
  await models.model('asymmetric-autoencoder').click()
  expect((await models.facts())['Where']).toBe(place)
})

test('what is no model gets a sentence, and a dropped file the advice to give its path', async ({ page }) => {
  await start(page)
  await models.open()
  await models.add('models/relative.safetensors')
  await expect(models.error).toContainText('whole path')
  await models.add(path.join(folder, 'nowhere'))
  await expect(models.error).toContainText('There is no')
  writeFileSync(path.join(folder, 'old.ckpt'), 'a pickle')
  await models.add(path.join(folder, 'old.ckpt'))
  await expect(models.error).toContainText('pickle')
  await models.close()
  await editor.drop('checkpoint.safetensors', '', Buffer.from('weights'))
  await expect(models.error).toContainText('Paste its path below')
  await expect(models.path).toBeVisible()
  await models.add(SINGLE_FILE)
  await expect(models.error).toBeEmpty()
})

test('a model is fetched by name: bytes and licence first, then progress, cancel and resume', async ({
  page,
}) => {
  await start(page)
  const weights = asymmetricFiles()['diffusion_pytorch_model.safetensors'] as Buffer
  const half = weights.length >> 1
  let answers = 0
  hub.fault = ({ server }, response, request) => {
    if (server !== 'store') return false
    if (answers++ > 0) send(request, response, weights)
    else {
      response.writeHead(200, { etag: `"one"`, 'content-length': weights.length })
      response.write(weights.subarray(0, half))
    }
    return true
  }
  await models.open()
  await models.tab('From a hub')
  await models.lookUp('no/body')
  await expect(models.error).toContainText('no model no/body')
  await models.lookUp(`https://hub.example/${REPO}`)
  const total =
    Object.values(asymmetricFiles()).reduce((sum, file) => sum + file.length, 0) +
    '---\nlicense: mit\n---\n'.length
  await expect(models.dialog.getByText(`${total.toLocaleString('en')} bytes`)).toBeVisible()
  await expect(models.dialog.getByText('mit', { exact: true })).toBeVisible()
  expect(hub.fetched()).toEqual([])
  await expect(models.button(/^Fetch/)).toBeDisabled()
  expect(await problems(page)).toEqual([])
  await models.accept()
  await models.button(/^Fetch/).click()
  const bar = models.dialog.getByRole('progressbar')
  await expect(bar).toHaveAttribute('aria-valuenow', '50')
  expect(await problems(page)).toEqual([])
  await models.close()
  await editor.button(/Sample photograph/).click()
  await editor.shown()
  await editor.button('Fetching asymmetric-autoencoder-kl-x-1-5, 50 %').click()
  await expect(bar).toBeVisible()
  await models.button('Cancel').click()

  await expect(models.button(/^Resume/)).toBeVisible()
  expect(await problems(page)).toEqual([])
  await models.button(/^Resume/).click()
  await models.accept()
  await models.button(/^Fetch the other/).click()
  await expect(page.getByText('is here and on the list of models')).toBeVisible()
  expect(hub.asked.filter(({ server }) => server === 'store').at(-1)?.range).toBe(`bytes=${half}-`)
  await models.lookUp(REPO)
  await expect(models.dialog.getByText(/all here already/)).toBeVisible()
  await models.button('Back').click()
  await models.tab('On this computer')
  await models.model('asymmetric-autoencoder-kl-x-1-5').click()
  expect((await models.facts())['Licence']).toBe('mit')
})

test('offline mode asks nobody, and a token goes in and never out', async ({ page }) => {
  await start(page)
  await models.open()
  await models.tab('From a hub')
  const frames: string[] = []
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))))
  await models.dialog.getByLabel('Token').fill('hf_very_secret')
  await models.button('Keep').click()
  await expect(models.dialog.getByText('Kept in your settings.')).toBeVisible()
  await page.reload()
  await models.open()
  await models.tab('From a hub')
  await expect(models.dialog.getByText('Kept in your settings.')).toBeVisible()
  expect(frames.length).toBeGreaterThan(0)
  expect(frames.filter((frame) => frame.includes('hf_very_secret'))).toEqual([])
  await models.lookUp(REPO)
  await expect(models.button(/^Fetch/)).toBeVisible()
  expect(hub.asked.every(({ token }) => token === 'Bearer hf_very_secret')).toBe(true)
  await models.button('Back').click()
  await models.button('Forget it').click()
  await models.dialog.getByRole('checkbox', { name: /^Offline mode/ }).click()
  await models.dialog.getByLabel('Name', { exact: true }).fill(REPO)
  await expect(models.button('Look it up')).toBeDisabled()
  await expect(models.dialog.getByText('Offline mode is on.')).toBeVisible()
})

test('everything goes by keyboard', async ({ page }) => {
  await start(page)
  const place = copyOfAsymmetric(folder)
  await page.keyboard.press('Control+k')
  await page.keyboard.type('models')
  await page.keyboard.press('Enter')
  await expect(models.dialog).toBeVisible()
  const focusOn = async (target: () => Promise<boolean>) => {
    for (let i = 0; i < 20 && !(await target()); i++) await page.keyboard.press('Tab')
    expect(await target()).toBe(true)
  }
  const focused = (selector: string) => () =>
    page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector)
  await focusOn(focused('input.text-box'))
  await page.keyboard.type(place)
  await page.keyboard.press('Enter')
  await expect(models.model('asymmetric-autoencoder')).toBeVisible()
  await focusOn(focused('.model-head'))
  await page.keyboard.press('Enter')
  await expect(models.button('Check the files')).toBeVisible()
  await focusOn(focused('[role=tab]'))
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await expect(models.button('Look it up')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(models.dialog).toHaveCount(0)
})

for (const theme of ['dark', 'light'] as const)
  test(`axe, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme })
    await start(page)
    await models.open()
    expect(await problems(page)).toEqual([])
    mkdirSync(path.join(folder, 'half'))
    await models.add(SINGLE_FILE)
    await models.model('sd1_inpaint').click()
    await models.button('Remove from the list…').click()
    await models.add('nonsense')
    await expect(models.error).not.toBeEmpty()
    expect(await problems(page)).toEqual([])
    await models.tab('From a hub')
    expect(await problems(page)).toEqual([])
  })
