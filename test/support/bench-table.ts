/** Numbers of a benchmark as an aligned table: what was measured, against what, and whether it is within its limit. */

export interface BenchRow {
  readonly what: string
  /** Every measurement, in `unit`; the median and, from five on, the 95th percentile are shown. */
  readonly values: readonly number[]
  readonly unit: 'ms' | 'MB'
  /** What it is held against, in the same unit: measured in the same run, or a fixed allowance. */
  readonly peer?: { readonly what: string; readonly values: readonly number[] }
  /** What is judged: the ratio of the medians to the peer, or the 95th percentile (of few values, the largest). */
  readonly limit?: { readonly of: 'ratio' | 'p95'; readonly most: number }
}

/** The value below which a fraction `q` of the values lies; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

const HEAD = ['', 'median', 'p95', 'against', '', 'ratio', 'limit', ''] as const
const TO_THE_LEFT = new Set([0, 3, 7])

/** Prints a table. Being over a limit is told, not thrown: a busy machine is no bug. */
export function printTable(title: string, rows: readonly BenchRow[]): void {
  const lines = [HEAD, ...rows.map(cellsOf)]
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  console.log(title)
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      TO_THE_LEFT.has(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    )
    console.log(`  ${cells.join('  ')}`.trimEnd())
  }
}

function cellsOf({ what, values, unit, peer, limit }: BenchRow): string[] {
  const middle = median(values)
  const worst = quantile(values, 0.95)
  const other = peer ? median(peer.values) : Number.NaN
  const ratio = middle / other
  const judged = limit?.of === 'ratio' ? ratio : worst
  return [
    what,
    amount(middle, unit),
    values.length < 5 ? '' : amount(worst, unit),
    peer?.what ?? '',
    peer ? amount(other, unit) : '',
    peer ? `${ratio.toFixed(2)}x` : '',
    limit ? (limit.of === 'ratio' ? `${limit.most}x` : amount(limit.most, unit)) : '',
    limit ? (judged <= limit.most ? 'PASS' : 'OVER') : '',
  ]
}

function amount(value: number, unit: BenchRow['unit']): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`
}
