/**
 * UniPC: a multistep predictor and a corrector that reuses the next evaluation, of orders 1 to 3.
 *
 * Zhao et al., "UniPC: A Unified Predictor-Corrector Framework" (2023), algorithms 5 to 8. With hh = -h when x0 is predicted
 * and h when e is, and B(h) = hh ("bh1") or exp(hh) - 1 ("bh2"), the weights rho of the differences D_k = (m_k - m0) / r_k
 * solve the Vandermonde system sum_k rho_k r_k^(i-1) = b_i, b_i = i! phi_(i+1)(hh) hh / B(h) (equation 11). The corrector has one
 * difference more: that to the output at the new level. At order 2 the predictor takes 1/2, as the paper does.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { type Term, weightedSum } from './arrays.ts'
import { limitDenoised } from './limits.ts'
import { denoisedWeights, noiseWeights } from './prediction.ts'
import type { Scheduler } from './scheduler.ts'
import type { SchedulerConfig } from './scheduler-config.ts'
import { addLevelNoise, NO_STEP, type SolverLevel, solverSchedule } from './solver-levels.ts'
import { checkSteps, cutByStrength } from './timesteps.ts'

type Config = SchedulerConfig<'unipc'>

export function unipc(config: Config, steps: number): Scheduler {
  checkSteps(steps, config.num_train_timesteps)
  const endsAtZero = config.final_sigmas_type === 'zero'
  if (!config.predict_x0 && endsAtZero)
    throw new InlayError(
      'model.unsupported',
      'UniPC that predicts noise cannot end without noise (final_sigmas_type "zero"); choose another scheduler.',
    )
  const { timesteps, sigmas, levels } = solverSchedule(config, steps, true, true)
  const count = timesteps.length
  /** x0 or e of the evaluations before, the newest first. */
  let outputs: Float32Array[] = []
  /** The latents, corrected, from which the last step was predicted, and its order. */
  let last: { readonly sample: Float32Array; readonly order: number } | undefined

  const orderAt = (index: number): number => {
    const left = count - index
    // Past the picture itself there is no finite difference to take.
    const limit = config.lower_order_final ? left : left === 1 && endsAtZero ? 1 : config.solver_order
    return Math.min(limit, config.solver_order, outputs.length)
  }

  return {
    name: 'unipc',
    steps,
    timesteps,
    sigmas,
    initialNoiseSigma: 1,
    startIndex: (strength) => cutByStrength(steps, strength),
    scaleModelInput: (sample) => sample,
    drawsNoise: () => false,
    addNoise: (original, noise, index) => addLevelNoise(original, noise, index, levels),
    step(modelOutput, index, sample) {
      const level = levels[index]!
      const x0 = denoisedWeights(config.prediction_type, level)
      const denoised = weightedSum([x0.sample, sample], [x0.output, modelOutput])
      if (config.predict_x0) limitDenoised(config, denoised)
      const e = noiseWeights(config.prediction_type, level)
      const output = config.predict_x0
        ? denoised.slice()
        : weightedSum([e.sample, sample], [e.output, modelOutput])
      const corrects = last !== undefined && !config.disable_corrector.includes(index - 1)
      const corrected = corrects
        ? update(config, levels, index - 1, last!.order, last!.sample, outputs, output)
        : sample.slice()
      outputs = [output, ...outputs.slice(0, config.solver_order - 1)]
      const order = orderAt(index)
      last = { sample: corrected, order }
      return { sample: update(config, levels, index, order, corrected, outputs), denoised }
    },
  }
}

/**
 * From level `index` to the next, with the outputs up to `index`, the newest first; with the output at the next level as well
 * it is the corrector.
 */
function update(
  config: Config,
  levels: readonly SolverLevel[],
  index: number,
  order: number,
  sample: Float32Array,
  outputs: readonly Float32Array[],
  newest?: Float32Array,
): Float32Array {
  const from = levels[index]!
  const to = levels[index + 1]!
  const h = to.lambda - from.lambda
  if (Math.abs(h) < NO_STEP) return sample.slice()
  const hh = config.predict_x0 ? -h : h
  const kept = config.predict_x0 ? to.sigma / from.sigma : to.alpha / from.alpha
  const scale = config.predict_x0 ? to.alpha : to.sigma
  const places = Array.from(
    { length: order - 1 },
    (_, i) => (levels[index - 1 - i]!.lambda - from.lambda) / h,
  )
  const weights = differenceWeights(config.solver_type, hh, newest ? [...places, 1] : places)
  const terms: Term[] = [[kept, sample]]
  let ofNewestPast = Math.expm1(hh)
  for (const [i, weight] of weights.entries()) {
    const perOutput = weight / (places[i] ?? 1)
    ofNewestPast -= perOutput
    terms.push([-scale * perOutput, i < places.length ? outputs[i + 1]! : newest!])
  }
  return weightedSum(...terms, [-scale * ofNewestPast, outputs[0]!])
}

/** B(h) rho_k for the differences at the places r_k. */
function differenceWeights(type: 'bh1' | 'bh2', hh: number, places: readonly number[]): number[] {
  const scale = type === 'bh1' ? hh : Math.expm1(hh)
  if (places.length === 1) return [scale / 2]
  // b_i B(h), from phi_2(hh) hh = (exp(hh) - 1) / hh - 1 upwards.
  const right: number[] = []
  let phi = Math.expm1(hh) / hh - 1
  let factorial = 1
  for (const i of places.keys()) {
    right.push(phi * factorial)
    factorial *= i + 2
    phi = phi / hh - 1 / factorial
  }
  return solveVandermonde(places, right)
}

/** x of sum_k x_k places_k^i = right_i, by elimination; at most three distinct places. */
function solveVandermonde(places: readonly number[], right: readonly number[]): number[] {
  const rows = right.map((value, i) => [...places.map((place) => place ** i), value])
  const size = rows.length
  for (let column = 0; column < size; column++) {
    const pivot = rows[column]!
    for (let below = column + 1; below < size; below++) {
      const factor = rows[below]![column]! / pivot[column]!
      for (let k = column; k <= size; k++) rows[below]![k]! -= factor * pivot[k]!
    }
  }
  const solution = new Array<number>(size).fill(0)
  for (let row = size - 1; row >= 0; row--) {
    let value = rows[row]![size]!
    for (let k = row + 1; k < size; k++) value -= rows[row]![k]! * solution[k]!
    solution[row] = value / rows[row]![row]!
  }
  return solution
}
