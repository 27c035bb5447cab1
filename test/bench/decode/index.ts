/**
 * Decoding with the original at hand: what the asymmetric decoder costs, what decoding around the hole alone saves, and how
 * long a whole built-in fill takes.
 *
 * `npm run bench -- decode [decoders built-in x-1-5 x-2] [--threads 2] [--model folder]`; x-1-5 and x-2 run when named, because
 * they take minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { benchDecoders } from './decoders.ts'
import { benchFill } from './fill.ts'
import { benchModel } from './model.ts'
import { benchPublished } from './published.ts'

const PUBLISHED = ['x-1-5', 'x-2']
const NAMES = ['decoders', 'built-in', ...PUBLISHED]

export async function run(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { threads: { type: 'string' }, model: { type: 'string' } },
  })
  const unknown = positionals.find((name) => !NAMES.includes(name))
  if (unknown !== undefined) throw new Error(`There is no ${unknown}. Cases: ${NAMES.join(', ')}.`)
  const threads = values.threads === undefined ? availableParallelism() : Number(values.threads)
  const wanted = (name: string) => positionals.length === 0 || positionals.includes(name)
  const scratch = mkdtempSync(path.join(tmpdir(), 'inlay-decode-'))
  try {
    if (wanted('decoders') || wanted('built-in')) {
      const model = await benchModel(values.model, scratch)
      if (wanted('decoders')) await benchDecoders(model, threads)
      if (wanted('built-in')) await benchFill(model, threads, scratch)
    }
    const published = PUBLISHED.filter((name) => positionals.includes(name))
    if (published.length > 0) benchPublished(published, threads, scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
