/**
 * What was done, in a small file beside each result: `beach.png.inlay.json`.
 *
 * Invariant: a record says that the result beside it is whole and was made by the request whose hash it holds. It is taken away
 * before a result is written and comes back after, so whatever kills the work, a result without a true record is done again.
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { InlayError } from '../../../shared/errors.ts'
import type { JobOutcome } from '../generation/run-job.ts'
import type { BatchJob } from './item.ts'

/** Goes up where the same request has another meaning. */
const VERSION = 1

interface WrittenRecord {
  readonly version: typeof VERSION
  readonly request: string
  readonly outputs: readonly { readonly file: string; readonly bytes: number }[]
}

export function recordPath(output: string): string {
  return `${output}.inlay.json`
}

/**
 * The hash of all that determines a result: the command, what was given, the picture, its mask, the weights.
 * @param weights the fingerprint of the model and of the LoRAs that the job names
 * @throws InlayError `file.missing`, `file.denied`
 */
export async function requestHash(
  { recipe, input, given, output }: BatchJob,
  weights: unknown,
): Promise<string> {
  const { mask, model, lora, fill, ...rest } = given
  const options = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))
  const text = JSON.stringify([
    VERSION,
    recipe.name,
    options,
    input === null ? null : await digestOf(input),
    mask === undefined ? null : await digestOf(mask),
    weights,
    path.extname(output).toLowerCase(),
  ])
  return createHash('sha256').update(text).digest('hex')
}

/** Whether this very request has been done and its results lie there. */
export async function isDone(output: string, request: string): Promise<boolean> {
  const record = await readRecord(output)
  if (record?.request !== request) return false
  for (const { file, bytes } of record.outputs) {
    const found = await stat(path.join(path.dirname(output), path.basename(file))).catch(() => null)
    if (found?.size !== bytes) return false
  }
  return true
}

export async function forget(output: string): Promise<void> {
  await rm(recordPath(output), { force: true })
}

/** Beside and renamed: a record is whole or not there. */
export async function remember(output: string, request: string, outcome: JobOutcome): Promise<void> {
  const outputs = outcome.outputs.map(({ output: file, ...rest }) => ({ file: path.basename(file), ...rest }))
  const record: WrittenRecord = { version: VERSION, request, outputs }
  const place = recordPath(output)
  const beside = `${place}.${process.pid}.tmp`
  await writeFile(beside, `${JSON.stringify(record, null, 2)}\n`)
  await rename(beside, place)
}

async function readRecord(output: string): Promise<WrittenRecord | null> {
  try {
    const record = JSON.parse(await readFile(recordPath(output), 'utf8')) as WrittenRecord
    return record.version === VERSION && Array.isArray(record.outputs) ? record : null
  } catch {
    return null
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(file), hash)
    return hash.digest('hex')
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    throw new InlayError(
      isMissing ? 'file.missing' : 'file.denied',
      isMissing
        ? `There is no file ${file}; check the name.`
        : `${file} cannot be read; check its permissions.`,
      { cause },
    )
  }
}
