/**
 * PNDM: linear multistep (Adams-Bashforth) on the noise, with the pseudo-numerical transfer of DDIM.
 *
 * Liu et al., "Pseudo Numerical Methods for Diffusion Models on Manifolds" (2022): transfer, equation 11; the multistep
 * weights, equation 12; the Runge-Kutta start, equation 13. Stable Diffusion skips the Runge-Kutta start; then the first
 * step is taken twice (a plain step, and again with the mean of both outputs), so that there is one evaluation more
 * than steps.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { type Term, weightedSum } from './arrays.ts'
import { CumulativeProducts } from './cumulative-products.ts'
import { noiseWeights } from './prediction.ts'
import type { Scheduler } from './scheduler.ts'
import type { SchedulerConfig } from './scheduler-config.ts'
import { checkSteps, cutByStrength, spacedTimesteps } from './timesteps.ts'

/** Adams-Bashforth weights, the newest output first. */
const MULTISTEP: readonly (readonly number[])[] = [
  [1],
  [3 / 2, -1 / 2],
  [23 / 12, -16 / 12, 5 / 12],
  [55 / 24, -59 / 24, 37 / 24, -9 / 24],
]
/** Runge-Kutta weights of the four outputs that make up one step of the start. */
const RUNGE_KUTTA = [1 / 6, 1 / 3, 1 / 3, 1 / 6]
/** Steps that the Runge-Kutta start takes. */
const START_STEPS = 3

export function pndm(config: SchedulerConfig<'pndm'>, steps: number): Scheduler {
  checkSteps(steps, config.num_train_timesteps)
  if (!config.skip_prk_steps && steps <= START_STEPS)
    throw new InlayError(
      'usage',
      `PNDM with its Runge-Kutta start needs at least ${START_STEPS + 1} steps; it got ${steps}.`,
    )
  const stride = Math.floor(config.num_train_timesteps / steps)
  const { timesteps, startCount } = evaluations(spacedTimesteps(config, steps), config.skip_prk_steps, stride)
  const products = new CumulativeProducts(config, config.set_alpha_to_one, timesteps)
  /** The newest first; at most four. */
  let outputs: Float32Array[] = []
  /** The latents at which the current step began. */
  let held: Float32Array | undefined
  let partial: Float32Array | undefined
  let counter = 0

  /** From one timestep to another along an output, equation 11. */
  const transfer = (sample: Float32Array, from: number, to: number, output: Float32Array): Float32Array => {
    const level = products.level(from)
    const next = products.level(to)
    const e = noiseWeights(config.prediction_type, level)
    const [a, b] = [level.alpha ** 2, next.alpha ** 2]
    const perNoise = (b - a) / (a * next.sigma + level.alpha * level.sigma * next.alpha)
    return weightedSum(
      [next.alpha / level.alpha - perNoise * e.sample, sample],
      [-perNoise * e.output, output],
    )
  }

  const rungeKutta = (output: Float32Array, timestep: number, sample: Float32Array): Float32Array => {
    const stage = counter % 4
    if (stage === 0) {
      held = sample.slice()
      outputs.unshift(output.slice())
    }
    partial = weightedSum([RUNGE_KUTTA[stage]!, output], ...(stage === 0 ? [] : [[1, partial!] as const]))
    const to = timestep - (counter % 2 === 0 ? Math.floor(stride / 2) : 0)
    const from = timesteps[counter - stage]!
    return transfer(held!, from, to, stage === 3 ? partial : output)
  }

  const multistep = (output: Float32Array, timestep: number, sample: Float32Array): Float32Array => {
    if (counter === 1 && config.skip_prk_steps) {
      const mean = weightedSum([1 / 2, output], [1 / 2, outputs[0]!])
      return transfer(held!, timestep + stride, timestep, mean)
    }
    if (counter === 0) held = sample.slice()
    outputs = [output.slice(), ...outputs.slice(0, 3)]
    const terms = MULTISTEP[outputs.length - 1]!.map((weight, i): Term => [weight, outputs[i]!])
    return transfer(sample, timestep, timestep - stride, weightedSum(...terms))
  }

  return {
    name: 'pndm',
    steps,
    timesteps,
    sigmas: null,
    initialNoiseSigma: 1,
    startIndex: (strength) => cutByStrength(steps, strength),
    scaleModelInput: (sample) => sample,
    drawsNoise: () => false,
    addNoise: (original, noise, index) => products.addNoise(original, noise, timesteps[index]),
    step(modelOutput, index, sample) {
      const timestep = timesteps[index]!
      const advance = counter < startCount ? rungeKutta : multistep
      const moved = advance(modelOutput, timestep, sample)
      counter++
      return {
        sample: moved,
        denoised: products.denoised(timestep, sample, modelOutput, config.prediction_type),
      }
    },
  }
}

/** The timesteps of all evaluations, and how many of them are the Runge-Kutta start. */
function evaluations(spaced: readonly number[], skipStart: boolean, stride: number) {
  if (skipStart) {
    const [first, second, ...rest] = spaced
    const timesteps = second === undefined ? [first!] : [first!, second, second, ...rest]
    return { timesteps, startCount: 0 }
  }
  // Each of the first three steps: at its timestep, twice half-way to the next, and at the next.
  const start = spaced.slice(0, START_STEPS).flatMap((timestep, i) => {
    const next = spaced[i + 1]!
    const half = next + Math.floor(stride / 2)
    return [timestep, half, half, next]
  })
  return { timesteps: [...start, ...spaced.slice(START_STEPS)], startCount: start.length }
}
