/**
 * One golden case's outcome: what was computed against what the folder holds.
 *
 * Invariant: a case passes only if every output that it lists was computed, has the reference's shape and lies within its
 * tolerance everywhere; a value that is no number never does.
 */
import type { Tensor } from '../run-graph.ts'

export interface GoldenResult {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'not built yet'
  /** Of the output that is furthest from its reference in terms of its tolerance. */
  readonly error: number
  readonly tolerance: number
  /** That output's name, or why there is none. */
  readonly detail: string
}

type Tensors = Readonly<Record<string, Tensor>>

/** Computes and compares; what is thrown on the way fails the case. */
export async function compared(
  name: string,
  tolerances: Readonly<Record<string, number>>,
  compute: () => Promise<{ readonly found: Tensors; readonly expected: Tensors }>,
): Promise<GoldenResult> {
  try {
    const { found, expected } = await compute()
    const results = Object.entries(tolerances).map(([key, tolerance]): GoldenResult => {
      const error = largestDifference(found[key], expected[key])
      return { name, outcome: error <= tolerance ? 'passed' : 'failed', error, tolerance, detail: key }
    })
    const worst = results.reduce((a, b) => (share(b) > share(a) ? b : a), results[0]!)
    return worst ?? failed(name, 'no output is listed')
  } catch (error) {
    return failed(name, error)
  }
}

export function failed(name: string, error: unknown): GoldenResult {
  const detail = error instanceof Error ? error.message : String(error)
  return { name, outcome: 'failed', error: Number.NaN, tolerance: 0, detail }
}

export function notBuilt(name: string): GoldenResult {
  return { name, outcome: 'not built yet', error: 0, tolerance: 0, detail: '' }
}

function share({ error, tolerance }: GoldenResult): number {
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error / tolerance
}

/** NaN where a value is missing or is no number, or shapes differ. */
function largestDifference(found: Tensor | undefined, expected: Tensor | undefined): number {
  if (!found || !expected || String(found.shape) !== String(expected.shape)) return Number.NaN
  let largest = 0
  for (const [i, value] of (found.data as Float32Array).entries()) {
    const difference = Math.abs(value - (expected.data[i] as number))
    if (!(difference <= largest)) largest = difference
    if (Number.isNaN(difference)) return difference
  }
  return largest
}
