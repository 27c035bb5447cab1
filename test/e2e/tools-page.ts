/** The editor with the sample photograph open, and hands that work on its canvas. */
import { expect, type Locator, type Page } from '@playwright/test'
import sharp from 'sharp'
import { LoopbackProcess } from '../support/loopback-client.ts'

interface Spot {
  readonly x: number
  readonly y: number
}

/** The sample's size, in pixels. */
const SAMPLE = { width: 1280, height: 854 }

export class ToolsPage {
  readonly page: Page
  readonly server: LoopbackProcess
  readonly canvas: Locator
  #box = { x: 0, y: 0, width: 0, height: 0 }

  private constructor(page: Page, server: LoopbackProcess) {
    this.page = page
    this.server = server
    this.canvas = page.getByRole('application', { name: 'Picture' })
  }

  static async open(page: Page): Promise<ToolsPage> {
    const server = await LoopbackProcess.start(['--sample'])
    try {
      await page.goto(server.url.href)
      return await ToolsPage.over(page, server)
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** Takes over a page that shows, or is about to show, the sample. */
  static async over(page: Page, server: LoopbackProcess): Promise<ToolsPage> {
    const tools = new ToolsPage(page, server)
    await tools.ready()
    return tools
  }

  async ready(): Promise<void> {
    await expect(this.canvas).toBeVisible()
    this.#box = (await this.canvas.boundingBox())!
    await expect.poll(() => this.zoom()).toBeLessThan(1)
    await expect.poll(() => this.colourAt({ x: 640, y: 100 }).then(({ b }) => b)).toBeGreaterThan(200)
  }

  close(): Promise<unknown> {
    return this.server.stop()
  }

  /** Where a point of the document is on the page, while the picture is fitted to the window. */
  async at({ x, y }: Spot): Promise<Spot> {
    const zoom = await this.zoom()
    return {
      x: this.#box.x + this.#box.width / 2 + (x - SAMPLE.width / 2) * zoom,
      y: this.#box.y + this.#box.height / 2 + (y - SAMPLE.height / 2) * zoom,
    }
  }

  /** Screen pixels per document pixel, as the status bar says. */
  async zoom(): Promise<number> {
    return Number(await this.page.getByRole('textbox', { name: 'Zoom' }).inputValue()) / 100
  }

  async move(to: Spot): Promise<void> {
    const { x, y } = await this.at(to)
    await this.page.mouse.move(x, y)
  }

  /** Presses, drags through the points of the document and lets go. */
  async drag(points: readonly Spot[], steps = 6): Promise<void> {
    const [first, ...rest] = await Promise.all(points.map((point) => this.at(point)))
    await this.page.mouse.move(first!.x, first!.y)
    await this.page.mouse.down()
    for (const { x, y } of rest) await this.page.mouse.move(x, y, { steps })
    await this.page.mouse.up()
  }

  async choose(tool: string): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Tools' })
      .getByRole('button', { name: tool })
      .first()
      .click()
  }

  /** The labels of the history, oldest first. */
  history(): Promise<string[]> {
    return this.page
      .getByRole('listbox', { name: 'History' })
      .getByRole('option')
      .evaluateAll((rows) =>
        rows.map((row) => row.querySelector('.history-label')?.textContent ?? row.textContent ?? ''),
      )
  }

  async expectHistory(...labels: RegExp[]): Promise<void> {
    await expect.poll(async () => (await this.history()).length).toBe(labels.length)
    const found = await this.history()
    for (const [index, label] of labels.entries()) expect(found[index]).toMatch(label)
  }

  /** What the status bar says is selected. */
  async selected(): Promise<{ width: number; height: number } | null> {
    const [fact] = await this.page.getByText(/^Selected \d+ × \d+$/).allInnerTexts()
    if (fact === undefined) return null
    const [width, height] = fact.match(/\d+/g)!.map(Number)
    return { width: width!, height: height! }
  }

  /** The colours on the screen along a row of the document, one for each CSS pixel. */
  async row(from: Spot, length: number): Promise<{ r: number; g: number; b: number }[]> {
    const { x, y } = await this.at(from)
    const width = Math.round(length * (await this.zoom()))
    const png = await this.page.screenshot({ clip: { x: Math.round(x), y: Math.round(y), width, height: 1 } })
    const data = await sharp(png).removeAlpha().raw().toBuffer()
    return Array.from({ length: width }, (_, i) => ({
      r: data[i * 3]!,
      g: data[i * 3 + 1]!,
      b: data[i * 3 + 2]!,
    }))
  }

  async colourAt(at: Spot): Promise<{ r: number; g: number; b: number }> {
    return (await this.row(at, 2))[0]!
  }
}
