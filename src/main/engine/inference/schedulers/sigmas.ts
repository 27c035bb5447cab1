/**
 * The noise levels of a run, for schedulers that work with sigma: x = x0 + sigma e.
 *
 * Invariant: levels fall from step to step; they are float32 values, computed in doubles. Respacings go between the
 * noisiest and the least noisy level; the timestep that belongs to a level lies between those of the training table.
 */
import { linspace } from './timesteps.ts'

export type SigmaSpacing = 'timesteps' | 'karras' | 'exponential' | 'beta' | 'lu'

export interface SigmaConfig {
  readonly use_karras_sigmas: boolean
  readonly use_exponential_sigmas: boolean
  readonly use_beta_sigmas: boolean
  readonly use_lu_lambdas?: boolean
}

/** The first setting that is on; a file has at most one. */
export function sigmaSpacing(config: SigmaConfig): SigmaSpacing {
  if (config.use_karras_sigmas) return 'karras'
  if (config.use_lu_lambdas) return 'lu'
  if (config.use_exponential_sigmas) return 'exponential'
  return config.use_beta_sigmas ? 'beta' : 'timesteps'
}

/** The table's value at a timestep that may be fractional or past its ends. */
export function interpolate(table: Float32Array, timestep: number): number {
  const last = table.length - 1
  if (timestep >= last) return table[last]!
  const low = Math.max(0, Math.floor(timestep))
  return table[low]! + (table[low + 1]! - table[low]!) * Math.max(0, timestep - low)
}

/** `count` levels from `max` down to `min`, both included. */
export function respacedSigmas(
  spacing: Exclude<SigmaSpacing, 'timesteps' | 'lu'>,
  min: number,
  max: number,
  count: number,
): number[] {
  switch (spacing) {
    case 'karras': {
      // Karras et al., "Elucidating the Design Space" (2022), equation 5, rho = 7.
      const rho = 7
      const [from, to] = [max ** (1 / rho), min ** (1 / rho)]
      return linspace(0, 1, count).map((ramp) => (from + ramp * (to - from)) ** rho)
    }
    case 'exponential':
      // Even in log sigma.
      return linspace(Math.log(max), Math.log(min), count).map(Math.exp)
    case 'beta':
      // Lee et al., "Beta Sampling is All You Need" (2024): quantiles of the beta distribution.
      return linspace(0, 1, count).map((ramp) => min + betaQuantile(1 - ramp) * (max - min))
  }
}

/** Levels even in lambda, that is in -log sigma, between the ends of the table: Lu et al., "DPM-Solver" (2022), section 4.2. */
export function evenLambdas(logSigmas: Float32Array, count: number): number[] {
  const [from, to] = [logSigmas.at(-1)!, logSigmas[0]!]
  return linspace(0, 1, count).map((ramp) => Math.exp(from + ramp * (to - from)))
}

/** The fractional training timestep of a level, by interpolation in log sigma. */
export function sigmaToTimestep(sigma: number, logSigmas: Float32Array): number {
  const log = Math.log(Math.max(sigma, 1e-10))
  // From the end: the last of a table rescaled to zero SNR may lie below its neighbours.
  const low = Math.min(
    Math.max(
      0,
      logSigmas.findLastIndex((level) => log >= level),
    ),
    Math.max(0, logSigmas.length - 2),
  )
  const [below, above] = [logSigmas[low]!, logSigmas[low + 1] ?? Number.POSITIVE_INFINITY]
  const weight = Math.min(1, Math.max(0, (below - log) / (below - above)))
  return (1 - weight) * low + weight * (low + 1)
}

const BETA_SHAPE = 0.6
/** The beta function at (0.6, 0.6): gamma(0.6)^2 / gamma(1.2). */
const BETA_OF_SHAPE = 1.489192248812817 ** 2 / 0.9181687423997607

/** The quantile of the symmetric beta distribution, by halving; exact to the last few bits. */
function betaQuantile(share: number): number {
  if (share > 0.5) return 1 - betaQuantile(1 - share)
  let [low, high] = [0, 0.5]
  for (let i = 0; i < 64; i++) {
    const middle = (low + high) / 2
    if (betaShare(middle) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The regularised incomplete beta function for x of 0..1/2, as its power series (DLMF 8.17.7). */
function betaShare(x: number): number {
  let factor = 1
  let sum = 0
  for (let k = 0; k < 64; k++) {
    sum += factor / (BETA_SHAPE + k)
    factor *= ((1 - BETA_SHAPE + k) / (k + 1)) * x
  }
  return (x ** BETA_SHAPE * sum) / BETA_OF_SHAPE
}
