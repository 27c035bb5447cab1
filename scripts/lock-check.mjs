/** Fails when the lock file lacks an optional package that another one names: `npm ci` would fail there. */
import { readFileSync } from 'node:fs'

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const have = new Set(Object.keys(packages).map((path) => path.split('node_modules/').pop()))
const missing = Object.entries(packages).flatMap(([path, entry]) =>
  Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !have.has(name))
    .map((name) => `${path || '(root)'} names ${name}, which the lock file lacks`),
)
const addressed = Object.entries(packages).filter(([, entry]) => entry.resolved)
for (const line of missing) console.error(line)
if (addressed.length > 0)
  console.error(
    `${addressed.length} packages name the address they came from; keep them out of the lock file.`,
  )
process.exit(missing.length + addressed.length > 0 ? 1 : 0)
