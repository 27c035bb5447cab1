/**
 * The fills that Python has, for comparison.
 *
 * Invariant: they get the same pictures with the hole painted over, so none sees the truth. Without Python or its
 * packages there are none, and that is said.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { type Case, HEIGHT, WIDTH } from './cases.ts'
import type { Filled } from './results.ts'

const SCRIPT = fileURLToPath(new URL('peers.py', import.meta.url))
const RAW = { raw: { width: WIDTH, height: HEIGHT } }

/** Fills every case with every fill that this Python has. @param blind each case's picture without its hole */
export async function runPeers(
  python: string,
  cases: readonly Case[],
  blind: readonly Uint8Array[],
): Promise<readonly Filled[]> {
  const folder = mkdtempSync(join(tmpdir(), 'inlay-fill-'))
  try {
    for (const [i, { hole }] of cases.entries()) {
      const path = join(folder, String(i).padStart(3, '0'))
      await sharp(blind[i]!, { raw: { ...RAW.raw, channels: 3 } })
        .png({ compressionLevel: 1 })
        .toFile(`${path}.png`)
      await sharp(hole, { raw: { ...RAW.raw, channels: 1 } })
        .png()
        .toFile(`${path}-mask.png`)
    }
    const { stdout, status, stderr } = spawnSync(python, [SCRIPT, folder], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    if (status !== 0) {
      const reason = stderr?.trim().split('\n').at(-1) ?? 'it did not start'
      console.log(
        `No comparison with Python's fills (${python}: ${reason}). Name one that has them with --python.`,
      )
    }
    const lines = (stdout ?? '').split('\n').filter((line) => line.startsWith('{'))
    return await Promise.all(lines.map((line) => readPeer(folder, line)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function readPeer(folder: string, line: string): Promise<Filled> {
  const { case: name, fill, seconds } = JSON.parse(line) as { case: string; fill: string; seconds: number }
  const rgb = await sharp(join(folder, `${name}-${fill}.png`))
    .removeAlpha()
    .raw()
    .toBuffer()
  return { index: Number(name), fill, seconds, rgb: new Uint8Array(rgb) }
}
