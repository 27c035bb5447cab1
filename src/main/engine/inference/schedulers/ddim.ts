/**
 * DDIM: denoising along the deterministic path, or partly random with eta > 0.
 *
 * Song, Meng, Ermon, "Denoising Diffusion Implicit Models" (2021), equation 12:
 * x_prev = sqrt(a_prev) x0 + sqrt(1 - a_prev - s^2) e + s z, with
 * s = eta sqrt((1 - a_prev) / (1 - a) (1 - a / a_prev)) (equation 16), a the cumulative products.
 * The network's own e is taken also where x0 is limited, as the reference does. Without the random part the same equation
 * leads from x_prev back to x, if e is taken to be what the network says of x_prev (section 4.3).
 */
import { weightedSum } from './arrays.ts'
import { CumulativeProducts } from './cumulative-products.ts'
import { limitDenoised } from './limits.ts'
import { denoisedWeights, noiseWeights } from './prediction.ts'
import type { InvertibleScheduler } from './scheduler.ts'
import type { SchedulerConfig } from './scheduler-config.ts'
import { checkSteps, cutByStrength, spacedTimesteps } from './timesteps.ts'

/** @param eta 0 for the deterministic path, 1 for as much noise as DDPM adds */
export function ddim(config: SchedulerConfig<'ddim'>, steps: number, eta: number): InvertibleScheduler {
  checkSteps(steps, config.num_train_timesteps)
  const timesteps = spacedTimesteps(config, steps)
  const products = new CumulativeProducts(config, config.set_alpha_to_one, timesteps)
  const stride = Math.floor(config.num_train_timesteps / steps)
  return {
    name: 'ddim',
    steps,
    timesteps,
    sigmas: null,
    initialNoiseSigma: 1,
    startIndex: (strength) => cutByStrength(steps, strength),
    scaleModelInput: (sample) => sample,
    drawsNoise: () => eta > 0,
    addNoise: (original, noise, index) => products.addNoise(original, noise, timesteps[index]),
    step(modelOutput, index, sample, noise) {
      const timestep = timesteps[index]!
      const level = products.level(timestep)
      const previous = products.level(timestep - stride)
      const denoised = products.denoised(timestep, sample, modelOutput, config.prediction_type)
      limitDenoised(config, denoised)
      const e = noiseWeights(config.prediction_type, level)
      const kept = 1 - (level.alpha / previous.alpha) ** 2
      const deviation = eta > 0 ? eta * (previous.sigma / level.sigma) * Math.sqrt(Math.max(0, kept)) : 0
      // Rounding can bring this below 0 where eta is 1 and the start is pure noise.
      const direction = Math.sqrt(Math.max(0, previous.sigma ** 2 - deviation ** 2))
      const moved = weightedSum(
        [previous.alpha, denoised],
        [direction * e.sample, sample],
        [direction * e.output, modelOutput],
        ...(eta > 0 ? [[deviation, noise!] as const] : []),
      )
      return { sample: moved, denoised }
    },
    invert(modelOutput, index, sample) {
      const timestep = timesteps[index]!
      const [level, previous] = [products.level(timestep), products.level(timestep - stride)]
      const x0 = denoisedWeights(config.prediction_type, previous)
      const denoised = weightedSum([x0.sample, sample], [x0.output, modelOutput])
      limitDenoised(config, denoised)
      const e = noiseWeights(config.prediction_type, previous)
      return weightedSum(
        [level.alpha, denoised],
        [level.sigma * e.sample, sample],
        [level.sigma * e.output, modelOutput],
      )
    },
  }
}
