import { expect, test } from 'vitest'
import { cancellable } from '../../../../src/main/engine/inference/evaluate/networks.ts'

test('after a cancel no network starts, and what runs on meanwhile is not used', async () => {
  const abort = new AbortController()
  let runs = 0
  const network = cancellable(
    {
      async run(inputs) {
        runs++
        if (runs === 2) abort.abort()
        return inputs
      },
    },
    abort.signal,
  )
  const inputs = { x: { data: new Float32Array(1), shape: [1] } }
  expect(await network.run(inputs)).toEqual(inputs)
  await expect(network.run(inputs)).rejects.toMatchObject({ code: 'cancelled' })
  await expect(network.run(inputs)).rejects.toMatchObject({ code: 'cancelled' })
  expect(runs).toBe(2)
})
