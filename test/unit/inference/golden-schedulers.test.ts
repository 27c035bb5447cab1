/** Every scheduler case of the golden fixtures, within its own tolerance at every step. */
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { SchedulerCases } from '../../../src/main/engine/inference/golden/schedulers.ts'

const FOLDER = fileURLToPath(new URL('../../fixtures/golden/schedulers', import.meta.url))
const runner = new SchedulerCases()
const files = fs
  .readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -5))

interface File {
  readonly cases: readonly { readonly name: string }[]
  readonly add_noise?: object
}

test.each(files)('%s: every case follows the reference', async (file) => {
  const pair = [`${FOLDER}/${file}.json`, `${FOLDER}/${file}.safetensors`]
  const { cases, add_noise } = JSON.parse(fs.readFileSync(pair[0]!, 'utf8')) as File
  expect(cases.length).toBeGreaterThan(7)
  const names = [...cases.map((one) => one.name), ...(add_noise ? ['add-noise', 'cuts'] : [])]
  const results = []
  for (const name of names) results.push(await runner.run(`schedulers/${file}/${name}`, pair))
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
})

test('a trajectory that strays, a missing one and a missing case fail', async () => {
  const pair = (file: string) => [`${FOLDER}/${file}.json`, `${FOLDER}/${file}.safetensors`]
  const [json] = pair('euler')
  const other = [json!, `${FOLDER}/ddim.safetensors`]
  for (const [name, files] of [
    ['epsilon-linspace-7', other],
    ['karras-7', other],
    ['no-such-case', pair('euler')],
  ] as const)
    expect(await runner.run(`schedulers/euler/${name}`, files)).toMatchObject({ outcome: 'failed' })
})
