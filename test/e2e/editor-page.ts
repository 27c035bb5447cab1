/** The window and its panels, and hands that work on them. */
import { expect, type Locator, type Page } from '@playwright/test'
import { LoopbackProcess } from '../support/loopback-client.ts'

export class EditorPage {
  readonly page: Page
  readonly server: LoopbackProcess
  /** What the browser complained about: blocked styles and scripts, errors nobody caught. */
  readonly complaints: string[] = []

  private constructor(page: Page, server: LoopbackProcess) {
    this.page = page
    this.server = server
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
  }

  static async start(page: Page, args: readonly string[] = [], data?: string): Promise<EditorPage> {
    const server = await LoopbackProcess.start(args, data)
    const editor = new EditorPage(page, server)
    await page.goto(server.url.href)
    await expect(page.getByRole('menubar')).toBeVisible()
    return editor
  }

  static async withSample(page: Page): Promise<EditorPage> {
    const editor = await EditorPage.start(page, ['--sample'])
    await editor.shown()
    return editor
  }

  /** A picture is open and its fit to the window is known. */
  async shown(): Promise<void> {
    await expect(this.canvas).toBeVisible()
    await expect(this.page.getByRole('treeitem').first()).toBeVisible()
    await expect.poll(() => this.page.getByLabel('Zoom', { exact: true }).inputValue()).not.toBe('100')
  }

  stop(): Promise<unknown> {
    return this.server.stop()
  }

  get canvas(): Locator {
    return this.page.getByRole('application', { name: 'Picture' })
  }

  get layers(): Locator {
    return this.page.getByRole('treeitem')
  }

  layer(name: string): Locator {
    return this.page.getByRole('treeitem', { name: new RegExp(`^${name},`) })
  }

  /** Names of the layers from the top, indented by their depth. */
  stack(): Promise<string[]> {
    return this.layers.evaluateAll((rows) =>
      rows.map(
        (row) =>
          '  '.repeat(Number(row.getAttribute('aria-level')) - 1) +
          (row.querySelector('.layer-name')?.textContent ?? ''),
      ),
    )
  }

  get history(): Locator {
    return this.page.getByRole('listbox', { name: 'History' })
  }

  historyLabels(): Promise<string[]> {
    return this.history.locator('.history-label').allTextContents()
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: typeof name === 'string' })
  }

  /** Chooses from the menu bar. */
  async menu(menu: string, item: string | RegExp): Promise<void> {
    await this.page.getByRole('menubar').getByRole('menuitem', { name: menu, exact: true }).click()
    const items = this.page.getByRole('menu')
    const exact = typeof item === 'string'
    await items
      .getByRole('menuitem', { name: item, exact })
      .or(items.getByRole('menuitemcheckbox', { name: item, exact }))
      .click()
  }

  /** A stroke across the canvas, in fractions of its width and height. */
  async stroke(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const box = (await this.canvas.boundingBox())!
    const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const
    await this.page.mouse.move(...at(from))
    await this.page.mouse.down()
    await this.page.mouse.move(...at(to), { steps: 8 })
    await this.page.mouse.up()
  }

  /** Paints over the hikers of the sample, as a mask. */
  async paintMask(): Promise<void> {
    await this.stroke([0.31, 0.83], [0.43, 0.78])
    await expect(this.page.getByText(/^Painted area/)).toBeVisible()
  }

  /** Puts a file on the window, as from the desktop. */
  async drop(name: string, type: string, bytes: Buffer): Promise<void> {
    const data = await this.page.evaluateHandle(
      ([name, type, base64]) => {
        const transfer = new DataTransfer()
        const content = Uint8Array.from(atob(base64!), (c) => c.charCodeAt(0))
        transfer.items.add(new File([content], name!, { type: type! }))
        return transfer
      },
      [name, type, bytes.toString('base64')],
    )
    await this.page.dispatchEvent('body', 'dragenter', { dataTransfer: data })
    await this.page.dispatchEvent('body', 'drop', { dataTransfer: data })
  }
}
