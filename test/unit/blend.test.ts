import { describe, expect, test } from 'vitest'
import { BLEND_FORMULAS } from '../../src/shared/blend.ts'
import { BLEND_MODES, type BlendMode } from '../../src/shared/document/model.ts'
import { blend } from '../support/blend-oracle.ts'
import { seeded } from '../support/compose-scene.ts'

type Rgb = readonly [number, number, number]

function ours(mode: BlendMode, b: Rgb, s: Rgb): Rgb {
  const formula = BLEND_FORMULAS[mode]
  if (formula.kind === 'separable')
    return [formula.blend(b[0], s[0]), formula.blend(b[1], s[1]), formula.blend(b[2], s[2])]
  const out = new Float64Array(3)
  formula.blend(...b, ...s, out)
  return [out[0]!, out[1]!, out[2]!]
}

describe('blend modes', () => {
  test('there is a formula for every mode', () => {
    expect(Object.keys(BLEND_FORMULAS).sort()).toEqual([...BLEND_MODES].sort())
  })

  test.each(BLEND_MODES)('%s agrees with the specification and stays in 0..1', (mode) => {
    const seed = 20_261_124
    const random = seeded(seed)
    const component = () => (random() < 0.4 ? Math.round(random() * 4) / 4 : Math.round(random() * 255) / 255)
    const colour = (): Rgb => (random() < 0.1 ? fill(component()) : [component(), component(), component()])
    for (let i = 0; i < 20_000; i++) {
      const b = colour()
      const s = colour()
      const got = ours(mode, b, s)
      const want = blend(mode, b, s)
      for (let c = 0; c < 3; c++) {
        const off = Math.abs(got[c]! - want[c]!)
        if (!(off < 1e-9 && got[c]! > -1e-9 && got[c]! < 1 + 1e-9))
          expect.fail(`seed ${seed}: ${mode}(${b}; ${s}) is ${got}, should be ${want}`)
      }
    }
  })

  // Worked by hand from section 9.2 and 9.3 of the specification.
  test.each<[BlendMode, Rgb, Rgb, Rgb]>([
    ['multiply', [0.5, 1, 0], [0.5, 0.25, 1], [0.25, 0.25, 0]],
    ['screen', [0.5, 1, 0], [0.5, 0.25, 0.75], [0.75, 1, 0.75]],
    ['overlay', [0.25, 0.75, 0.5], [0.5, 0.5, 1], [0.25, 0.75, 1]],
    ['color-dodge', [0, 0.25, 0.5], [1, 0.5, 1], [0, 0.5, 1]],
    ['color-burn', [1, 0.75, 0.5], [0, 0.5, 0], [1, 0.5, 0]],
    ['hard-light', [0.5, 0.5, 0.5], [0.25, 0.5, 1], [0.25, 0.5, 1]],
    ['soft-light', [0.25, 0.0625, 0.5], [0.5, 1, 0], [0.25, 0.20703125, 0.25]],
    ['difference', [0.25, 1, 0], [0.75, 1, 0.5], [0.5, 0, 0.5]],
    ['exclusion', [0.25, 1, 0.5], [0.75, 1, 0.5], [0.625, 0, 0.5]],
    ['luminosity', [0.5, 0.5, 0.5], [1, 0, 0], [0.3, 0.3, 0.3]],
    ['color', [0, 0, 0], [1, 0.5, 0], [0, 0, 0]],
    ['saturation', [1, 0, 0], [0.5, 0.5, 0.5], [0.3, 0.3, 0.3]],
    ['hue', [0.2, 0.2, 0.2], [1, 0, 0], [0.2, 0.2, 0.2]],
  ])('%s by hand', (mode, b, s, want) => {
    const got = ours(mode, b, s)
    for (let c = 0; c < 3; c++) expect(got[c]).toBeCloseTo(want[c]!, 9)
  })
})

function fill(value: number): Rgb {
  return [value, value, value]
}
