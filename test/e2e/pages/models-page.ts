/** The Models dialog, and hands that work on it. */
import { expect, type Locator, type Page } from '@playwright/test'

export class ModelsPage {
  readonly page: Page
  readonly dialog: Locator

  constructor(page: Page) {
    this.page = page
    this.dialog = page.getByRole('dialog', { name: 'Models' })
  }

  /** Opens it from the menu bar. */
  async open(): Promise<void> {
    await this.page.getByRole('menubar').getByRole('menuitem', { name: 'File', exact: true }).click()
    await this.page.getByRole('menuitem', { name: 'Models…' }).click()
    await expect(this.dialog).toBeVisible()
  }

  async close(): Promise<void> {
    await this.page.keyboard.press('Escape')
    await expect(this.dialog).toHaveCount(0)
  }

  async tab(name: 'On this computer' | 'From a hub'): Promise<void> {
    await this.dialog.getByRole('tab', { name }).click()
  }

  get error(): Locator {
    return this.dialog.getByRole('alert')
  }

  get path(): Locator {
    return this.dialog.getByLabel('Path of a file or folder')
  }

  button(name: string | RegExp): Locator {
    return this.dialog.getByRole('button', { name, exact: typeof name === 'string' })
  }

  /** The line of a model on the list. */
  model(name: string): Locator {
    return this.dialog.getByRole('button', { name: new RegExp(`^${name}\\b`) })
  }

  async add(path: string): Promise<void> {
    await this.path.fill(path)
    await this.path.press('Enter')
  }

  /** Values of the facts of the opened model, by their names. */
  async facts(): Promise<Record<string, string>> {
    const rows = await this.dialog
      .locator('.fact-row')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? '')))
    return Object.fromEntries(rows as [string, string][])
  }

  async lookUp(name: string): Promise<void> {
    await this.dialog.getByLabel('Name', { exact: true }).fill(name)
    await this.button('Look it up').click()
  }

  async accept(): Promise<void> {
    await this.dialog.getByRole('checkbox', { name: 'I have read the licence and accept it' }).click()
  }
}
