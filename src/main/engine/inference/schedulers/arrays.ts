/**
 * Sums of latents: the only arithmetic schedulers do on them.
 *
 * Invariant: one pass in doubles, rounded to float32 once at the end; the result is always a new array.
 */

export type Term = readonly [weight: number, values: Float32Array]

/** The sum of weight x values. A weight of exactly 0 takes no part, whatever the values. */
export function weightedSum(...terms: readonly Term[]): Float32Array<ArrayBuffer> {
  const { length } = terms[0]![1]
  for (const [, { length: other }] of terms)
    if (other !== length) throw new RangeError(`latents of ${length} and of ${other} values do not add up`)
  const counted = terms.filter(([weight]) => weight !== 0)
  const sum = new Float32Array(length)
  for (let i = 0; i < length; i++) {
    let value = 0
    for (const [weight, values] of counted) value += weight * values[i]!
    sum[i] = value
  }
  return sum
}
