import { expect, test } from 'vitest'
import { judgedAims } from '../../../../src/main/engine/inference/evaluate/aims.ts'

function arm(name: string, preservation: number, seam: number, hole: number) {
  const none = { whole: null, kept: null }
  return {
    arm: name,
    cases: 1,
    psnr: { ...none, hole },
    ssim: { ...none, hole: null },
    preservation,
    preservation8: preservation,
    seam,
    seamOffset: null,
    rimContrast: null,
  }
}

const arms = [
  arm('plain, exact', 1e-3, 0.02, 30),
  arm('plain + hard paste, exact', 0, 0.02, 30),
  arm('plain + hard paste, jittered', 0, 0.04, 29),
  arm('asymmetric, exact', 1e-6, 0.03, 30.5),
  arm('asymmetric + hard paste, exact', 0, 0.01, 30.5),
  arm('asymmetric + hard paste, jittered', 0, 0.03, 29),
]

test('every aim is judged by the arms that it compares', () => {
  const region = { margin: 4, cases: 1, mean: 0.5, largest: 3, time: 0.5, byCoverage: [] }
  const found = judgedAims(arms, region).map(({ value, met }) => [Number(value.toPrecision(6)), met])
  expect(found).toEqual([
    [1000, true],
    [1e-6, true],
    [0.5, true],
    [0.75, false],
    [0.5, true],
    [0.5, true],
  ])
})

test('an aim whose arms are missing, or that would divide by nothing, is not judged', () => {
  expect(judgedAims([], null)).toEqual([])
  const perfect = [arm('plain, exact', 1e-3, 0.02, 30), arm('asymmetric, exact', 0, 0, 29)]
  expect(judgedAims(perfect, null)).toMatchObject([
    { what: 'preservation error', value: 0, met: true },
    { what: 'PSNR in the hole above plain, dB', value: -1, met: false },
  ])
})
