/**
 * Reading the small JSON files of a checkpoint: model_index.json, config.json, scheduler_config.json, lists of shards.
 *
 * Invariant: what comes out is one object, read from a regular file of a bounded size that does not nest without end;
 * anything else ends in one `model.unreadable` that names the file. Python writes the bare words NaN, Infinity and
 * -Infinity, which JSON has not: they are read as null and as the infinities.
 */
import { open, realpath, stat } from 'node:fs/promises'
import { InlayError } from '../../../../shared/errors.ts'
import { checkJsonKeys } from '../json-keys.ts'

/** The longest published one, a list of shards, has 0.3 MB. */
const MOST_BYTES = 16 * 2 ** 20

export type JsonObject = Readonly<Record<string, unknown>>

/** @throws InlayError `file.missing`, `file.denied`, `model.unreadable` */
export async function readJson(file: string): Promise<JsonObject> {
  const json = await readJsonIfThere(file)
  if (json) return json
  throw new InlayError('file.missing', `${file} is not there or may not be read.`)
}

/** The same, or undefined where there is no such file. */
export async function readJsonIfThere(file: string): Promise<JsonObject | undefined> {
  const text = await readSmallText(file, MOST_BYTES)
  if (text === undefined) return undefined
  let json: unknown
  try {
    checkJsonKeys(text)
    json = JSON.parse(withoutBareWords(text))
  } catch (cause) {
    throw unreadable(file, `it is no sound JSON (${cause instanceof Error ? cause.message : cause})`, cause)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw unreadable(file, 'it holds no JSON object')
  return json as JsonObject
}

/** A regular file of at most `most` bytes as text, or undefined where it is not there. */
export async function readSmallText(file: string, most: number): Promise<string | undefined> {
  try {
    const real = await realpath(file)
    // Before it is opened: a named pipe would wait for ever.
    const found = await stat(real)
    if (!found.isFile()) throw unreadable(file, 'it is not a file')
    if (found.size > most) throw unreadable(file, `its ${found.size} bytes are more than such a file has`)
    const handle = await open(real)
    try {
      const bytes = await handle.readFile()
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof InlayError) throw cause
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    if (cause instanceof TypeError) throw unreadable(file, 'it is no text in UTF-8', cause)
    throw new InlayError('file.denied', `${file} may not be read; check its permissions.`, { cause })
  }
}

/** Texts are passed over, so a word within one stays. A number that is too large for a double is read as infinite. */
function withoutBareWords(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/gs, (found) =>
    found === 'NaN' ? 'null' : found.endsWith('y') ? found.replace('Infinity', '1e999') : found,
  )
}

function unreadable(file: string, reason: string, cause?: unknown): InlayError {
  return new InlayError('model.unreadable', `${file} cannot be used: ${reason}. Get the file again.`, {
    cause,
  })
}
