#!/usr/bin/env node
import '../../../scripts/node-version.mjs'
import '../../../scripts/compile-cache.mjs'

// Node strips the types itself from 22.18 on; before that it has to be asked, which only a new process can be.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major > 22 || minor >= 18) {
  await import('./main.ts')
} else {
  const { spawnSync } = await import('node:child_process')
  const { fileURLToPath } = await import('node:url')
  const main = fileURLToPath(new URL('./main.ts', import.meta.url))
  const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning']
  const { status } = spawnSync(process.execPath, [...flags, main, ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
}
