/** Cases by how much of the picture is hole: figures of small holes say little about large ones. */

export interface CoverageBin {
  /** Shares of the picture, 0..1: above `from`, up to `to`. */
  readonly from: number
  readonly to: number
  readonly label: string
}

export const COVERAGE_BINS: readonly CoverageBin[] = [
  { from: 0, to: 0.05, label: '0–5 %' },
  { from: 0.05, to: 0.15, label: '5–15 %' },
  { from: 0.15, to: 0.4, label: '15–40 %' },
  { from: 0.4, to: 1, label: '40+ %' },
]

export function coverageOf(hole: Uint8Array): number {
  return hole.reduce((count, value) => count + (value > 0 ? 1 : 0), 0) / hole.length
}

export function isWithin({ from, to }: CoverageBin, coverage: number): boolean {
  return coverage > from && coverage <= to
}
