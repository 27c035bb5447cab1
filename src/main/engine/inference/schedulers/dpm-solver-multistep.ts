/**
 * DPM-Solver and DPM-Solver++, multistep, of orders 1 to 3, deterministic or as SDE.
 *
 * Lu et al., "DPM-Solver" (2022), equations 3.7 and appendix B (order 3), predict e; "DPM-Solver++" (2022), algorithm 2 and
 * appendix A, predict x0; the SDE variants are section 6 there. With h = lambda_t - lambda_s, m0, m1, m2 the newest outputs,
 * r0 = h0 / h, r1 = h1 / h: D1 = (m0 - m1) / r0 for order 2, and the divided differences of Newton for order 3. A step is a
 * weighted sum of the latents, m0, D1, D2 and noise; the weights are integrals of exponentials.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { type Term, weightedSum } from './arrays.ts'
import { limitDenoised } from './limits.ts'
import { denoisedWeights, noiseWeights } from './prediction.ts'
import type { Scheduler } from './scheduler.ts'
import type { SchedulerConfig } from './scheduler-config.ts'
import { addLevelNoise, NO_STEP, type SolverLevel, solverSchedule } from './solver-levels.ts'
import { checkSteps, cutByStrength } from './timesteps.ts'

type Config = SchedulerConfig<'dpm-solver-multistep'>

/** Below this many steps the last are taken with lower orders, which keeps them stable. */
const FEW_STEPS = 15

/** Weights of one step; `second` and `third` belong to D1 and D2 of the order's formula. */
interface Weights {
  readonly sample: number
  readonly first: number
  readonly second: number
  readonly third: number
  readonly noise: number
}

export function dpmSolverMultistep(config: Config, steps: number): Scheduler {
  checkSteps(steps, config.num_train_timesteps)
  const predictsPicture = config.algorithm_type.endsWith('++')
  const isRandom = config.algorithm_type.startsWith('sde')
  if (!predictsPicture && config.final_sigmas_type === 'zero')
    throw unsupported(`${config.algorithm_type} cannot end without noise (final_sigmas_type "zero")`)
  if (config.algorithm_type === 'sde-dpmsolver' && config.solver_order === 3)
    throw unsupported('sde-dpmsolver has no order 3')
  const rounds = config.beta_schedule !== 'squaredcos_cap_v2'
  const { timesteps, sigmas, levels } = solverSchedule(config, steps, rounds, false)
  const count = timesteps.length
  /** x0 or e of the evaluations before, the newest first. */
  let outputs: Float32Array[] = []

  const orderAt = (index: number): number => {
    const few = config.lower_order_final && count < FEW_STEPS
    const isLast = index === count - 1
    if (isLast && (config.euler_at_final || few || config.final_sigmas_type === 'zero')) return 1
    const limit = index === count - 2 && few ? 2 : config.solver_order
    return Math.min(limit, config.solver_order, outputs.length)
  }

  return {
    name: 'dpm-solver-multistep',
    steps,
    timesteps,
    sigmas,
    initialNoiseSigma: 1,
    startIndex: (strength) => cutByStrength(steps, strength),
    scaleModelInput: (sample) => sample,
    drawsNoise: () => isRandom,
    addNoise: (original, noise, index) => addLevelNoise(original, noise, index, levels),
    step(modelOutput, index, sample, noise) {
      const level = levels[index]!
      const x0 = denoisedWeights(config.prediction_type, level)
      const denoised = weightedSum([x0.sample, sample], [x0.output, modelOutput])
      limitDenoised(config, denoised)
      // A limited picture leaves other noise than the network's.
      const e = noiseWeights(config.thresholding ? 'sample' : config.prediction_type, level)
      const ofNoise = config.thresholding ? denoised : modelOutput
      const output = predictsPicture ? denoised.slice() : weightedSum([e.sample, sample], [e.output, ofNoise])
      outputs = [output, ...outputs.slice(0, config.solver_order - 1)]
      const order = orderAt(index)
      const weights = stepWeights(config, order, level, levels[index + 1]!)
      const terms: Term[] = [[weights.sample, sample]]
      const past = Array.from({ length: order }, (_, i) => levels[index - i]!.lambda)
      for (const [i, weight] of outputWeights(weights, levels[index + 1]!.lambda, past).entries())
        terms.push([weight, outputs[i]!])
      if (isRandom) terms.push([weights.noise, noise!])
      return { sample: weightedSum(...terms), denoised }
    },
  }
}

function stepWeights(config: Config, order: number, from: SolverLevel, to: SolverLevel): Weights {
  const h = to.lambda - from.lambda
  if (Math.abs(h) < NO_STEP) return { sample: 1, first: 0, second: 0, third: 0, noise: 0 }
  const isMidpoint = order < 3 && config.solver_type === 'midpoint'
  // Order 3 of sde-dpmsolver++ has the other sign here, as the reference has it; its D2 then does not vanish with h.
  const half = config.algorithm_type === 'sde-dpmsolver++' ? -0.5 : 0.5
  const weights = (c: number, x: number, sample: number, noise: number): Weights => {
    const first = c * Math.expm1(x)
    return {
      sample,
      first,
      second: isMidpoint ? first / 2 : c * (Math.expm1(x) / x - 1),
      third: c * ((Math.expm1(x) - x) / x ** 2 - half),
      noise,
    }
  }
  switch (config.algorithm_type) {
    case 'dpmsolver++':
      return weights(-to.alpha, -h, to.sigma / from.sigma, 0)
    case 'dpmsolver':
      return weights(-to.sigma, h, to.alpha / from.alpha, 0)
    case 'sde-dpmsolver++':
      return weights(
        -to.alpha,
        -2 * h,
        (to.sigma / from.sigma) * Math.exp(-h),
        to.sigma * Math.sqrt(-Math.expm1(-2 * h)),
      )
    case 'sde-dpmsolver':
      return weights(-2 * to.sigma, h, to.alpha / from.alpha, to.sigma * Math.sqrt(Math.expm1(2 * h)))
  }
}

/** The weights of m0, m1, m2, given those of the divided differences. `past` are the lambdas of the outputs. */
function outputWeights(weights: Weights, next: number, past: readonly number[]): number[] {
  const h = next - past[0]!
  if (past.length === 1 || Math.abs(h) < NO_STEP) return [weights.first]
  const inverse0 = h / (past[0]! - past[1]!)
  if (past.length === 2) return [weights.first + weights.second * inverse0, -weights.second * inverse0]
  const inverse1 = h / (past[1]! - past[2]!)
  const [r0, r1] = [1 / inverse0, 1 / inverse1]
  // D1 = d0 + r0 / (r0 + r1) (d0 - d1), D2 = (d0 - d1) / (r0 + r1), d0 = (m0 - m1) / r0, d1 = (m1 - m2) / r1.
  const slope = weights.second * (r0 / (r0 + r1)) + weights.third / (r0 + r1)
  const d0 = (weights.second + slope) * inverse0
  const d1 = -slope * inverse1
  return [weights.first + d0, d1 - d0, -d1]
}

function unsupported(reason: string): InlayError {
  return new InlayError(
    'model.unsupported',
    `The scheduler of the model asks for what it cannot do: ${reason}; choose another.`,
  )
}
