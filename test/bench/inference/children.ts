/** Measurements in a process of their own, so that none sees the memory or the warm caches of another. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs one of this folder's children; its last line is its result. */
export function runChild<Result>(name: string, args: readonly string[]): Result {
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  if (status !== 0) throw new Error(`${name} failed: ${stderr.trim() || `status ${status}`}`)
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Result
}
