/**
 * The journey Inlay is for: open a photograph, paint over an unwanted object, remove it, get a layer, close, reopen with the
 * whole history, undo, export; outside the mask every byte is the photograph's.
 */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { type Download, expect, type Page, test } from '@playwright/test'
import sharp from 'sharp'
import { SAMPLE } from '../support/inlay-command.ts'
import { LoopbackProcess } from '../support/loopback-client.ts'
import { HIKERS } from './hikers.ts'
import { ToolsPage } from './tools-page.ts'

/** The mask brush's radius, the removal's grow, and a pixel for antialiasing. */
const REACH = 20 + 4 + 2

interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Buffer
}

async function picture(source: string | Buffer): Promise<Picture> {
  const { data, info } = await sharp(source).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

function distanceToStrokes(x: number, y: number): number {
  let least = Infinity
  for (const stroke of HIKERS)
    for (let i = 1; i < stroke.length; i++) {
      const [a, b] = [stroke[i - 1]!, stroke[i]!]
      const [dx, dy] = [b.x - a.x, b.y - a.y]
      const t = Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1)))
      least = Math.min(least, Math.hypot(x - a.x - t * dx, y - a.y - t * dy))
    }
  return least
}

/** Pixels that differ, near the strokes and away from them, and very dark ones near them (the hikers wear black). */
function compare(before: Picture, after: Picture): { near: number; away: number; dark: number } {
  expect([after.width, after.height]).toEqual([before.width, before.height])
  const count = { near: 0, away: 0, dark: 0 }
  for (let y = 0; y < before.height; y++)
    for (let x = 0; x < before.width; x++) {
      const at = (y * before.width + x) * 3
      const distance = distanceToStrokes(x + 0.5, y + 0.5)
      if (distance < REACH - 8 && after.data[at]! < 60) count.dark++
      const same = [0, 1, 2].every((c) => before.data[at + c] === after.data[at + c])
      if (!same) count[distance > REACH ? 'away' : 'near']++
    }
  return count
}

async function exported(page: Page): Promise<Buffer> {
  await page.keyboard.press('Control+Shift+e')
  const dialog = page.getByRole('dialog', { name: 'Export' })
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Export', exact: true }).click(),
  ])
  await dialog.getByRole('button', { name: 'Close' }).first().click()
  return bytesOf(download)
}

async function bytesOf(download: Download): Promise<Buffer> {
  return readFileSync(await download.path())
}

test('open, paint, remove, close, reopen with the history, undo, export', async ({ page }) => {
  const data = await mkdtemp(path.join(os.tmpdir(), 'inlay-journey-'))
  let server = await LoopbackProcess.start([], data)
  const original = await picture(SAMPLE)

  // A person opens a photograph from the empty state.
  await page.goto(server.url.href)
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: /^Open…/ }).click(),
  ])
  await chooser.setFiles(SAMPLE)
  let tools = await ToolsPage.over(page, server)
  await tools.expectHistory(/Import/)

  // The mask brush is in hand; every stroke is an entry of the history.
  for (const stroke of HIKERS) await tools.drag(stroke)
  await tools.expectHistory(/Import/, ...HIKERS.map(() => /selection/i))
  const hiker = { x: 492, y: 698 }
  await page.keyboard.press('Shift+Delete')
  await page.getByRole('button', { name: /^Apply/ }).waitFor()
  await page.keyboard.press('Enter')
  await tools.expectHistory(/Import/, ...HIKERS.map(() => /selection/i), /Remov/)
  await expect(page.getByRole('treeitem', { name: /Removal/ })).toBeVisible()
  await expect.poll(async () => (await tools.colourAt(hiker)).r).toBeGreaterThan(90)

  // What leaves is the photograph with the hole filled, and nothing else changed (law 2).
  const removed = compare(original, await picture(await exported(page)))
  expect(removed.away).toBe(0)
  expect(removed.near).toBeGreaterThan(3000)
  expect(removed.dark).toBe(0)

  // The window is closed and the whole application ends; the draft is offered again and has its history.
  await page.goto('about:blank')
  await server.stop(true)
  server = await LoopbackProcess.start([], data)
  await page.goto(server.url.href)
  await page.getByRole('button', { name: /^desert-hike/ }).click()
  tools = await ToolsPage.over(page, server)
  await tools.expectHistory(/Import/, ...HIKERS.map(() => /selection/i), /Remov/)
  await expect.poll(async () => (await tools.colourAt(hiker)).r).toBeGreaterThan(90)

  // Undo brings the hikers back, all the way to the photograph.
  for (let i = 0; i <= HIKERS.length; i++) await page.keyboard.press('Control+z')
  await expect.poll(async () => (await tools.colourAt(hiker)).r).toBeLessThan(60)
  expect(compare(original, await picture(await exported(page)))).toMatchObject({ near: 0, away: 0 })

  // And redo takes them away again, with the same pixels as before.
  for (let i = 0; i <= HIKERS.length; i++) await page.keyboard.press('Control+Shift+z')
  expect(compare(original, await picture(await exported(page)))).toEqual(removed)
  await server.stop()
  await rm(data, { recursive: true, force: true })
})
