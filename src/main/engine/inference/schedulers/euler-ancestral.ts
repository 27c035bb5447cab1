/**
 * Euler ancestral: an Euler step to below the next noise level, and fresh noise up to it.
 *
 * The split is DDPM's posterior (Ho et al. 2020, equation 7) in sigma terms, as in Song et al., "Score-Based Generative
 * Modeling" (2021), appendix F: up^2 = next^2 (sigma^2 - next^2) / sigma^2, down^2 = next^2 - up^2, so down =
 * next^2 / sigma.
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
import { interpolate } from './sigmas.ts'
import { checkSteps, cutByStrength, spacedTimesteps } from './timesteps.ts'

export function eulerAncestral(config: SchedulerConfig<'euler-ancestral'>, steps: number): Scheduler {
  checkSteps(steps, config.num_train_timesteps)
  const table = solverSigmas(config)
  const timesteps = spacedTimesteps(config, steps, false)
  const sigmas = [...timesteps.map((timestep) => Math.fround(interpolate(table, timestep))), 0]
  return {
    name: 'euler-ancestral',
    steps,
    timesteps,
    sigmas,
    initialNoiseSigma: initialSigma(sigmas, config.timestep_spacing),
    startIndex: (strength) => cutByStrength(steps, strength),
    scaleModelInput: (sample, index) => scaledToUnit(sample, sigmas[index]!),
    drawsNoise: () => true,
    addNoise: (original, noise, index) =>
      addSigmaNoise(original, noise, index < timesteps.length ? sigmas[index] : undefined),
    step(modelOutput, index, sample, noise) {
      const [sigma, next] = [sigmas[index]!, sigmas[index + 1]!]
      const x0 = denoisedInSigmaSpace(config.prediction_type, sigma)
      const up = (next / sigma) * Math.sqrt(Math.max(0, sigma ** 2 - next ** 2))
      const kept = (next / sigma) ** 2
      return {
        sample: weightedSum(
          [kept + (1 - kept) * x0.sample, sample],
          [(1 - kept) * x0.output, modelOutput],
          [up, noise!],
        ),
        denoised: weightedSum([x0.sample, sample], [x0.output, modelOutput]),
      }
    },
  }
}
