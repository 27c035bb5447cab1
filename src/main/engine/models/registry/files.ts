/**
 * The files of a model, each with a fingerprint that costs no reading of weights.
 *
 * Invariant: nothing outside the given path is looked at: symbolic links that lead out of a folder are left out (but for those
 * to weights, and those of a hub's cache, whose files all lie in `blobs`), and the walk ends at fixed limits. Of a `.safetensors` file the header is hashed, of any other at most the first mebibyte.
 */
import { createHash } from 'node:crypto'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { InlayError } from '../../../../shared/errors.ts'
import type { InstalledFile } from '../../../../shared/model-manifest.ts'

const MOST_FILES = 2000
const MOST_LEVELS = 4
const BEGINNING = 2 ** 20
const MOST_HEADER = 100_000_000
/** Weights, configurations, tokenizers, licences. */
const WEIGHTS = /\.(safetensors|onnx)$/i
const PICKLES = /\.(ckpt|bin|pt|pth|pkl)$/i
const KINDS = /\.(safetensors|onnx|onnx_data|data|json|txt|md)$/i

/**
 * @param place a model's folder or file
 * @throws InlayError `file.missing`, `file.denied`, `model.unreadable` (a folder with too many files, or no weights),
 *   `model.unsupported` (a pickle, or a file of another kind)
 */
export async function filesOfModel(place: string): Promise<readonly InstalledFile[]> {
  const root = await realpath(place).catch((cause: unknown) => {
    throw new InlayError('file.missing', `There is no ${place}; check the name.`, { cause })
  })
  try {
    if (!(await stat(root)).isDirectory()) {
      refuseForeign(place)
      return [await fingerprint(root, '', place)]
    }
    const names = await walk(root, '', MOST_LEVELS)
    if (names.length > MOST_FILES)
      throw new InlayError(
        'model.unreadable',
        `${place} holds over ${MOST_FILES} files; name the model's own folder.`,
      )
    if (names.length === 0)
      throw new InlayError(
        'model.unreadable',
        `${place} holds no file of a model; name the model's own folder.`,
      )
    const files: InstalledFile[] = []
    for (const name of names.sort()) files.push(await fingerprint(path.join(root, name), name))
    return files
  } catch (error) {
    if (error instanceof InlayError) throw error
    throw new InlayError('file.denied', `${place} may not be read; check its permissions.`, { cause: error })
  }
}

function refuseForeign(place: string): void {
  if (WEIGHTS.test(place)) return
  const why = PICKLES.test(place)
    ? 'is a pickle, which can run any program when opened, so Inlay never opens one'
    : 'is no model file'
  throw new InlayError(
    'model.unsupported',
    `${place} ${why}; get the model as .safetensors or as an ONNX folder.`,
  )
}

async function walk(root: string, inside: string, levels: number): Promise<string[]> {
  const names: string[] = []
  for (const entry of await readdir(path.join(root, inside), { withFileTypes: true })) {
    const name = inside === '' ? entry.name : `${inside}/${entry.name}`
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory()) {
      if (levels > 1) names.push(...(await walk(root, name, levels - 1)))
    } else if (KINDS.test(entry.name) && (entry.isFile() || (await mayFollow(root, name)))) names.push(name)
    if (names.length > MOST_FILES) break
  }
  return names
}

async function mayFollow(root: string, name: string): Promise<boolean> {
  const real = await realpath(path.join(root, name)).catch(() => '')
  const blobs = path.join(root, '..', '..', 'blobs') + path.sep
  const allowed = WEIGHTS.test(name) || real.startsWith(root + path.sep) || real.startsWith(blobs)
  return real !== '' && allowed && (await stat(real)).isFile()
}

/** @param called the name whose ending says what it is: a link's own, not that of what it leads to */
async function fingerprint(file: string, name: string, called = name): Promise<InstalledFile> {
  const handle = await open(file)
  try {
    const { size, mtimeMs } = await handle.stat()
    const start = await readStart(8)
    let wanted = Math.min(size, BEGINNING)
    if (/\.safetensors$/i.test(called) && start.length === 8) {
      const header = start.readBigUInt64LE()
      if (header <= MOST_HEADER) wanted = Math.min(size, 8 + Number(header))
    }
    const digest = createHash('sha256')
      .update(await readStart(wanted))
      .digest('hex')
    return { name, bytes: size, modified: mtimeMs, digest }
  } finally {
    await handle.close()
  }

  async function readStart(length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  }
}
