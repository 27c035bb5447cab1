/** The pictures in docs/: the empty state, editing, the fill before it is applied, the result, and the built-in model at work. */
import path from 'node:path'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import sharp from 'sharp'
import { HIKERS } from '../e2e/hikers.ts'
import { GeneratePage } from '../e2e/pages/generate-page.ts'
import { ToolsPage } from '../e2e/tools-page.ts'
import { LoopbackProcess } from './loopback-client.ts'

const VIEWPORT = { width: 1440, height: 900 }

/** @param folder where the WebP files go @param executablePath the browser; Playwright's own when undefined */
export async function takeScreenshots(folder: string, executablePath: string | undefined): Promise<void> {
  const browser = await chromium.launch({
    args: ['--no-sandbox'],
    ...(executablePath === undefined ? {} : { executablePath }),
  })
  try {
    const context = await browser.newContext({ viewport: VIEWPORT, colorScheme: 'dark' })
    await journey(context, folder)
    const light = await browser.newContext({ viewport: VIEWPORT, colorScheme: 'light' })
    await lightTheme(light, folder)
    await builtIn(context, folder)
  } finally {
    await browser.close()
  }
}

async function journey(context: BrowserContext, folder: string): Promise<void> {
  const page = await context.newPage()
  const server = await LoopbackProcess.start()
  const shoot = (name: string) => take(page, path.join(folder, `${name}.webp`))
  await page.goto(server.url.href)
  const sample = page.getByRole('button', { name: /Sample photograph/ })
  await sample.waitFor()
  await shoot('empty')
  await sample.click()
  const tools = await ToolsPage.over(page, server)
  for (const stroke of HIKERS) await tools.drag(stroke)
  await tools.move({ x: 620, y: 660 })
  await shoot('editing')
  await page.keyboard.press('Shift+Delete')
  await page.getByRole('button', { name: /^Apply/ }).waitFor()
  await shoot('preview')
  await page.keyboard.press('Enter')
  await page.getByRole('treeitem', { name: /Removal/ }).waitFor()
  await tools.choose('Move')
  await shoot('result')
  await server.stop()
}

/** The built-in model in Generate: two candidates, and what each decoder makes of the first. */
async function builtIn(context: BrowserContext, folder: string): Promise<void> {
  const page = await context.newPage()
  const server = await LoopbackProcess.start(['--sample'])
  await page.goto(server.url.href)
  const tools = await ToolsPage.over(page, server)
  await page.getByRole('button', { name: 'Got it' }).click()
  for (const stroke of HIKERS) await tools.drag(stroke)
  const generate = new GeneratePage(page)
  await generate.open()
  await generate.choose('Model', 'Built-in model')
  await generate.set('Candidates', 4)
  await generate.start.click()
  await generate.apply.waitFor({ timeout: 300_000 })
  await page.mouse.move(0, 0)
  await take(page, path.join(folder, 'generate.webp'))
  await page.getByRole('button', { name: 'Compare decoders' }).click()
  await generate.comparison.getByRole('figure', { name: /^Asymmetric/ }).waitFor()
  await take(page, path.join(folder, 'compare.webp'))
  await server.stop()
}

async function lightTheme(context: BrowserContext, folder: string): Promise<void> {
  const page = await context.newPage()
  const server = await LoopbackProcess.start(['--sample'])
  await page.goto(server.url.href)
  const tools = await ToolsPage.over(page, server)
  await tools.choose('Brush')
  await take(page, path.join(folder, 'light.webp'))
  await server.stop()
}

/** Waits until thumbnails and tiles are in place, which nothing on the page announces. */
async function take(page: Page, file: string): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(1500)
  await sharp(await page.screenshot())
    .webp({ quality: 90, effort: 6, smartSubsample: true })
    .toFile(file)
}
