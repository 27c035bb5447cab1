import { expect, test } from 'vitest'
import { frameOf } from '../../../src/renderer/panels/making/candidate-picture.ts'

const area = { x: -10, y: 0, width: 210, height: 100 }

test.each([
  ['in the middle, with some around it', { x: 80, y: 40, width: 40, height: 20 }, { x: 72, y: 22, side: 56 }],
  ['at the edge it stays in the area', { x: -10, y: 80, width: 40, height: 20 }, { x: -10, y: 44, side: 56 }],
  [
    'something tiny is not enlarged without end',
    { x: 50, y: 50, width: 1, height: 1 },
    { x: 28, y: 28, side: 45 },
  ],
  [
    'as long as the area, it is centred across',
    { x: -10, y: 0, width: 210, height: 100 },
    { x: -10, y: -55, side: 210 },
  ],
])('a small picture of a candidate %s', (_, bounds, { x, y, side }) => {
  expect(frameOf({ bounds }, area)).toEqual({ x, y, width: side, height: side })
})
