/** `npm run screenshots`: makes the pictures in docs/ again, from the real application in a real browser. */
import './node-version.mjs'
import { mkdirSync } from 'node:fs'
import { ensureChromium } from './chromium.mjs'
import { ensureBuilt } from './ensure-built.mjs'

const browser = ensureChromium()
ensureBuilt('page')
mkdirSync('docs/pictures', { recursive: true })
const { takeScreenshots } = await import('../test/support/screenshots.ts')
await takeScreenshots('docs/pictures', browser)
