/** A Chromium to measure in, and plain pages to measure against. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium } from 'playwright-core'
import { ensureChromium } from '../../scripts/chromium.mjs'
import { ensureBuilt } from '../../scripts/ensure-built.mjs'

/** Builds the page if it has to be, and runs `body` with a browser. */
export async function withBrowser<T>(body: (browser: Browser) => Promise<T>): Promise<T> {
  ensureBuilt('page')
  const executablePath = ensureChromium()
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ['--no-sandbox'],
  })
  try {
    return await body(browser)
  } finally {
    await browser.close()
  }
}

/** Serves one page of HTML on 127.0.0.1 while `body` runs. */
export async function withPage<T>(html: string, body: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(html))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
