/** Decodes of a part over many cases: how far off they are and what they save, by coverage. */

import type { RegionFigures } from './arms/region.ts'
import { COVERAGE_BINS, type CoverageBin, isWithin } from './coverage.ts'

export interface RegionCase extends RegionFigures {
  readonly coverage: number
}

export interface RegionMeans {
  readonly cases: number
  /** Mean over the cases, and the largest of all, of |part - whole| inside the hole, in 1/255. */
  readonly mean: number
  readonly largest: number
  /** Processor time of the part over that of the whole, summed over the cases. */
  readonly time: number
}

export interface RegionEvaluation extends RegionMeans {
  /** Cells of surroundings. */
  readonly margin: number
  readonly byCoverage: readonly (RegionMeans & CoverageBin)[]
}

/** @returns null where nothing was decoded in part */
export function regionMeans(cases: readonly RegionCase[], margin: number): RegionEvaluation | null {
  if (cases.length === 0) return null
  const byCoverage = COVERAGE_BINS.flatMap((bin) => {
    const within = cases.filter(({ coverage }) => isWithin(bin, coverage))
    return within.length === 0 ? [] : [{ ...bin, ...means(within) }]
  })
  return { margin, ...means(cases), byCoverage }
}

function means(cases: readonly RegionCase[]): RegionMeans {
  const sum = (pick: (one: RegionCase) => number) => cases.reduce((total, one) => total + pick(one), 0)
  return {
    cases: cases.length,
    mean: sum(({ mean }) => mean) / cases.length,
    largest: Math.max(...cases.map(({ largest }) => largest)),
    time: sum(({ part }) => part) / sum(({ whole }) => whole),
  }
}
