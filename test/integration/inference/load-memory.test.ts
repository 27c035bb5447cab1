import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { writeRandom } from '../../bench/inference/random-weights.ts'

const CHILD = fileURLToPath(new URL('../../support/load-memory-child.ts', import.meta.url))
const CONVOLUTIONS = 6

test('a float16 file is held once in float32 while it loads, its heavy convolutions too', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'inlay-load-'))
  try {
    const file = path.join(folder, 'weights.safetensors')
    const layers = Array.from({ length: CONVOLUTIONS }, (_, i) => [
      [`conv.${i}.weight`, [1280, 1280, 3, 3]] as const,
      [`conv.${i}.bias`, [1280]] as const,
    ])
    writeRandom(file, Object.fromEntries(layers.flat()), 'F16', 1)
    const megabytes = Number(
      execFileSync(process.execPath, [CHILD, file, String(CONVOLUTIONS)], { encoding: 'utf8' }),
    )
    const once = (CONVOLUTIONS * 4 * 1280 * 1280 * 9) / 2 ** 20
    // One more is held while it is cast; all of them twice would be 2.
    expect(megabytes / once).toBeGreaterThan(0.9)
    expect(megabytes / once).toBeLessThan(1.5)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
