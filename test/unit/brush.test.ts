import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accumulate,
  createDabber,
  DAB_GLSL,
  type Dab,
  dabCoverage,
  dabReach,
  strokeDabs,
} from '../../src/shared/brush.ts'
import { type Brush, DEFAULT_BRUSH, type StrokeSample } from '../../src/shared/stroke.ts'

const plain: Brush = { ...DEFAULT_BRUSH, smoothing: 0, pressureSize: false }

function line(length: number, count: number, pressure = (_t: number) => 1): StrokeSample[] {
  return Array.from({ length: count + 1 }, (_, i) => {
    const t = i / count
    return { x: 10 + length * t, y: 20 + length * t * 0.5, pressure: pressure(t), time: i }
  })
}

const steps = (dabs: readonly Dab[]) =>
  dabs.slice(1).map((dab, i) => Math.hypot(dab.x - dabs[i]!.x, dab.y - dabs[i]!.y))

const anySample = fc.record({
  x: fc.double({ min: -300, max: 300, noNaN: true }),
  y: fc.double({ min: -300, max: 300, noNaN: true }),
  pressure: fc.double({ min: 0, max: 1, noNaN: true }),
  time: fc.constant(0),
})
const anyBrush = fc.record({
  size: fc.double({ min: 0.5, max: 5000, noNaN: true }),
  hardness: fc.double({ min: 0, max: 1, noNaN: true }),
  flow: fc.double({ min: 0.01, max: 1, noNaN: true }),
  opacity: fc.constant(1),
  spacing: fc.double({ min: 0.01, max: 2, noNaN: true }),
  smoothing: fc.double({ min: 0, max: 1, noNaN: true }),
  pressureSize: fc.boolean(),
  pressureFlow: fc.boolean(),
})

describe('dabs along a stroke', () => {
  it('are the same however the samples are fed', () => {
    fc.assert(
      fc.property(anyBrush, fc.array(anySample, { minLength: 1, maxLength: 30 }), (brush, samples) => {
        const dabber = createDabber(brush)
        const fed = [...samples.flatMap((sample) => dabber.push(sample)), ...dabber.end()]
        expect(fed).toEqual(strokeDabs(brush, samples))
        for (const dab of fed) for (const value of Object.values(dab)) expect(value).toBeTypeOf('number')
        expect(fed.every((dab) => Number.isFinite(dab.x + dab.y) && dab.radius > 0)).toBe(true)
      }),
    )
  })

  it('paint one dab for a click, at once', () => {
    const sample = { x: 3.25, y: 4.5, pressure: 1, time: 0 }
    const dabber = createDabber(DEFAULT_BRUSH)
    expect(dabber.push(sample)).toEqual([{ x: 3.25, y: 4.5, radius: 20, hardness: 0.8, flow: 1 }])
    expect(dabber.end()).toEqual([])
    const held = [sample, { ...sample, time: 5 }, { ...sample, time: 9 }]
    expect(strokeDabs(DEFAULT_BRUSH, held)).toHaveLength(1)
  })

  it.each([0, 0.3, 1])('lie at even distances on a straight line, smoothing %d', (smoothing) => {
    const brush = { ...plain, smoothing }
    const reference = strokeDabs(brush, line(1000, 1))
    expect(reference.length).toBe(Math.floor((1000 * Math.hypot(1, 0.5)) / 4) + 1)
    for (const step of steps(reference)) expect(step).toBeCloseTo(4, 6)
    for (const count of [2, 7, 100, 1500]) {
      const dabs = strokeDabs(brush, line(1000, count))
      expect(dabs).toHaveLength(reference.length)
      dabs.forEach((dab, i) => {
        expect(dab.x).toBeCloseTo(reference[i]!.x, 3)
        expect(dab.y).toBeCloseTo(reference[i]!.y, 3)
      })
    }
  })

  it('follow a circle closely and evenly, read often or seldom', () => {
    for (const count of [24, 90, 700]) {
      const samples = Array.from({ length: count + 1 }, (_, i) => {
        const angle = (i / count) * 2 * Math.PI
        return { x: 200 * Math.cos(angle), y: 200 * Math.sin(angle), pressure: 1, time: i }
      })
      const dabs = strokeDabs(plain, samples)
      // The ends have no neighbour to take their direction from, so they may leave the circle a little more.
      for (const dab of dabs) expect(Math.abs(Math.hypot(dab.x, dab.y) - 200)).toBeLessThan(1.3)
      for (const step of steps(dabs)) expect(Math.abs(step - 4)).toBeLessThan(0.05)
      expect(Math.abs(dabs.length - (2 * Math.PI * 200) / 4)).toBeLessThan(3)
    }
  })

  it('end where the pen ended, whatever the smoothing', () => {
    for (const smoothing of [0, 0.5, 1]) {
      const dabs = strokeDabs({ ...plain, smoothing, spacing: 0.01 }, line(300, 12))
      expect(Math.hypot(dabs.at(-1)!.x - 310, dabs.at(-1)!.y - 170)).toBeLessThan(0.5)
    }
  })

  it('lag behind the pen and cut its tremor', () => {
    const shaky = line(600, 300).map((s, i) => ({ ...s, y: s.y + (i % 2 === 0 ? 3 : -3) }))
    const off = (smoothing: number) => {
      const dabs = strokeDabs({ ...plain, smoothing }, shaky).slice(10, -10)
      return Math.max(...dabs.map((dab) => Math.abs(dab.y - (20 + (dab.x - 10) * 0.5))))
    }
    expect(off(1)).toBeLessThan(off(0) / 4)
  })

  it('take size and flow from the pressure', () => {
    const ramp = line(400, 40, (t) => t)
    const sized = strokeDabs({ ...plain, pressureSize: true }, ramp)
    for (const dab of sized.slice(2))
      expect(Math.abs(dab.radius - (20 * (dab.x - 10)) / 400)).toBeLessThan(0.5)
    const flowing = strokeDabs({ ...plain, pressureFlow: true, flow: 0.5 }, ramp)
    for (const dab of flowing) {
      expect(dab.radius).toBe(20)
      expect(Math.abs(dab.flow - (0.5 * (dab.x - 10)) / 400)).toBeLessThan(0.02)
    }
    const small = strokeDabs(
      { ...plain, pressureSize: true },
      line(400, 40, () => 0.25),
    )
    expect(steps(small)[5]).toBeCloseTo(1, 6)
  })

  it('paint again where a resting pen is pressed harder', () => {
    const at = (pressure: number) => ({ x: 0, y: 0, pressure, time: 0 })
    const dabs = strokeDabs({ ...plain, pressureSize: true }, [at(0.1), at(0.11), at(0.9)])
    expect(dabs.map((dab) => dab.radius)).toEqual([2, 18])
  })

  it('stay finite in number for a nonsense stroke', () => {
    const far = [-1e6, 1e6, -1e6, 1e6].map((x) => ({ x, y: -x, pressure: 1, time: 0 }))
    expect(strokeDabs({ ...plain, size: 0.5, spacing: 0.01 }, far).length).toBe(500_000)
  })
})

describe('coverage of a dab', () => {
  it('is 0..1, never rises with distance and ends at the reach', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 2500, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (radius, hardness) => {
          const reach = dabReach({ x: 0, y: 0, radius, hardness, flow: 1 })
          let last = 1
          for (let i = 0; i <= 200; i++) {
            const cover = dabCoverage((i / 200) * reach, radius, hardness)
            expect(cover).toBeLessThanOrEqual(last + 1e-12)
            expect(cover).toBeGreaterThanOrEqual(-1e-12)
            last = cover
          }
          expect(dabCoverage(reach, radius, hardness)).toBeCloseTo(0, 12)
          expect(reach).toBeLessThanOrEqual(Math.max(1.07, radius + 0.5) + 1e-9)
        },
      ),
    )
  })

  it('is antialiased over one pixel at hardness 1', () => {
    expect(dabCoverage(9.5, 10, 1)).toBe(1)
    expect(dabCoverage(10, 10, 1)).toBeCloseTo(0.5)
    expect(dabCoverage(10.25, 10, 1)).toBeCloseTo(0.25)
    expect(dabCoverage(10.5, 10, 1)).toBe(0)
  })

  it.each([0.25, 0.5, 1, 3, 20])('has the area of the disc at hardness 1, radius %d', (radius) => {
    for (const [cx, cy] of [
      [0, 0],
      [0.3, 0.45],
      [0.5, 0.5],
    ] as const) {
      let area = 0
      for (let y = -25; y <= 25; y++)
        for (let x = -25; x <= 25; x++) area += dabCoverage(Math.hypot(x - cx, y - cy), radius, 1)
      const exact = Math.PI * radius * radius
      expect(Math.abs(area - exact) / exact).toBeLessThan(radius < 1 ? 0.55 : 0.12)
    }
  })

  it('reads the same in GLSL', () => {
    // The shader's text, run as JavaScript: its functions are few enough to stand in for.
    const body = DAB_GLSL.slice(DAB_GLSL.indexOf('{') + 1, DAB_GLSL.lastIndexOf('}')).replaceAll(
      'float ',
      'let ',
    )
    const names = ['max', 'clamp', 'away', 'radius', 'hardness']
    const glsl = new Function(...names, body) as (...values: unknown[]) => number
    const clamp = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v))
    for (const radius of [0.2, 0.9, 5, 200])
      for (const hardness of [0, 0.4, 1])
        for (let d = 0; d < radius + 2; d += radius / 17)
          expect(glsl(Math.max, clamp, d, radius, hardness)).toBeCloseTo(dabCoverage(d, radius, hardness), 12)
  })

  it('adds up towards full cover', () => {
    let cover = 0
    for (let i = 0; i < 100; i++) cover = accumulate(cover, 0.01, 1)
    expect(cover).toBeCloseTo(1 - 0.99 ** 100, 12)
    expect(accumulate(0.25, 1, 1)).toBe(1)
  })
})
