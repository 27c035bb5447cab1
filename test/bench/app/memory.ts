/** What the processes hold with ten layers of 24 megapixels, while a person zooms and pans over them. */
import type { Browser } from 'playwright-core'
import { AppPage } from '../../support/app-page.ts'
import { descendants, held, memoryIsKnown, resetPeak } from '../../support/bench-memory.ts'
import { printTable } from '../../support/bench-table.ts'

const LIMIT = 1024
const PANS = [
  [900, 0],
  [900, 0],
  [0, 700],
  [-900, 0],
  [-900, 0],
  [-900, 0],
  [0, -1400],
  [900, 0],
] as const

export async function measureMemory(browser: Browser, project: string): Promise<void> {
  if (!memoryIsKnown) return console.log('Memory: only Linux tells it.')
  const app = await AppPage.start(browser, [project])
  try {
    await app.page.evaluate(() => window.probe.watch(false))
    const host = descendants(app.server.process.pid!, 'project-host')
    const pages = descendants(process.pid, '--type=renderer')
    const gpu = descendants(process.pid, '--type=gpu-process')
    for (const pids of [host, pages, gpu]) resetPeak(pids)
    await app.idle()
    for (const keys of ['Control+1', 'Control+0', 'Control+1']) {
      await app.page.keyboard.press(keys)
      await app.idle()
    }
    for (const [dx, dy] of PANS) {
      await app.pan(dx, dy)
      await app.page.waitForTimeout(150)
    }
    await app.idle()
    await app.page.keyboard.press('Control+0')
    await app.idle()
    const rows = [
      ['renderer', pages, true],
      ['project host', host, true],
      ['GPU process (here the graphics card)', gpu, false],
    ] as const
    printTable(
      'Memory: ten layers of 24 megapixels, fit, 100 %, pan, fit',
      rows.flatMap(([name, pids, isLimited]) => {
        const { peak, settled } = held(pids)
        return (['peak', 'settled'] as const).map((which) => ({
          what: `${name}, ${which}`,
          values: [which === 'peak' ? peak : settled],
          unit: 'MB' as const,
          ...(isLimited ? { peer: { what: 'allowed', values: [LIMIT] } } : {}),
          ...(isLimited ? { limit: { of: 'ratio' as const, most: 1 } } : {}),
        }))
      }),
    )
  } finally {
    await app.close()
  }
}
