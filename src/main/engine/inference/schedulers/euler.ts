/**
 * Euler: one straight step along the probability-flow ODE from each noise level to the next.
 *
 * Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models" (2022), algorithm 2 without churn:
 * d = (x - x0) / sigma, x_next = x + (sigma_next - sigma) d.
 */
import { weightedSum } from './arrays.ts'
import type { Scheduler } from './scheduler.ts'
import type { SchedulerConfig } from './scheduler-config.ts'
import {
  addSigmaNoise,
  denoisedInSigmaSpace,
  initialSigma,
  scaledToUnit,
  solverSigmas,
} from './sigma-space.ts'
import { interpolate, respacedSigmas, sigmaSpacing, sigmaToTimestep } from './sigmas.ts'
import { checkSteps, cutByStrength, linspace, spacedTimesteps } from './timesteps.ts'

export function euler(config: SchedulerConfig<'euler'>, steps: number): Scheduler {
  checkSteps(steps, config.num_train_timesteps)
  const { timesteps, sigmas } = levels(config, steps)
  return {
    name: 'euler',
    steps,
    timesteps,
    sigmas,
    initialNoiseSigma: initialSigma(sigmas, config.timestep_spacing),
    startIndex: (strength) => cutByStrength(steps, strength),
    scaleModelInput: (sample, index) => scaledToUnit(sample, sigmas[index]!),
    drawsNoise: () => false,
    addNoise: (original, noise, index) =>
      addSigmaNoise(original, noise, index < timesteps.length ? sigmas[index] : undefined),
    step(modelOutput, index, sample) {
      const sigma = sigmas[index]!
      const x0 = denoisedInSigmaSpace(config.prediction_type, sigma)
      const kept = sigmas[index + 1]! / sigma
      return {
        sample: weightedSum([kept + (1 - kept) * x0.sample, sample], [(1 - kept) * x0.output, modelOutput]),
        denoised: weightedSum([x0.sample, sample], [x0.output, modelOutput]),
      }
    },
  }
}

function levels(config: SchedulerConfig<'euler'>, steps: number) {
  const table = solverSigmas(config)
  const logTable = table.map(Math.log)
  let timesteps = spacedTimesteps(config, steps, false)
  let sigmas =
    config.interpolation_type === 'linear'
      ? timesteps.map((timestep) => interpolate(table, timestep))
      : linspace(Math.log(table.at(-1)!), Math.log(table[0]!), steps + 1).map(Math.exp)
  const spacing = sigmaSpacing(config)
  if (spacing !== 'timesteps' && spacing !== 'lu') {
    const { sigma_min: min = sigmas.at(-1)!, sigma_max: max = sigmas[0]! } = config
    sigmas = respacedSigmas(spacing, min, max, steps)
    timesteps = sigmas.map((sigma) => Math.fround(sigmaToTimestep(sigma, logTable)))
  }
  const end = config.final_sigmas_type === 'zero' ? 0 : table[0]!
  // Log-linear levels are one more already; the end comes after them and is not reached.
  const rounded = [...sigmas, end].map(Math.fround)
  if (config.timestep_type === 'continuous' && config.prediction_type === 'v_prediction')
    timesteps = rounded.slice(0, -1).map((sigma) => Math.fround(0.25 * Math.log(sigma)))
  return { timesteps, sigmas: rounded }
}
