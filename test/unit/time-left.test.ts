import { expect, test } from 'vitest'
import { TimeLeft } from '../../src/shared/time-left.ts'

test('says nothing at first, then what a steady pace gives', () => {
  const left = new TimeLeft(1000)
  expect(left.after(0, 0)).toBeNull()
  expect(left.after(50, 500)).toBeNull()
  expect(left.after(100, 1000)).toBeCloseTo(9)
  expect(left.after(200, 2000)).toBeCloseTo(8)
  expect(left.after(1000, 10_000)).toBeCloseTo(0)
})

test('begins with what was there before without taking it for speed', () => {
  const left = new TimeLeft(1000)
  left.after(500, 0)
  expect(left.after(600, 2000)).toBeCloseTo(8)
})

test('follows a pace that changes, and does not divide by a standstill', () => {
  const left = new TimeLeft(10_000)
  left.after(0, 0)
  let seconds: number | null = null
  for (let second = 1; second <= 10; second++) seconds = left.after(second * 100, second * 1000)
  expect(seconds).toBeCloseTo(90)
  for (let second = 1; second <= 60; second++) seconds = left.after(1000 + second * 10, (10 + second) * 1000)
  expect(seconds).toBeGreaterThan(700)
  const still = new TimeLeft(10)
  still.after(0, 0)
  expect(still.after(0, 5000)).toBeNull()
})
