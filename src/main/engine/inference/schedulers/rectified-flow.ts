/**
 * Rectified flow: Euler steps along nearly straight lines from noise to picture.
 *
 * Liu et al., "Flow Straight and Fast" (2022), equation 1: x_t = (1 - t) x0 + t e, the network predicts u = e - x0, and
 * x_(t - dt) = x_t - dt u from t = 1 to 0. Even steps may be shifted towards the noise: t' = s t / (1 + (s - 1) t) (Esser et al.,
 * "Scaling Rectified Flow Transformers" (2024), equation 23).
 */
import { weightedSum } from './arrays.ts'
import type { Scheduler } from './scheduler.ts'
import type { SchedulerConfig } from './scheduler-config.ts'
import { checkSteps, cutByStrength } from './timesteps.ts'

/** The timesteps are t times `num_train_timesteps`; `sigmas` are t itself, with the 0 at the end. */
export function rectifiedFlow(config: SchedulerConfig<'rectified-flow'>, steps: number): Scheduler {
  checkSteps(steps, config.num_train_timesteps)
  const times = Array.from({ length: steps + 1 }, (_, i) => {
    const t = 1 - i / steps
    return (config.shift * t) / (1 + (config.shift - 1) * t)
  })
  return {
    name: 'rectified-flow',
    steps,
    timesteps: times.slice(0, -1).map((t) => t * config.num_train_timesteps),
    sigmas: times,
    initialNoiseSigma: 1,
    startIndex: (strength) => cutByStrength(steps, strength),
    scaleModelInput: (sample) => sample,
    drawsNoise: () => false,
    addNoise: (original, noise, index) => weightedSum([1 - times[index]!, original], [times[index]!, noise]),
    step: (modelOutput, index, sample) => ({
      sample: weightedSum([1, sample], [times[index + 1]! - times[index]!, modelOutput]),
      denoised: weightedSum([1, sample], [-times[index]!, modelOutput]),
    }),
  }
}
