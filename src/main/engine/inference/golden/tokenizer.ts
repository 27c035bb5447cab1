/**
 * Golden prompts through the application's own tokenizer.
 *
 * Invariant: a case passes only if every prompt gives exactly the reference's ids: plain, padded, and padded with `!`.
 */
import { readTokenizer } from '../../models/index.ts'
import { compared, type GoldenResult } from './compare.ts'
import { readJson } from './files.ts'

interface Prompt {
  readonly text: string
  readonly ids: readonly number[]
  readonly padded: readonly number[]
  readonly padded_bang: readonly number[]
}

/** @param folder of the application's tokenizer; the error is the number of prompts that gave other ids */
export async function runTokenizerCase(name: string, file: string, folder: string): Promise<GoldenResult> {
  return compared(name, { prompts: 0 }, async () => {
    const { cases } = (await readJson(file)) as { cases: readonly Prompt[] }
    if (cases.length === 0) throw new Error(`${file} holds no prompt`)
    const [plain, bang] = [await readTokenizer(folder), await readTokenizer(folder, { pad: '!' })]
    const wrong = cases.filter(({ text, ids, padded, padded_bang }) => {
      const body = plain.encode(text)
      return (
        String([plain.startId, ...body, plain.endId]) !== String(ids) ||
        String([...plain.window(body)]) !== String(padded) ||
        String([...bang.window(bang.encode(text))]) !== String(padded_bang)
      )
    })
    const count = (value: number) => ({ prompts: { data: Float32Array.of(value), shape: [] } })
    return { found: count(wrong.length), expected: count(0) }
  })
}
