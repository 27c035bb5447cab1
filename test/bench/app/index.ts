/**
 * The application as its users meet it: starting, opening, painting, going back, and the memory it takes.
 *
 * Everything runs in a real Chromium over the loopback host. On a machine without a graphics card Chromium draws on the
 * processor, in its GPU process: then frames are slow and that process holds what a graphics card would.
 *
 * `npm run bench -- app [--only launch,open,strokes,memory,import]`
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { withBrowser } from '../../support/bench-browser.ts'
import { heavyProject } from '../../support/bench-project.ts'
import { measureImport } from './import-memory.ts'
import { measureLaunch } from './launch.ts'
import { measureMemory } from './memory.ts'
import { measureOpening, measureReopening } from './opening.ts'
import { measureStrokes } from './strokes.ts'

const PARTS = ['launch', 'open', 'strokes', 'memory', 'import'] as const

export async function run(args: string[]): Promise<void> {
  const at = args.indexOf('--only')
  const only = new Set(at < 0 ? PARTS : (args[at + 1] ?? '').split(','))
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'inlay-bench-'))
  try {
    if (only.has('import')) await measureImport(folder)
    await withBrowser(async (browser) => {
      if (only.has('launch')) await measureLaunch(browser)
      if (only.has('open')) await measureOpening(browser)
      if (!['open', 'strokes', 'memory'].some((part) => only.has(part))) return
      const heavy = await heavyProject(folder)
      if (only.has('strokes')) await measureStrokes(browser, heavy)
      if (only.has('memory')) await measureMemory(browser, heavy)
      if (!only.has('open')) return
      await measureReopening(browser, heavy)
    })
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
