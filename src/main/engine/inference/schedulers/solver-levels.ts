/**
 * The noise levels of the multistep solvers, DPM-Solver and UniPC.
 *
 * Invariant: latents are alpha x0 + sigma e with alpha^2 + sigma^2 = 1; lambda = log(alpha / sigma) rises from step to step,
 * to infinity where the last level is the picture itself. Timesteps are whole numbers.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { weightedSum } from './arrays.ts'
import { type NoiseScheduleConfig, trainingSigmas } from './noise-schedule.ts'
import { solverProducts } from './sigma-space.ts'
import {
  evenLambdas,
  interpolate,
  respacedSigmas,
  type SigmaConfig,
  sigmaSpacing,
  sigmaToTimestep,
} from './sigmas.ts'
import { roundHalfEven, type SpacingConfig, solverTimesteps } from './timesteps.ts'

export interface SolverLevel {
  readonly alpha: number
  readonly sigma: number
  readonly lambda: number
}

export interface SolverConfig extends NoiseScheduleConfig, SpacingConfig, SigmaConfig {
  readonly final_sigmas_type: 'zero' | 'sigma_min'
  readonly lambda_min_clipped?: number
  readonly sigma_min?: number | undefined
  readonly sigma_max?: number | undefined
}

/** Where the last level repeats, rounding may leave a difference in lambda of this much; it is no step. */
export const NO_STEP = 1e-6

export interface SolverSchedule {
  readonly timesteps: readonly number[]
  readonly sigmas: readonly number[]
  readonly levels: readonly SolverLevel[]
}

/**
 * @param roundsKarras whether timesteps of respaced levels are rounded; otherwise they are cut off, as the reference does
 * @param endsAtSpacing whether the last level is the last one of the respacing where it is not zero
 * @throws InlayError `usage` where so many steps would visit a level twice
 */
export function solverSchedule(
  config: SolverConfig,
  steps: number,
  roundsKarras: boolean,
  endsAtSpacing: boolean,
): SolverSchedule {
  const products = solverProducts(config)
  const table = trainingSigmas(products)
  let timesteps = solverTimesteps(config, steps, lastTimestep(products, config.lambda_min_clipped))
  let sigmas = timesteps.map((timestep) => interpolate(table, timestep))
  const spacing = sigmaSpacing(config)
  if (spacing !== 'timesteps') {
    const { sigma_min: min = table[0]!, sigma_max: max = table.at(-1)! } = config
    const logTable = table.map(Math.log)
    const rounds = roundsKarras && (spacing === 'karras' || spacing === 'lu')
    sigmas = spacing === 'lu' ? evenLambdas(logTable, steps) : respacedSigmas(spacing, min, max, steps)
    timesteps = sigmas.map((sigma) => {
      const timestep = sigmaToTimestep(sigma, logTable)
      return rounds ? roundHalfEven(timestep) : Math.trunc(timestep)
    })
  }
  const least = endsAtSpacing && spacing !== 'timesteps' ? sigmas.at(-1)! : table[0]!
  const rounded = [...sigmas, config.final_sigmas_type === 'zero' ? 0 : least].map(Math.fround)
  // The last may repeat: a step of no length, which changes nothing.
  if (rounded.slice(1, -1).some((sigma, i) => !(sigma < rounded[i]!)))
    throw new InlayError(
      'usage',
      `${steps} steps are too many for this scheduler: two of them have the same noise; ask for fewer.`,
    )
  return { timesteps, sigmas: rounded, levels: rounded.map(levelOf) }
}

/** alpha x0 + sigma e; a copy of x0 after the last evaluation. */
export function addLevelNoise(
  original: Float32Array,
  noise: Float32Array,
  index: number,
  levels: readonly SolverLevel[],
): Float32Array {
  const { alpha, sigma } = levels[index]!
  return index < levels.length - 1 ? weightedSum([alpha, original], [sigma, noise]) : original.slice()
}

function levelOf(sigma: number): SolverLevel {
  const alpha = 1 / Math.sqrt(sigma ** 2 + 1)
  return { alpha, sigma: sigma * alpha, lambda: -Math.log(sigma) }
}

/** How many training timesteps have at least the given lambda; cosine schedules leave the noisiest out. */
function lastTimestep(products: Float32Array, smallest = Number.NEGATIVE_INFINITY): number {
  const lambda = (a: number) =>
    Math.fround(
      Math.fround(Math.log(Math.fround(Math.sqrt(a)))) -
        Math.fround(Math.log(Math.fround(Math.sqrt(Math.fround(1 - a))))),
    )
  return products.reduce((count, a) => count + (lambda(a) >= smallest ? 1 : 0), 0)
}
