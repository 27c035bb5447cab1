/**
 * The normal distribution's quantiles, to the last bit the same on every machine.
 *
 * Invariant: only additions, products, quotients and square roots, which IEEE 754 rounds in one way; the engine's own
 * logarithm might differ between builds. Rational approximations and coefficients: Wichura, "Algorithm AS 241", Applied
 * Statistics 37 (1988), PPND16, about 16 figures;
 * coefficients rounded to doubles.
 */

/** Within 0.425 of the median, in 0.180625 - q^2. The highest power first, as in all of these. */
const CENTRE = {
  above: [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946,
    1971.5909503065513, 133.14166789178438, 3.3871328727963665,
  ],
  below: [
    5226.495278852854, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751,
    687.1870074920579, 42.31333070160091, 1,
  ],
}
/** Beyond, in sqrt(-log(p)) - 1.6; for p above exp(-25), so for all of 32 bits. */
const TAIL = {
  above: [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  below: [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
}

/** The number that a normal is below with probability `p`, of (1e-10, 1 - 1e-10). */
export function normalQuantile(p: number): number {
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE, 0.180625 - q * q)
  const tail = ratio(TAIL, Math.sqrt(-logarithm(q < 0 ? p : 1 - p)) - 1.6)
  return q < 0 ? -tail : tail
}

function ratio({ above, below }: typeof CENTRE, r: number): number {
  let [numerator, denominator] = [0, 0]
  for (let i = 0; i < above.length; i++) {
    numerator = numerator * r + above[i]!
    denominator = denominator * r + below[i]!
  }
  return numerator / denominator
}

/** The natural logarithm of a number of (0, 1), by halvings and the series of the inverse hyperbolic tangent. */
function logarithm(x: number): number {
  let mantissa = x
  let halvings = 0
  while (mantissa < Math.SQRT1_2) {
    mantissa *= 2
    halvings++
  }
  const s = (mantissa - 1) / (mantissa + 1)
  const square = s * s
  let sum = 0
  for (let k = 25; k >= 1; k -= 2) sum = sum * square + 1 / k
  return 2 * s * sum - halvings * Math.LN2
}
