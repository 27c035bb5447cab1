import { expect, test } from 'vitest'
import { MAX_SIZE, MIN_SIZE, stepSize } from '../../../src/renderer/editor/brush-steps.ts'

test.each([
  [1, 1, 2],
  [9, 1, 10],
  [10, 1, 15],
  [12, 1, 15],
  [40, 1, 45],
  [100, 1, 125],
  [1000, 1, 1100],
  [2500, 1, MAX_SIZE],
  [1, -1, MIN_SIZE],
  [10, -1, 9],
  [15, -1, 10],
  [12, -1, 10],
  [50, -1, 45],
  [125, -1, 100],
  [1100, -1, 1000],
] as const)('%s, %s → %s', (size, direction, next) => {
  expect(stepSize(size, direction)).toBe(next)
})

test('up and down again are the same steps', () => {
  const up = [MIN_SIZE]
  while (up.at(-1)! < MAX_SIZE) up.push(stepSize(up.at(-1)!, 1))
  const down = [MAX_SIZE]
  while (down.at(-1)! > MIN_SIZE) down.push(stepSize(down.at(-1)!, -1))
  expect(down.reverse()).toEqual(up)
})
