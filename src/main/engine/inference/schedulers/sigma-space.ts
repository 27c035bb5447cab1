/**
 * What the two Euler schedulers share: latents as x = x0 + sigma e, scaled to unit variance for the network.
 *
 * Invariant: a network trained on alpha x0 + sigma' e sees x / sqrt(sigma^2 + 1); the weights of `denoised` are those of the
 * training convention with that scaling taken in (Karras et al. 2022, table 1, rows VP).
 */
import { weightedSum } from './arrays.ts'
import { alphasCumprod, type NoiseScheduleConfig, trainingSigmas } from './noise-schedule.ts'
import { denoisedWeights, type OutputWeights, type PredictionType } from './prediction.ts'
import type { Spacing } from './timesteps.ts'

/** Where a schedule is rescaled to no signal at all, the solvers that divide by alpha keep this much. */
const SMALLEST_PRODUCT = 2 ** -24

/** The training table for solvers that work with sigma. */
export function solverProducts(config: NoiseScheduleConfig): Float32Array {
  const table = alphasCumprod(config)
  if (config.rescale_betas_zero_snr) table[table.length - 1] = SMALLEST_PRODUCT
  return table
}

export function solverSigmas(config: NoiseScheduleConfig): Float32Array {
  return trainingSigmas(solverProducts(config))
}

/** x0 = sample x latents + output x network output, for latents that are not scaled. */
export function denoisedInSigmaSpace(type: PredictionType, sigma: number): OutputWeights {
  const alpha = 1 / Math.sqrt(sigma ** 2 + 1)
  const { sample, output } = denoisedWeights(type, { alpha, sigma: sigma * alpha })
  return { sample: sample * alpha, output }
}

/** The input of the network. */
export function scaledToUnit(sample: Float32Array, sigma: number): Float32Array {
  return weightedSum([1 / Math.sqrt(sigma ** 2 + 1), sample])
}

/** What normals are multiplied by at the start. "Leading" starts below the noisiest level and counts the picture in. */
export function initialSigma(sigmas: readonly number[], spacing: Spacing): number {
  const max = Math.max(...sigmas)
  return Math.fround(spacing === 'leading' ? Math.sqrt(max ** 2 + 1) : max)
}

/** x0 + sigma e; without a level a copy of x0. */
export function addSigmaNoise(
  original: Float32Array,
  noise: Float32Array,
  sigma: number | undefined,
): Float32Array {
  return sigma === undefined ? original.slice() : weightedSum([1, original], [sigma, noise])
}
