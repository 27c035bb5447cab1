import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runGolden } from '../../../src/main/engine/inference/golden.ts'
import type { GoldenResult } from '../../../src/main/engine/inference/golden-compare.ts'

const FOLDER = fileURLToPath(new URL('../../fixtures/golden', import.meta.url))
const TOKENIZER = fileURLToPath(new URL('../../../assets/clip-tokenizer', import.meta.url))

test('every case of the folder computes what its reference computes', async () => {
  const results: GoldenResult[] = []
  for await (const result of runGolden(FOLDER, TOKENIZER)) results.push(result)
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
  expect(results.filter(({ outcome }) => outcome === 'passed').length).toBe(74)
}, 180_000)

test('a folder without a manifest is an error that says so', async () => {
  await expect(runGolden(fileURLToPath(new URL('.', import.meta.url)), TOKENIZER).next()).rejects.toThrow(
    /manifest\.json/,
  )
})
