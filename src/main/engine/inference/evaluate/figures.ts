/**
 * Figures of one picture and hole for each way of filling it, and their means over many.
 *
 * Invariant: an arm is judged by the same figures as every other; a mean is over the cases that have the figure. Signal-to-
 * noise ratios are of the mean squared error of all cases, which no case without any error can spoil.
 */
import type { Size } from '../../../../shared/geometry.ts'
import {
  meanSquare,
  psnr,
  type Region,
  rimContrast,
  roundedToBytes,
  seamError,
} from '../../imaging/metrics.ts'
import { structuralSimilarity } from '../../imaging/structural-similarity.ts'
import { COVERAGE_BINS, type CoverageBin, coverageOf, isWithin } from './coverage.ts'
import { seamOffset } from './seam-offset.ts'

type ByRegion = Readonly<Record<Region, number | null>>

export interface ArmFigures {
  readonly cases: number
  /** Decibels; null where nothing differs or there is nothing. */
  readonly psnr: ByRegion
  readonly ssim: ByRegion
  /** Mean squared error of what is kept, values 0..1, as decoded and after rounding to 8 bits. */
  readonly preservation: number | null
  readonly preservation8: number | null
  readonly seam: number | null
  readonly seamOffset: number | null
  readonly rimContrast: number | null
}

/** One case's sums before they become ratios. */
export interface CaseFigures {
  /** Share of the picture that is hole, 0..1. */
  readonly coverage: number
  readonly square: ByRegion
  readonly ssim: ByRegion
  readonly preservation8: number | null
  readonly seam: number | null
  readonly seamOffset: number | null
  readonly rimContrast: number | null
}

/** @param truth @param made both width * height * 3 numbers of 0..1 */
export function caseFigures(
  truth: Float32Array,
  made: Float32Array,
  hole: Uint8Array,
  size: Size,
): CaseFigures {
  return {
    coverage: coverageOf(hole),
    square: {
      whole: meanSquare(truth, made, hole, 'whole'),
      hole: meanSquare(truth, made, hole, 'hole'),
      kept: meanSquare(truth, made, hole, 'kept'),
    },
    ssim: structuralSimilarity(truth, made, hole, size, 1),
    preservation8: meanSquare(truth, roundedToBytes(made), hole, 'kept'),
    seam: seamError(truth, made, hole, size),
    seamOffset: seamOffset(truth, made, hole, size),
    rimContrast: rimContrast(made, hole, size),
  }
}

export interface BinFigures extends CoverageBin, ArmFigures {}

/** The same for the cases of each coverage that there are any of. */
export function figuresByCoverage(cases: readonly CaseFigures[]): readonly BinFigures[] {
  return COVERAGE_BINS.flatMap((bin) => {
    const within = cases.filter(({ coverage }) => isWithin(bin, coverage))
    return within.length === 0 ? [] : [{ ...bin, ...meanFigures(within) }]
  })
}

export function meanFigures(cases: readonly CaseFigures[]): ArmFigures {
  const of = (pick: (figures: CaseFigures) => number | null) => mean(cases.map(pick))
  const each = (pick: (region: Region) => number | null): ByRegion => ({
    whole: pick('whole'),
    hole: pick('hole'),
    kept: pick('kept'),
  })
  return {
    cases: cases.length,
    psnr: each((region) => {
      const square = of((one) => one.square[region])
      return square === null ? null : psnr(square, 1)
    }),
    ssim: each((region) => of((one) => one.ssim[region])),
    preservation: of((one) => one.square.kept),
    preservation8: of((one) => one.preservation8),
    seam: of((one) => one.seam),
    seamOffset: of((one) => one.seamOffset),
    rimContrast: of((one) => one.rimContrast),
  }
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}
