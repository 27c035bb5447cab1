/** The attention grammar against the reference's reading, and prompts cut into windows of weighted tokens. */
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runPromptsCase } from '../../../src/main/engine/inference/golden/prompts.ts'
import { parsePrompt } from '../../../src/main/engine/inference/prompt-weights.ts'
import {
  applyWeights,
  promptWindows,
  withWindows,
} from '../../../src/main/engine/inference/prompt-windows.ts'
import { readTokenizer } from '../../../src/main/engine/models/tokenizer/files.ts'

const CASES = fileURLToPath(new URL('../../fixtures/golden/prompts/weights.json', import.meta.url))
const TOKENIZER = fileURLToPath(new URL('../../../assets/clip-tokenizer', import.meta.url))
const sd1 = await readTokenizer(TOKENIZER)
const sd2 = await readTokenizer(TOKENIZER, { pad: '!' })

describe('the attention grammar', () => {
  const golden = JSON.parse(fs.readFileSync(CASES, 'utf8')) as {
    cases: { prompt: string; expected: { text?: string; weight?: number; break?: true }[] }[]
  }

  it.each(golden.cases)('reads $prompt', ({ prompt, expected }) => {
    const close = expected.map((part) =>
      part.break ? part : { text: part.text, weight: expect.closeTo(part.weight!, 6) },
    )
    expect(parsePrompt(prompt)).toEqual(close)
  })

  it('passes as a golden case, and fails where a prompt is read otherwise', async () => {
    expect(await runPromptsCase('prompts/weights', CASES)).toMatchObject({ outcome: 'passed' })
    expect(await runPromptsCase('prompts/none', `${CASES}.none`)).toMatchObject({ outcome: 'failed' })
  })

  it('loses no text, and reads back what is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const escaped = text.replace(/[()[\]\\]/g, (sign) => `\\${sign}`)
        const parts = parsePrompt(escaped)
        // BREAK and the white space around it are the only things that go.
        fc.pre(!text.includes('BREAK'))
        expect(JSON.stringify(parts)).toBe(JSON.stringify([{ text, weight: 1 }]))
      }),
      { numRuns: 2000, seed: 20_251 },
    )
  })

  it('takes any nesting of brackets within its limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('(', ')', '[', ']', ':1.2)', ':', '\\', 'a', ' ', 'BREAK'), {
          maxLength: 60,
        }),
        (signs) => {
          for (const part of parsePrompt(signs.join('')))
            expect('break' in part || Number.isFinite(part.weight)).toBe(true)
        },
      ),
      { numRuns: 3000, seed: 20_252 },
    )
  })

  it('refuses a book and a weight that would drown all the rest', () => {
    const usage = expect.objectContaining({ code: 'usage' })
    expect(() => parsePrompt('word '.repeat(10_000))).toThrow(usage)
    expect(() => parsePrompt('(cat:1001)')).toThrow(usage)
    expect(() => parsePrompt(`${'('.repeat(200)}cat`)).toThrow(usage)
    expect(parsePrompt('(cat:1000)')).toEqual([{ text: 'cat', weight: 1000 }])
  })
})

describe('windows', () => {
  it('hold a short prompt as the tokenizer pads it', () => {
    for (const [tokenizer, padding] of [
      [sd1, 49407],
      [sd2, 0],
    ] as const) {
      const [window, ...rest] = promptWindows(tokenizer, 'a (cat:1.3)')
      expect(rest).toEqual([])
      expect([...window!.ids.subarray(0, 5)]).toEqual([49406, 320, 2368, 49407, padding])
      expect([...window!.weights.subarray(0, 5)].map((w) => w.toFixed(1))).toEqual([
        '1.0',
        '1.0',
        '1.3',
        '1.0',
        '1.0',
      ])
      expect(window!.ids).toHaveLength(77)
    }
    expect(promptWindows(sd1, '')).toEqual([{ ids: sd1.window([]), weights: new Float32Array(77).fill(1) }])
  })

  it('lose no token and no weight of a long one', () => {
    const text = Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0 ? `(lamp:0.${1 + (i % 9)})` : 'green tree',
    ).join(' ')
    const windows = promptWindows(sd1, text)
    const expected = parsePrompt(text).flatMap((part) =>
      'text' in part ? sd1.encode(part.text).map((id) => [id, Math.fround(part.weight)]) : [],
    )
    expect(windows).toHaveLength(Math.ceil(expected.length / 75))
    const found = windows.flatMap(({ ids, weights }) => {
      const end = ids.indexOf(sd1.endId)
      expect(weights.subarray(end).every((weight) => weight === 1)).toBe(true)
      return Array.from(ids.subarray(1, end), (id, i) => [id, weights[i + 1]!])
    })
    expect(found).toEqual(expected)
  })

  it('end at BREAK, also empty ones, and at 75 tokens once', () => {
    const lengths = (prompt: string) =>
      promptWindows(sd1, prompt).map(({ ids }) => ids.indexOf(sd1.endId) - 1)
    expect(lengths('a cat BREAK a dog and')).toEqual([2, 3])
    expect(lengths('a BREAK BREAK b')).toEqual([1, 0, 1])
    expect(lengths('BREAK')).toEqual([0])
    expect(lengths(`${'a '.repeat(75)}BREAK b`)).toEqual([75, 1])
    expect(lengths('a '.repeat(76))).toEqual([75, 1])
  })

  it('are ten at the most', () => {
    expect(promptWindows(sd1, 'a '.repeat(750))).toHaveLength(10)
    for (const prompt of ['a '.repeat(751), 'BREAK '.repeat(11), 'word '.repeat(10_000)])
      expect(() => promptWindows(sd1, prompt)).toThrow(
        expect.objectContaining({ code: 'usage', message: expect.stringMatching(/shorten it/) }),
      )
  })

  it('are filled up with empty ones beside a longer prompt', () => {
    const windows = withWindows(sd2, promptWindows(sd2, 'a'), 3)
    expect(windows).toHaveLength(3)
    expect(windows[2]!.ids).toEqual(sd2.window([]))
    expect(withWindows(sd2, windows, 1)).toEqual(windows)
  })
})

describe('weighted embeddings', () => {
  const embeddings = Float32Array.from({ length: 5 * 8 }, (_, i) => Math.sin(i * 3.1) - 0.2)
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length

  it('keep their mean and the proportions of the weights', () => {
    const weights = Float32Array.of(1, 1.5, 0.5, 1, 1)
    const weighted = applyWeights(embeddings, weights)
    expect(mean(weighted)).toBeCloseTo(mean(embeddings), 6)
    const scale = weighted[0]! / embeddings[0]!
    for (const [i, value] of weighted.entries())
      expect(value).toBeCloseTo(embeddings[i]! * weights[Math.floor(i / 8)]! * scale, 5)
  })

  it('are themselves where nothing is weighted, and finite where everything is taken away', () => {
    expect(applyWeights(embeddings, new Float32Array(5).fill(1))).toBe(embeddings)
    expect(applyWeights(embeddings, new Float32Array(5)).every((value) => value === 0)).toBe(true)
    expect(() => applyWeights(embeddings, new Float32Array(7))).toThrow(RangeError)
  })
})
