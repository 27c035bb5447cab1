import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHex, toHex, toHsv, toRgb } from '../../../src/renderer/editor/colour.ts'

test('known colours', () => {
  expect(toHsv({ r: 1, g: 0, b: 0 })).toEqual({ h: 0, s: 1, v: 1 })
  expect(toHsv({ r: 0, g: 0, b: 1 })).toEqual({ h: 240, s: 1, v: 1 })
  expect(toHsv({ r: 0.5, g: 0.5, b: 0.5 }, 200)).toEqual({ h: 200, s: 0, v: 0.5 })
  expect(toRgb({ h: 120, s: 1, v: 1 })).toEqual({ r: 0, g: 1, b: 0 })
  expect(toRgb({ h: 360, s: 1, v: 1 })).toEqual({ r: 1, g: 0, b: 0 })
  expect(parseHex('#fff')).toEqual({ r: 1, g: 1, b: 1 })
  expect(parseHex('12345')).toBeNull()
})

test('hexadecimal and HSV come back as they went', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffff }), (n) => {
      const text = `#${n.toString(16).padStart(6, '0')}`
      const rgb = parseHex(text)
      expect(rgb && toHex(toRgb(toHsv(rgb)))).toBe(text)
    }),
  )
})
