/**
 * `npm run golden -- <folder>`: runs every case of a folder of golden fixtures and prints one line for each.
 * Exit status: 0 when every case that ran passed, 1 when one failed, none ran or the folder has no manifest, 2 for usage.
 */
import './node-version.mjs'
import { fileURLToPath } from 'node:url'

const [folder, ...rest] = process.argv.slice(2)
if (folder === undefined || rest.length > 0) {
  console.error('Usage: npm run golden -- <folder of golden fixtures>')
  process.exit(2)
}
const { runGolden } = await import('../src/main/engine/inference/golden/golden.ts')
const tokenizer = fileURLToPath(new URL('../assets/clip-tokenizer', import.meta.url))
const counts = { passed: 0, failed: 0, 'not built yet': 0 }
try {
  for await (const { name, outcome, error, tolerance, detail } of runGolden(folder, tokenizer)) {
    counts[outcome]++
    const numbers =
      outcome === 'not built yet'
        ? ''
        : ` ${error.toExponential(1)} of ${tolerance.toExponential(1)} (${detail})`
    console.log(`${outcome.padEnd(13)} ${name}${numbers}`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
console.log(`${counts['not built yet']} not built yet`)
console.log(`${counts.passed} passed, ${counts.failed} failed`)
if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1
