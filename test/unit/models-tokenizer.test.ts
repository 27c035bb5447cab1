/** The CLIP tokenizer against the reference's ids, against hostile text, and against folders that are none. */
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readTokenizer } from '../../src/main/engine/models/tokenizer/files.ts'
import { temporaryFolder } from '../support/project-folder.ts'

const OWN = fileURLToPath(new URL('../../assets/clip-tokenizer', import.meta.url))
const CASES = fileURLToPath(new URL('../fixtures/golden/tokenizer/cases.json', import.meta.url))

interface Case {
  readonly text: string
  readonly ids: readonly number[]
  readonly padded: readonly number[]
  readonly padded_bang: readonly number[]
}
const golden = JSON.parse(fs.readFileSync(CASES, 'utf8')) as { readonly cases: readonly Case[] }
const sd1 = await readTokenizer(OWN)
const sd2 = await readTokenizer(OWN, { pad: '!' })

test('gives the ids of the reference, plain, padded, and padded with "!"', () => {
  expect(golden.cases.length).toBeGreaterThan(100)
  for (const { text, ids, padded, padded_bang } of golden.cases) {
    const body = sd1.encode(text)
    expect([sd1.startId, ...body, sd1.endId], JSON.stringify(text)).toEqual(ids)
    expect([...sd1.window(body)], JSON.stringify(text)).toEqual(padded)
    expect([...sd2.window(sd2.encode(text))], JSON.stringify(text)).toEqual(padded_bang)
  }
})

test('cuts long text into windows that lose nothing', () => {
  const ids = sd1.encode('a cat and a dog, '.repeat(40))
  const windows = sd1.windows(ids)
  expect(windows).toHaveLength(Math.ceil(ids.length / 75))
  const joined = windows.flatMap((window) => {
    expect(window).toHaveLength(77)
    expect(window[0]).toBe(sd1.startId)
    return [...window.slice(1, window.indexOf(sd1.endId))]
  })
  expect(joined).toEqual(ids)
  expect(sd1.windows([])).toEqual([sd1.window([])])
})

test('takes ten thousand words and one word of a million letters', () => {
  const words = Array.from({ length: 10_000 }, (_, i) => `word${i}`).join(' ')
  expect(sd1.windows(sd1.encode(words)).length).toBeGreaterThan(100)
  const one = sd1.encode('xyzzy'.repeat(200_000))
  expect(one.length).toBeGreaterThan(100_000)
})

test('any string has ids of the vocabulary, the same for its composed and decomposed forms', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const ids = sd1.encode(text)
      for (const id of ids) expect(id >= 0 && id <= sd1.endId).toBe(true)
      expect(sd1.encode(text.normalize('NFD'))).toEqual(sd1.encode(text.normalize('NFC')))
    }),
    { numRuns: 2000, seed: 20_241 },
  )
  expect(sd1.encode('\ud800 lone \udfff')).toEqual(sd1.encode('\ufffd lone \ufffd'))
})

test('reads plain files and tokenizer.json as well, and what is special from beside them', async () => {
  const vocabulary = gunzipSync(fs.readFileSync(path.join(OWN, 'vocab.json.gz'))).toString()
  const merges = gunzipSync(fs.readFileSync(path.join(OWN, 'merges.txt.gz'))).toString()
  const plain = temporaryFolder()
  fs.writeFileSync(path.join(plain, 'vocab.json'), vocabulary)
  fs.writeFileSync(path.join(plain, 'merges.txt'), merges)
  fs.writeFileSync(
    path.join(plain, 'tokenizer_config.json'),
    JSON.stringify({ pad_token: '!', eos_token: { content: '<|endoftext|>' }, model_max_length: 20 }),
  )
  const own = await readTokenizer(plain)
  expect(own.padId).toBe(0)
  expect(own.windowLength).toBe(20)

  const whole = temporaryFolder()
  const lines = merges.split('\n').slice(1).filter(Boolean)
  const model = { vocab: JSON.parse(vocabulary), merges: lines.map((line) => line.split(' ')) }
  fs.writeFileSync(path.join(whole, 'tokenizer.json'), JSON.stringify({ model }))
  const text = 'Ångström, 2 cats!'
  expect((await readTokenizer(whole)).encode(text)).toEqual(sd1.encode(text))
})

test('a folder that holds no tokenizer gets one clear error', async () => {
  const refuses = async (files: Record<string, string>, code: string): Promise<string> => {
    const folder = temporaryFolder()
    for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text)
    const error: unknown = await readTokenizer(folder).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'InlayError', code })
    expect((error as Error).message).toContain(folder)
    return (error as Error).message
  }
  const vocab = JSON.stringify({ a: 0, '<|startoftext|>': 1, '<|endoftext|>': 2 })
  await refuses({}, 'file.missing')
  await refuses({ 'vocab.json': vocab }, 'file.missing')
  await refuses({ 'vocab.json': '[1, 2', 'merges.txt': '' }, 'model.unreadable')
  await refuses({ 'vocab.json': '{"a": -1}', 'merges.txt': '' }, 'model.unreadable')
  await refuses({ 'vocab.json': '{"a": 0}', 'merges.txt': '' }, 'model.unreadable')
  await refuses({ 'vocab.json': vocab, 'merges.txt': 'a\n' }, 'model.unreadable')
  expect(await refuses({ 'vocab.json': vocab, 'merges.txt': 'a q\n' }, 'model.unreadable')).toContain('"q"')
  await refuses({ 'vocab.json.gz': 'no gzip', 'merges.txt': '' }, 'model.unreadable')
})
