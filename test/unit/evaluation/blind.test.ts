import { expect, test } from 'vitest'
import { placements, readAnswers, sealed, tallies, unsealed } from '../../../scripts/evaluation/blind.ts'

const cases = Array.from({ length: 40 }, (_, i) => i)

test('every case has one place, either side as often, and another seed another order', () => {
  const order = placements(cases, 1)
  expect(order.map(({ one }) => one).sort((a, b) => a - b)).toEqual(cases)
  expect(order.filter(({ model }) => model === 'A')).toHaveLength(20)
  expect(placements(cases, 1)).toEqual(order)
  expect(placements(cases, 2)).not.toEqual(order)
})

const key = [
  { pair: 1, mask: 'a-1.png', coverage: 0.03, model: 'A' },
  { pair: 2, mask: 'b-1.png', coverage: 0.1, model: 'B' },
  { pair: 3, mask: 'c-1.png', coverage: 0.1, model: 'A' },
  { pair: 4, mask: 'd-1.png', coverage: 0.5, model: 'B' },
] as const

test('answers are counted for whoever stood there, by coverage', () => {
  expect(sealed(key).toString('latin1')).not.toContain('a-1.png')
  const answers = readAnswers('1 A\n2 A  a repeated leaf\n\n3 =\n4 B\n')
  expect(tallies(unsealed(sealed(key)), answers)).toEqual([
    { label: '0–5 %', model: 1, other: 0, even: 0 },
    { label: '5–15 %', model: 0, other: 1, even: 1 },
    { label: '40+ %', model: 1, other: 0, even: 0 },
    { label: 'all', model: 2, other: 1, even: 1 },
  ])
})

test('nothing is counted that was not judged, nor twice', () => {
  expect(() => tallies(key, readAnswers('1 A'))).toThrow('Pair 2')
  for (const wrong of ['1 C', 'A 1', '1 A\n1 B', '1 AB'])
    expect(() => readAnswers(wrong)).toThrow('no answer')
})
