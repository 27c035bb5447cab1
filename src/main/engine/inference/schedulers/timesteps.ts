/**
 * Which of the training timesteps a run of a few steps visits.
 *
 * Invariant: whole timesteps from noise to picture, at most as many as asked for. "Leading" leaves the noisiest out,
 * "linspace" has both ends, "trailing" has the noisiest; only the last two start where the model starts in training
 * (Lin et al. 2023, table 2, names them).
 */
import { InlayError } from '../../../../shared/errors.ts'

export type Spacing = 'leading' | 'linspace' | 'trailing'

export interface SpacingConfig {
  readonly num_train_timesteps: number
  readonly timestep_spacing: Spacing
  readonly steps_offset: number
}

/** @throws InlayError `usage` for a step count that is no whole number of 1..trainSteps */
export function checkSteps(steps: number, trainSteps: number): void {
  if (Number.isInteger(steps) && steps >= 1 && steps <= trainSteps) return
  throw new InlayError(
    'usage',
    `The model cannot take ${steps} steps; ask for a whole number from 1 to ${trainSteps}.`,
  )
}

/**
 * Where a run of a denoise strength starts, counted in steps: the reference's image-to-image cut, in doubles, so that 50 steps
 * at 0.58 keep 28 of them.
 * @throws InlayError `usage`
 */
export function cutByStrength(steps: number, strength: number): number {
  if (!(strength >= 0 && strength <= 1))
    throw new InlayError('usage', `The strength ${strength} makes no sense; it goes from 0 to 1.`)
  const kept = Math.min(Math.trunc(steps * strength), steps)
  if (kept === 0)
    throw new InlayError(
      'usage',
      `A strength of ${strength} leaves none of ${steps} steps; raise it, or take more steps.`,
    )
  return steps - kept
}

/**
 * The timesteps of DDIM, PNDM and the two Eulers.
 * @param round false leaves "linspace" fractional, as float32
 */
export function spacedTimesteps(config: SpacingConfig, steps: number, round = true): number[] {
  const { num_train_timesteps: total, timestep_spacing: spacing, steps_offset: offset } = config
  switch (spacing) {
    case 'linspace':
      return linspace(0, total - 1, steps)
        .reverse()
        .map(round ? roundHalfEven : Math.fround)
    case 'leading':
      return descending(steps, (i) => i * Math.floor(total / steps) + offset)
    case 'trailing':
      return trailing(total, total, steps)
  }
}

/** Those of the multistep solvers: one more is spaced, and the last, next to the picture, is left out. */
export function solverTimesteps(config: SpacingConfig, steps: number, lastTimestep: number): number[] {
  const { num_train_timesteps: total, timestep_spacing: spacing, steps_offset: offset } = config
  switch (spacing) {
    case 'linspace':
      return linspace(0, lastTimestep - 1, steps + 1)
        .reverse()
        .slice(0, -1)
        .map(roundHalfEven)
    case 'leading': {
      const ratio = Math.floor(lastTimestep / (steps + 1))
      return descending(steps + 1, (i) => i * ratio + offset).slice(0, -1)
    }
    case 'trailing':
      return trailing(total, lastTimestep, steps)
  }
}

function trailing(total: number, from: number, steps: number): number[] {
  // The step is taken as the difference of the first two, as the reference's range does.
  const step = from - total / steps - from
  const all = Array.from({ length: steps }, (_, i) => roundHalfEven(from + i * step) - 1)
  return all.filter((timestep) => timestep >= 0)
}

function descending(count: number, at: (i: number) => number): number[] {
  return Array.from({ length: count }, (_, i) => at(count - 1 - i))
}

/** `count` numbers from start to end, both included; only the start where there is one. */
export function linspace(start: number, end: number, count: number): number[] {
  if (count === 1) return [start]
  const step = (end - start) / (count - 1)
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? end : i * step + start))
}

/** Halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value)
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}
