/**
 * A tokenizer's files: `vocab.json` with `merges.txt`, or `tokenizer.json`, and beside them what is special.
 *
 * Invariant: whatever is in the folder, the answer is a tokenizer that works or one error naming the file. Files are read
 * whole only below a limit; a text file may be gzipped (`vocab.json.gz`), as the application's own are.
 */
import { open } from 'node:fs/promises'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { InlayError } from '../../../../shared/errors.ts'
import type { BpeTables } from './bpe.ts'
import { ClipTokenizer, type SpecialTokens } from './tokenizer.ts'

/** The published files have 1 and 0.5 MB; `tokenizer.json` of the largest vocabularies 20 MB. */
const LARGEST_FILE = 64 * 2 ** 20
const LARGEST_ID = 2 ** 20

const Id = z.number().int().min(0).max(LARGEST_ID)
const Vocabulary = z.record(z.string(), Id)
const Token = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
const Config = z.object({
  bos_token: Token.nullish(),
  eos_token: Token.nullish(),
  pad_token: Token.nullish(),
  unk_token: Token.nullish(),
  model_max_length: z.number().nullish(),
})
const Merge = z.union([z.string(), z.tuple([z.string(), z.string()])])
const TokenizerJson = z.object({ model: z.object({ vocab: Vocabulary, merges: z.array(Merge) }) })

/** What CLIP's own files say, for folders that bring no configuration. */
const CLIP: SpecialTokens = {
  start: '<|startoftext|>',
  end: '<|endoftext|>',
  pad: '<|endoftext|>',
  unknown: '<|endoftext|>',
}
const CLIP_WINDOW = 77

/**
 * Reads the tokenizer in a folder: a checkpoint's `tokenizer`, or the application's own.
 * @param given replaces what the folder says; SD 2's and SDXL's second tokenizer pad with `!`, which a single-file checkpoint
 *   cannot say
 * @throws InlayError `file.missing`, `file.denied`, `model.unreadable`
 */
export async function readTokenizer(
  folder: string,
  given: Partial<SpecialTokens> = {},
): Promise<ClipTokenizer> {
  const tables = await readTables(folder)
  const config = {
    ...(await readOptional(folder, 'special_tokens_map.json', Config)),
    ...(await readOptional(folder, 'tokenizer_config.json', Config)),
  }
  const tokens: SpecialTokens = {
    start: config.bos_token ?? CLIP.start,
    end: config.eos_token ?? CLIP.end,
    pad: config.pad_token ?? CLIP.pad,
    unknown: config.unk_token ?? CLIP.unknown,
    ...given,
  }
  // A tokenizer without a limit says so with a number of thirty digits.
  const length = config.model_max_length ?? CLIP_WINDOW
  const windowLength = Number.isInteger(length) && length >= 3 && length <= 4096 ? length : CLIP_WINDOW
  try {
    return new ClipTokenizer(tables, tokens, windowLength)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw unreadable(folder, error.message, error)
  }
}

async function readTables(folder: string): Promise<BpeTables> {
  const vocabulary = await readText(folder, 'vocab.json')
  if (vocabulary === undefined) {
    const whole = await readOptional(folder, 'tokenizer.json', TokenizerJson)
    if (!whole)
      throw new InlayError(
        'file.missing',
        `${folder} has no vocab.json; a tokenizer needs it and merges.txt.`,
      )
    const { vocab, merges } = whole.model
    return {
      vocabulary: new Map(Object.entries(vocab)),
      merges: merges.map((merge) => pairOf(folder, typeof merge === 'string' ? merge.split(' ') : merge)),
    }
  }
  const merges = await readText(folder, 'merges.txt')
  if (merges === undefined)
    throw new InlayError(
      'file.missing',
      `${folder} has no merges.txt; a tokenizer needs it beside vocab.json.`,
    )
  const lines = merges.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#version'))
  return {
    vocabulary: new Map(Object.entries(parse(path.join(folder, 'vocab.json'), vocabulary, Vocabulary))),
    merges: lines.map((line) => pairOf(path.join(folder, 'merges.txt'), line.split(' '))),
  }
}

function pairOf(file: string, parts: readonly string[]): readonly [string, string] {
  const [left, right] = parts
  if (!left || !right || parts.length !== 2)
    throw unreadable(file, `"${parts.join(' ').slice(0, 40)}" is no pair of tokens`)
  return [left, right]
}

async function readOptional<T>(folder: string, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const text = await readText(folder, name)
  return text === undefined ? undefined : parse(path.join(folder, name), text, schema)
}

function parse<T>(file: string, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (error) {
    throw unreadable(file, 'it is not the JSON a tokenizer has', error)
  }
}

/** A text file, or its gzipped form; undefined where neither is there. */
async function readText(folder: string, name: string): Promise<string | undefined> {
  for (const [file, packed] of [
    [path.join(folder, name), false],
    [path.join(folder, `${name}.gz`), true],
  ] as const) {
    const bytes = await readLimited(file)
    if (!bytes) continue
    try {
      return (packed ? gunzipSync(bytes, { maxOutputLength: LARGEST_FILE }) : bytes).toString('utf8')
    } catch (error) {
      throw unreadable(file, 'it is no gzip file, or a damaged one', error)
    }
  }
  return undefined
}

async function readLimited(file: string): Promise<Buffer | undefined> {
  try {
    const handle = await open(file)
    try {
      const { size } = await handle.stat()
      if (size > LARGEST_FILE) throw unreadable(file, `it has ${size} bytes, which no tokenizer needs`)
      return await handle.readFile()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof InlayError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new InlayError('file.denied', `${file} may not be read; check its permissions.`, { cause: error })
  }
}

function unreadable(file: string, reason: string, cause?: unknown): InlayError {
  return new InlayError('model.unreadable', `${file} is no usable tokenizer: ${reason}; download it again.`, {
    cause,
  })
}
