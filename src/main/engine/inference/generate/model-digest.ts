/**
 * What names a denoiser in a report: its content, wherever it lies.
 *
 * Invariant: two networks with one digest compute the same. An ONNX file's is that of its bytes and of the files that its
 * weights may lie in; it is remembered while this process lives and the files are as they were.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { throwIfCancelled } from '../../../../shared/errors.ts'
import { type Component, componentDigest, type OnnxComponent } from '../../models/index.ts'

const known = new Map<string, string>()

/** @throws InlayError `cancelled`, and as `componentDigest` does */
export async function denoiserDigest(
  denoiser: Component | OnnxComponent,
  dataFolder: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (denoiser.architecture !== 'onnx') return componentDigest(denoiser, dataFolder, signal ? { signal } : {})
  const folder = path.dirname(denoiser.file)
  const names = (await readdir(folder)).filter((name) => /\.(onnx|onnx_data|pb|bin|data)$/.test(name)).sort()
  const stamps: string[] = []
  for (const name of names) {
    const { size, mtimeMs } = await stat(path.join(folder, name))
    stamps.push(`${name} ${size} ${mtimeMs}`)
  }
  const stamp = [folder, ...stamps].join('\n')
  const before = known.get(stamp)
  if (before !== undefined) return before
  const hash = createHash('sha256')
  for (const name of names)
    for await (const piece of createReadStream(path.join(folder, name))) {
      throwIfCancelled(signal)
      hash.update(piece as Buffer)
    }
  const digest = hash.digest('hex')
  known.set(stamp, digest)
  return digest
}
