/**
 * The application in a real browser over the loopback host, driven as a person drives it: real pointer and key events.
 *
 * Invariant: positions are fractions of the canvas's width and height, so that the same hands work at any picture size and
 * zoom. `idle` means: nothing on its way to the page, and no frame drawn for a while.
 */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { type DrawnFrame, installProbe } from './bench-probe.ts'
import { LoopbackProcess } from './loopback-client.ts'

type Place = readonly [x: number, y: number]

/** Milliseconds without a frame that count as idle. */
const QUIET = 700
const PATIENCE = 60_000

export class AppPage {
  readonly page: Page
  readonly server: LoopbackProcess
  readonly #context: BrowserContext

  private constructor(page: Page, server: LoopbackProcess, context: BrowserContext) {
    this.page = page
    this.server = server
    this.#context = context
  }

  /** Starts a server with these words and opens its page; what is on it is not waited for. */
  static async start(browser: Browser, args: readonly string[] = [], data?: string): Promise<AppPage> {
    const server = await LoopbackProcess.start(args, data)
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    await page.addInitScript(installProbe)
    await page.goto(server.url.href, { waitUntil: 'commit' })
    // The address with the token only leads on to the page.
    await page.waitForURL(`${server.origin}/`, { waitUntil: 'commit' })
    return new AppPage(page, server, context)
  }

  get canvas(): Locator {
    return this.page.getByRole('application', { name: 'Picture' })
  }

  get history(): Locator {
    return this.page.getByRole('listbox', { name: 'History' })
  }

  /** Waits until a picture is on the screen and nothing moves any more. */
  async idle(): Promise<void> {
    await this.canvas.waitFor({ timeout: PATIENCE })
    await this.page.waitForFunction((quiet) => window.probe.idleFor() > quiet, QUIET, {
      polling: 100,
      timeout: PATIENCE,
    })
  }

  /** Chooses a photograph or a project in the browser's file dialog. @returns when it was chosen, in ms since the epoch */
  async choose(file: string): Promise<number> {
    const [chooser] = await Promise.all([
      this.page.waitForEvent('filechooser'),
      this.page.getByRole('button', { name: /^Open…/ }).click(),
    ])
    const time = Date.now()
    await chooser.setFiles(file)
    return time
  }

  /** When the picture could first be recognised, and when it had its last pixel, in ms since the epoch; waits for both. */
  async pictureTimes(): Promise<{ readonly first: number; readonly sharp: number }> {
    await this.idle()
    const frames = await this.page.evaluate(() => window.probe.frames())
    const last = frames.at(-1)
    if (!last) throw new Error('no frame was drawn')
    const first = frames.find((frame) => alike(frame, last, 40) > 0.9) ?? last
    const sharp = frames[frames.findLastIndex((frame) => alike(frame, last, 2) < 1) + 1] ?? last
    return { first: first.time, sharp: sharp.time }
  }

  async brush(size: number): Promise<void> {
    await this.page.keyboard.press('b')
    const field = this.page.getByRole('textbox', { name: 'Size', exact: true })
    await field.fill(String(size))
    await field.press('Enter')
  }

  async at([x, y]: Place): Promise<{ x: number; y: number }> {
    const box = (await this.canvas.boundingBox())!
    return { x: Math.round(box.x + x * box.width), y: Math.round(box.y + y * box.height) }
  }

  /** A straight stroke of that many moves. @returns milliseconds from letting go to its entry in the history */
  async stroke(from: Place, to: Place, moves: number): Promise<number> {
    const entries = await this.entries()
    const [a, b] = [await this.at(from), await this.at(to)]
    await this.page.mouse.move(a.x, a.y)
    await this.page.mouse.down()
    await this.page.mouse.move(b.x, b.y, { steps: moves })
    const time = Date.now()
    await this.page.mouse.up()
    // The list shows only the rows in sight; each says how many there are.
    const next = this.history.locator(`[role=option][aria-setsize="${entries + 1}"]`)
    await next.first().waitFor({ timeout: PATIENCE })
    return Date.now() - time
  }

  /** How many entries the history has. */
  async entries(): Promise<number> {
    return Number(await this.history.getByRole('option').first().getAttribute('aria-setsize'))
  }

  /** From pointer event to frame for every move since it was last asked, in ms. */
  latencies(): Promise<number[]> {
    return this.page.evaluate(() => window.probe.latencies())
  }

  /** Presses keys. @returns milliseconds to the frame in which the picture changes at a place */
  async pressToChange(keys: string, place: Place): Promise<number> {
    const { x, y } = await this.at(place)
    await this.page.evaluate(({ x, y }) => window.probe.lookAt(x, y), { x, y })
    await this.page.keyboard.press(keys)
    return this.page.evaluate(() => window.probe.changed())
  }

  /** Turns the wheel over the middle of the picture: pans. */
  async pan(dx: number, dy: number): Promise<void> {
    const { x, y } = await this.at([0.5, 0.5])
    await this.page.mouse.move(x, y)
    await this.page.mouse.wheel(dx, dy)
  }

  async close(): Promise<void> {
    await this.#context.close()
    await this.server.stop()
  }
}

/** The share of samples that differ by at most `most` from the other frame's; 0 when the canvas had another size. */
function alike({ samples }: DrawnFrame, { samples: other }: DrawnFrame, most: number): number {
  if (samples.length !== other.length) return 0
  return samples.filter((value, i) => Math.abs(value - other[i]!) <= most).length / samples.length
}
