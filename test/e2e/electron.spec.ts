import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { _electron as electron, expect, test } from '@playwright/test'
import { ensureBuilt } from '../../scripts/ensure-built.mjs'
import { electronBinary } from '../../scripts/ensure-electron.mjs'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

test('the Electron window opens the sample, removes something and closes properly', async () => {
  const binary = electronBinary()
  if (!binary) {
    // Reported and passed: the rest of Electron is tested with a stand-in, and this where the binary is.
    console.log('skipped: no Electron binary')
    test.info().annotations.push({ type: 'skipped', description: 'no Electron binary' })
    return
  }
  ensureBuilt('app')
  const data = await mkdtemp(path.join(os.tmpdir(), 'inlay-test-electron-'))
  const app = await electron.launch({
    executablePath: binary,
    args: [
      ROOT,
      '--sample',
      `--user-data-dir=${data}`,
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ],
  })
  try {
    const page = await app.firstWindow()
    expect(page.url()).toBe('inlay://app/')
    const picture = page.getByRole('application', { name: 'Picture' })
    await expect(picture).toBeVisible()
    await expect(page.getByRole('treeitem')).toHaveCount(1)
    expect(
      await page.evaluate(() => Object.keys(window).filter((key) => /^(require|process|module)$/.test(key))),
    ).toEqual([])

    const box = (await picture.boundingBox())!
    await page.keyboard.press('q')
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width / 2 + 30, box.y + box.height / 2 + 10, { steps: 5 })
    await page.mouse.up()
    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('button', { name: 'Apply', exact: true }).click()
    await expect(page.getByRole('treeitem')).toHaveCount(2)

    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents
      return (contents as unknown as { getLastWebPreferences(): object }).getLastWebPreferences()
    })
    expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false })
  } finally {
    await app.close()
    await rm(data, { recursive: true, force: true })
  }
})
