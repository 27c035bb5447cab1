/**
 * `npm run bench`: every benchmark, or those named first: `npm run bench -- fill --photos folder`. What follows the names goes
 * to the benchmarks: options, or what one of them knows by name (`npm run bench -- inference unet`).
 * A benchmark is a folder in test/bench with an index.ts that exports `run(args)`; it prints its own table.
 */
import './node-version.mjs'
import './compile-cache.mjs'
import { existsSync, readdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

const folder = new URL('../test/bench/', import.meta.url)
const all = readdirSync(folder).filter((name) => existsSync(new URL(`${name}/index.ts`, folder)))
const args = process.argv.slice(2)
const named = args.findIndex((arg) => !all.includes(arg))
const names = named < 0 ? args : args.slice(0, named)
const rest = named < 0 ? [] : args.slice(named)
if (names.length === 0 && rest.length > 0 && !rest[0].startsWith('-')) {
  console.error(`There is no benchmark ${rest[0]}. Benchmarks: ${all.join(', ')}.`)
  process.exit(2)
}

console.log(
  `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${(totalmem() / 1e9).toFixed(0)} GB, Node ${process.versions.node}, ${process.platform}-${process.arch}`,
)
for (const name of names.length > 0 ? names : all) {
  console.log(`\n== ${name}`)
  const { run } = await import(new URL(`${name}/index.ts`, folder))
  await run(rest)
}
