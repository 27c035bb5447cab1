/**
 * LCM: a consistency model's few steps, each a whole denoising followed by fresh noise.
 *
 * Luo et al., "Latent Consistency Models" (2023), algorithm 3: z = f(x, t), x = alpha z + sigma noise at the next timestep,
 * with f = c_skip x + c_out x0 and the boundary scalings of Song et al., "Consistency Models" (2023), appendix C, for
 * sigma_data = 1/2. Timesteps are a subset of those the model was distilled on, evenly spread.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { weightedSum } from './arrays.ts'
import { CumulativeProducts } from './cumulative-products.ts'
import { limitDenoised } from './limits.ts'
import type { Scheduler } from './scheduler.ts'
import type { SchedulerConfig } from './scheduler-config.ts'
import { checkSteps, cutByStrength } from './timesteps.ts'

const SIGMA_DATA = 0.5

/**
 * @param originalSteps how many steps the distillation had; the file's number where undefined
 * @param scheduleStrength the share of those steps to spread over: how LCM's own image-to-image starts later. `startIndex` cuts
 *   as for any other scheduler.
 */
export function lcm(
  config: SchedulerConfig<'lcm'>,
  steps: number,
  originalSteps = config.original_inference_steps,
  scheduleStrength = 1,
): Scheduler {
  checkSteps(steps, config.num_train_timesteps)
  const timesteps = distilledTimesteps(config.num_train_timesteps, steps, originalSteps, scheduleStrength)
  const products = new CumulativeProducts(config, config.set_alpha_to_one, timesteps)
  const last = timesteps.length - 1
  return {
    name: 'lcm',
    steps,
    timesteps,
    sigmas: null,
    initialNoiseSigma: 1,
    startIndex: (strength) => cutByStrength(steps, strength),
    scaleModelInput: (sample) => sample,
    drawsNoise: (index) => index < last,
    addNoise: (original, noise, index) => products.addNoise(original, noise, timesteps[index]),
    step(modelOutput, index, sample, noise) {
      const timestep = timesteps[index]!
      const predicted = products.denoised(timestep, sample, modelOutput, config.prediction_type)
      limitDenoised(config, predicted)
      const scaled = timestep * config.timestep_scaling
      const square = scaled ** 2 + SIGMA_DATA ** 2
      const denoised = weightedSum(
        [scaled / Math.sqrt(square), predicted],
        [SIGMA_DATA ** 2 / square, sample],
      )
      if (index === last) return { sample: denoised.slice(), denoised }
      return { sample: products.addNoise(denoised, noise!, timesteps[index + 1]), denoised }
    },
  }
}

function distilledTimesteps(total: number, steps: number, originalSteps: number, share: number): number[] {
  if (!(Number.isInteger(originalSteps) && originalSteps >= 1 && originalSteps <= total))
    throw new InlayError(
      'usage',
      `The model cannot have been distilled on ${originalSteps} steps; give a whole number from 1 to ${total}.`,
    )
  if (!(share >= 0 && share <= 1))
    throw new InlayError('usage', `The strength ${share} makes no sense; it goes from 0 to 1.`)
  const available = Math.trunc(originalSteps * share)
  if (steps > available)
    throw new InlayError(
      'usage',
      `LCM has ${available} of its ${originalSteps} steps left at strength ${share}, and cannot take ${steps}; ask for fewer.`,
    )
  const stride = Math.floor(total / originalSteps)
  return Array.from({ length: steps }, (_, i) => {
    const place = Math.floor(i * (available / steps))
    return (available - place) * stride - 1
  })
}
