/** From choosing a 24-megapixel photograph, or a heavy project, to its picture. */
import { createReadStream, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import sharp from 'sharp'
import { AppPage } from '../../support/app-page.ts'
import { printTable } from '../../support/bench-table.ts'
import { MEGAPIXELS_24, mosaicJpeg } from '../../support/pictures.ts'

const RUNS = 3

export async function measureOpening(browser: Browser): Promise<void> {
  const file = await mosaicJpeg(MEGAPIXELS_24)
  const first: number[] = []
  const last: number[] = []
  const decoded: number[] = []
  const inBrowser: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const app = await AppPage.start(browser)
    const chosen = await app.choose(file)
    const times = await app.pictureTimes()
    first.push(times.first - chosen)
    last.push(times.sharp - chosen)
    await app.close()
    const start = performance.now()
    await sharp(file).ensureAlpha().raw().toBuffer()
    decoded.push(performance.now() - start)
    inBrowser.push(await decodeInBrowser(browser, file))
  }
  const megabytes = (statSync(file).size / 1e6).toFixed(0)
  printTable(`Open a JPEG of 24 megapixels (${megabytes} MB), chosen in the dialog and uploaded`, [
    {
      what: 'to first picture',
      values: first,
      unit: 'ms',
      peer: { what: 'sharp, to raw pixels', values: decoded },
      limit: { of: 'ratio', most: 4 },
    },
    {
      what: '',
      values: first,
      unit: 'ms',
      peer: { what: 'fetch + createImageBitmap', values: inBrowser },
    },
    {
      what: 'to last pixel',
      values: last,
      unit: 'ms',
      peer: { what: 'sharp, to raw pixels', values: decoded },
    },
  ])
}

/** Opens a project as the word given at launch; times are from the moment its page begins to load. */
export async function measureReopening(browser: Browser, file: string): Promise<void> {
  const first: number[] = []
  const last: number[] = []
  const empty: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const app = await AppPage.start(browser, [file])
    const began = await app.page.evaluate(() => performance.timeOrigin)
    const times = await app.pictureTimes()
    first.push(times.first - began)
    last.push(times.sharp - began)
    await app.close()
    const sample = await AppPage.start(browser, ['--sample'])
    const origin = await sample.page.evaluate(() => performance.timeOrigin)
    empty.push((await sample.pictureTimes()).first - origin)
    await sample.close()
  }
  const peer = { what: 'the 1-megapixel sample', values: empty }
  printTable('Reopen the project of ten layers of 24 megapixels', [
    { what: 'to first picture', values: first, unit: 'ms', peer },
    { what: 'to last pixel', values: last, unit: 'ms', peer },
  ])
}

async function decodeInBrowser(browser: Browser, file: string): Promise<number> {
  const server = createServer((request, response) => {
    if (request.url === '/') response.setHeader('Content-Type', 'text/html').end('<p>decoding')
    else createReadStream(file).pipe(response.setHeader('Content-Type', 'image/jpeg'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const page = await browser.newPage()
  try {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    return await page.evaluate(async () => {
      const start = performance.now()
      const bitmap = await createImageBitmap(await (await fetch('/picture.jpg')).blob())
      const took = performance.now() - start
      bitmap.close()
      return took
    })
  } finally {
    await page.close()
    server.closeAllConnections()
    server.close()
  }
}
