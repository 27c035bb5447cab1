import AxeBuilder from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { EditorPage } from './editor-page.ts'

let editor: EditorPage
test.afterEach(() => editor.stop())

/** What axe finds wrong, as short lines: the rule and the elements. */
async function problems(page: Page): Promise<string[]> {
  // Base UI sends the focus on from these at once; nobody ever stays on one.
  const { violations } = await new AxeBuilder({ page }).exclude('[data-base-ui-focus-guard]').analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html}`),
  )
}

for (const theme of ['dark', 'light'] as const) {
  test.describe(`axe, ${theme}`, () => {
    test.use({ colorScheme: theme })

    test('the start screen, with drafts', async ({ page }) => {
      editor = await EditorPage.withSample(page)
      await editor.menu('File', 'Close')
      await expect(page.getByRole('region', { name: 'Continue where you left off' })).toBeVisible()
      expect(await problems(page)).toEqual([])
    })

    test('the editor while nothing, a mask, a removal and a result are there', async ({ page }) => {
      editor = await EditorPage.withSample(page)
      expect(await problems(page)).toEqual([])
      await page.keyboard.press('Control+Shift+N')
      await page.keyboard.press('Control+Shift+N')
      await page.keyboard.press('Control+G')
      await editor.button('Add mask').click()
      await page.keyboard.press('Control+Z')
      await page.keyboard.press('Control+Z')
      await editor.button('Hide Layer 1').click()
      await expect(editor.history.locator('[data-state=branch]').first()).toBeVisible()
      await editor.paintMask()
      expect(await problems(page)).toEqual([])
      await page.keyboard.press('Control+Enter')
      await expect(page.getByText('Looking for models…')).toHaveCount(0)
      expect(await problems(page)).toEqual([])
      await page.keyboard.press('Shift+Delete')
      await expect(editor.button(/^Apply/)).toBeVisible({ timeout: 60_000 })
      expect(await problems(page)).toEqual([])
      await page.keyboard.press('Enter')
      await editor.drop('notes.png', 'image/png', Buffer.from('this is no picture'))
      await expect(editor.button('Close this message')).toBeVisible()
      expect(await problems(page)).toEqual([])
    })

    test('menus, lists and popovers', async ({ page }) => {
      editor = await EditorPage.withSample(page)
      await page.getByRole('menuitem', { name: 'View', exact: true }).click()
      await expect(page.getByRole('menu')).toBeVisible()
      expect(await problems(page)).toEqual([])
      await page.keyboard.press('Escape')
      await editor.layer('desert-hike').click({ button: 'right' })
      await expect(page.getByRole('menu')).toBeVisible()
      expect(await problems(page)).toEqual([])
      await page.keyboard.press('Escape')
      await page.getByRole('combobox', { name: 'Blend mode' }).click()
      await expect(page.getByRole('option', { name: 'Screen' })).toBeVisible()
      expect(await problems(page)).toEqual([])
      await page.keyboard.press('Escape')
      await editor.button('Stroke').click()
      await expect(page.getByRole('dialog')).toBeVisible()
      expect(await problems(page)).toEqual([])
      await page.keyboard.press('Escape')
      await editor.button(/^Foreground colour/).click()
      await expect(page.getByRole('dialog')).toBeVisible()
      expect(await problems(page)).toEqual([])
    })

    test('every tool’s options and every dialog', async ({ page }) => {
      editor = await EditorPage.withSample(page)
      for (const key of ['v', 'm', 'c', 'b', 'i', 'z']) {
        await page.keyboard.press(key)
        expect(await problems(page)).toEqual([])
      }
      await page.keyboard.press('Control+A')
      const dialogs: (() => Promise<void>)[] = [
        () => page.keyboard.press('Control+Alt+n'),
        () => page.keyboard.press('Control+Shift+e'),
        () => page.keyboard.press('Control+Shift+s'),
        () => page.keyboard.press('Control+Alt+c'),
        () => page.keyboard.press('Shift+F6'),
        () => page.keyboard.press('?'),
        () => page.keyboard.press('Control+k'),
        () => editor.menu('Help', 'About Inlay'),
      ]
      for (const open of dialogs) {
        await open()
        await expect(page.getByRole('dialog')).toBeVisible()
        expect(await problems(page)).toEqual([])
        await page.keyboard.press('Escape')
        await expect(page.getByRole('dialog')).toHaveCount(0)
      }
    })
  })
}

test('nothing moves for those who asked for that', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  editor = await EditorPage.withSample(page)
  await page.keyboard.press('?')
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')]
      .filter((element) => {
        const { animationName, transitionDuration } = getComputedStyle(element)
        return (
          animationName !== 'none' ||
          transitionDuration.split(',').some((time) => Number.parseFloat(time) > 0)
        )
      })
      .map((element) => element.className),
  )
  expect(moving).toEqual([])
})

test('the main journey goes by keyboard alone but for the painting', async ({ page }) => {
  editor = await EditorPage.start(page)
  await expect(editor.button(/Sample photograph/)).toBeVisible()
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab')
    if (await editor.button(/Sample photograph/).evaluate((element) => element === document.activeElement))
      break
  }
  await page.keyboard.press('Enter')
  await editor.shown()
  await editor.paintMask()
  await page.keyboard.press('Shift+Delete')
  await expect(editor.button(/^Apply/)).toBeVisible({ timeout: 60_000 })
  await page.keyboard.press('Enter')
  await expect.poll(() => editor.stack()).toEqual(['Removal', 'desert-hike'])
})
