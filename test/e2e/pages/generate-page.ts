/** The Generate panel, candidates and the comparison of decoders, and hands that work on them. */
import { expect, type Locator, type Page } from '@playwright/test'

export class GeneratePage {
  readonly page: Page
  readonly panel: Locator

  constructor(page: Page) {
    this.page = page
    this.panel = page.getByRole('region', { name: 'Generate' })
  }

  /** Unfolds it by its shortcut. */
  async open(): Promise<void> {
    await this.page.keyboard.press('Control+Enter')
    await expect(this.panel.getByRole('button', { name: 'Generate', exact: true }).first()).toHaveAttribute(
      'aria-expanded',
      'true',
    )
  }

  async choose(list: 'Model' | 'Task' | 'Scheduler', choice: string | RegExp): Promise<void> {
    await this.panel.getByRole('combobox', { name: list }).click()
    await this.page.getByRole('option', { name: choice, exact: typeof choice === 'string' }).click()
  }

  /** What a list offers. */
  async offered(list: 'Model' | 'Task'): Promise<string[]> {
    await this.panel.getByRole('combobox', { name: list }).click()
    const all = await this.page.getByRole('option').allTextContents()
    await this.page.keyboard.press('Escape')
    return all
  }

  async set(field: 'Candidates' | 'Steps' | 'Seed' | 'Padding', value: number): Promise<void> {
    const box = this.panel.getByRole('textbox', { name: field, exact: true })
    await box.fill(String(value))
    await box.press('Enter')
  }

  async unfold(section: 'Sampling' | 'Mask and decoder'): Promise<void> {
    await this.panel.getByText(section, { exact: true }).click()
  }

  get start(): Locator {
    return this.panel.getByRole('button', { name: /^Generate Ctrl/ })
  }

  get candidates(): Locator {
    return this.page.getByRole('toolbar', { name: 'Candidates' }).getByRole('button')
  }

  /** The number of the candidate that is looked at; null while there is none. */
  async chosen(): Promise<number | null> {
    const pressed = await this.candidates.evaluateAll((all) =>
      all.findIndex((each) => each.getAttribute('aria-pressed') === 'true'),
    )
    return pressed < 0 ? null : pressed + 1
  }

  get apply(): Locator {
    return this.page.getByRole('button', { name: /^Apply/ })
  }

  get comparison(): Locator {
    return this.page.getByRole('dialog', { name: 'Compare decoders' })
  }
}
