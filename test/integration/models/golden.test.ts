import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type GoldenResult, runGolden } from '../../../src/main/engine/inference/golden.ts'

const FOLDER = fileURLToPath(new URL('../../fixtures/golden', import.meta.url))

test('every component computes what its reference computes', async () => {
  const results: GoldenResult[] = []
  for await (const result of runGolden(FOLDER)) results.push(result)
  expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([])
  expect(results.filter(({ outcome }) => outcome === 'passed').length).toBe(57)
}, 180_000)

test('a folder without a manifest is an error that says so', async () => {
  await expect(runGolden(fileURLToPath(new URL('.', import.meta.url))).next()).rejects.toThrow(
    /manifest\.json/,
  )
})
