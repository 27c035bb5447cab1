/**
 * What every scheduler offers: from a network's outputs to the next, less noisy latents.
 *
 * Invariant: a scheduler belongs to one run. Its evaluations are numbered by their place in `timesteps`; `step` is called
 * once for each, in order, from where the strength cuts to the end. Latents are Float32Arrays of any shape (nothing here
 * looks across elements, but for dynamic thresholding), coefficients are doubles, tables are rounded to float32 where the
 * reference's are. No array that is handed in is kept or changed; every array that is handed out is the caller's.
 */

/** The schedulers by the names that requests, the command line and recorded edits use. */
export const SCHEDULER_NAMES = [
  'ddim',
  'pndm',
  'euler',
  'euler-ancestral',
  'dpm-solver-multistep',
  'unipc',
  'lcm',
  'rectified-flow',
] as const
export type SchedulerName = (typeof SCHEDULER_NAMES)[number]

export interface SchedulerStep {
  /** The latents of the next evaluation, or the result after the last. */
  readonly sample: Float32Array
  /** What the network takes the noiseless latents to be at this evaluation: for previews. */
  readonly denoised: Float32Array
}

export interface Scheduler {
  readonly name: SchedulerName
  /** Steps asked for; PNDM evaluates the network more often than that. */
  readonly steps: number
  /** What the network is told at each evaluation, from noise to picture; may be fractional. */
  readonly timesteps: readonly number[]
  /** The noise levels of the evaluations and the last one after them, where the scheduler works with such. */
  readonly sigmas: readonly number[] | null
  /** A run at full strength starts from normals times this. */
  readonly initialNoiseSigma: number
  /**
   * The evaluation at which a run of a denoise strength starts: the first for 1.
   * @throws InlayError `usage` for a strength that is no number of 0..1, or leaves no step
   */
  startIndex(strength: number): number
  /** The network's input for latents: those themselves where nothing needs scaling. */
  scaleModelInput(sample: Float32Array, index: number): Float32Array
  /** Whether `step` needs normals at this evaluation; asked for in the order of the evaluations. */
  drawsNoise(index: number): boolean
  /** @param noise normals, one for each element, where `drawsNoise` says so */
  step(modelOutput: Float32Array, index: number, sample: Float32Array, noise?: Float32Array): SchedulerStep
  /** Clean latents at the noise level of an evaluation; clean again at `timesteps.length`, after the last. */
  addNoise(original: Float32Array, noise: Float32Array, index: number): Float32Array
}

/** A scheduler whose steps can be taken backwards: from a picture to the noise that it would come from. */
export interface InvertibleScheduler extends Scheduler {
  /**
   * The latents of an evaluation from those that its step ends at.
   * @param modelOutput for `sample`, at the evaluation's timestep @param sample less noisy than what comes out
   */
  invert(modelOutput: Float32Array, index: number, sample: Float32Array): Float32Array
}

export function isInvertible(scheduler: Scheduler): scheduler is InvertibleScheduler {
  return 'invert' in scheduler
}
