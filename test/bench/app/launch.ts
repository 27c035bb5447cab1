/** From starting the server to the sample on the screen, beside the least that any program could do: show the JPEG. */
import { spawn } from 'node:child_process'
import type { Browser } from 'playwright-core'
import { AppPage } from '../../support/app-page.ts'
import { median, printTable } from '../../support/bench-table.ts'
import { SAMPLE } from '../../support/inlay-command.ts'

const RUNS = 5

export async function measureLaunch(browser: Browser): Promise<void> {
  const answered: number[] = []
  const first: number[] = []
  const sharp: number[] = []
  const bare: number[] = []
  for (let i = 0; i < RUNS; i++) {
    const start = Date.now()
    const app = await AppPage.start(browser, ['--sample'])
    answered.push(Date.now() - start)
    const times = await app.pictureTimes()
    first.push(times.first - start)
    sharp.push(times.sharp - start)
    await app.close()
    bare.push(await showJpeg(browser))
  }
  const peer = { what: 'bare server, <img>', values: bare }
  printTable('Launch with the sample (the browser is running)', [
    { what: 'process start to page asked for', values: answered, unit: 'ms' },
    {
      what: 'process start to first picture',
      values: first,
      unit: 'ms',
      peer,
      limit: { of: 'p95', most: 3000 },
    },
    { what: 'process start to last pixel', values: sharp, unit: 'ms', peer },
  ])
  if (!Number.isFinite(median(first))) throw new Error('no picture came')
}

/** A Node process that serves a page with the picture in it, and the time until that is painted. */
async function showJpeg(browser: Browser): Promise<number> {
  const script = `
    const file = require('node:fs').readFileSync(${JSON.stringify(SAMPLE)})
    require('node:http').createServer((request, response) => {
      const isPage = request.url === '/'
      response.setHeader('Content-Type', isPage ? 'text/html' : 'image/jpeg')
      response.end(isPage ? '<img src="/picture.jpg" style="max-width: 100%; max-height: 100vh">' : file)
    }).listen(0, '127.0.0.1', function () { console.log(this.address().port) })`
  const start = Date.now()
  const server = spawn(process.execPath, ['--input-type=commonjs', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const page = await browser.newPage()
  try {
    const port = await new Promise<string>((resolve) =>
      server.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())),
    )
    await page.goto(`http://127.0.0.1:${port}/`)
    const painted = await page.evaluate(async () => {
      await document.querySelector('img')?.decode()
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
      return Date.now()
    })
    return painted - start
  } finally {
    await page.close()
    server.kill()
  }
}
