/**
 * The steps of a run, from noisy latents to clean ones: the same for every recipe.
 *
 * Invariant: evaluations go from `from` to the scheduler's last, each after a look at whether the person cancelled. What was
 * handed in is not changed.
 */
import { throwIfCancelled } from '../../../../shared/errors.ts'
import type { Size } from '../../../../shared/geometry.ts'
import type { Planes } from '../reflection-padding.ts'
import type { Scheduler } from '../schedulers/scheduler.ts'
import type { Conditions } from './conditions.ts'
import type { Draws } from './draws.ts'
import { joined, rowsOf } from './latents.ts'
import { latentTensor, type Networks } from './networks.ts'

export interface Step {
  /** Evaluations made, from 1 to `count`. */
  readonly done: number
  readonly count: number
  readonly latents: Float32Array
  /** What the network takes the clean latents to be: for previews. */
  readonly denoised: Float32Array
}

/** What every recipe is run with. */
export interface Run {
  readonly networks: Networks
  /** Of this run alone. */
  readonly scheduler: Scheduler
  readonly draws: Draws
  readonly signal?: AbortSignal
  readonly onStep?: (step: Step) => void
}

/** What every recipe makes. */
export interface Made {
  /** Clean and scaled: what another decoder can be given as well. */
  readonly latents: Float32Array
  /** In -1..1, not clamped. */
  readonly picture: Planes
  /**
   * What is new, in whole latent cells and a byte a pixel, 255 or 0: as it was asked for, or, where no mask was, as the
   * latents tell. An asymmetric decoder was shown the picture outside it. null where there was no picture before.
   */
  readonly mask: Uint8Array | null
}

/** Of one picture, at one evaluation. */
export interface Evaluated {
  readonly size: Size
  readonly conditions: Pick<Conditions, 'rows' | 'inputs'>
  /** Channels behind the latents', one array for each row. */
  readonly channels?: readonly Float32Array[]
}

export interface Denoising extends Evaluated {
  readonly conditions: Conditions
  /** The evaluation to start at. */
  readonly from: number
  /** How many evaluations the recipe made before, for `onStep`. */
  readonly before?: number
  /** Changes a step's latents; `index` is that of the next evaluation. */
  readonly keep?: (latents: Float32Array, index: number) => Float32Array
}

/** @throws InlayError `cancelled`, `model.unreadable` for values that are no numbers */
export async function denoise(run: Run, start: Float32Array, denoising: Denoising): Promise<Float32Array> {
  const { scheduler, draws, signal, onStep } = run
  const { conditions, from, before = 0, keep = (latents) => latents } = denoising
  const count = before + scheduler.timesteps.length - from
  let latents = start
  for (let index = from; index < scheduler.timesteps.length; index++) {
    const rows = await evaluate(run, latents, index, denoising)
    const noise = scheduler.drawsNoise(index) ? draws.next('step', latents.length) : undefined
    const step = scheduler.step(conditions.combine(rows), index, latents, noise)
    latents = keep(step.sample, index + 1)
    onStep?.({ done: before + index - from + 1, count, latents, denoised: step.denoised })
  }
  throwIfCancelled(signal)
  return latents
}

/** What the network says of latents at an evaluation, row by row. @throws InlayError as `denoise` does */
export async function evaluate(
  { networks, scheduler, signal }: Run,
  latents: Float32Array,
  index: number,
  { size, conditions, channels = [] }: Evaluated,
): Promise<Float32Array[]> {
  throwIfCancelled(signal)
  const scaled = scheduler.scaleModelInput(latents, index)
  const rows = Array.from({ length: conditions.rows }, (_, row) => {
    const behind = channels[row]
    return behind ? joined([scaled, behind]) : scaled
  })
  const { shape } = latentTensor(rows[0]!, size)
  const output = await networks.denoise({
    ...conditions.inputs,
    sample: { data: joined(rows), shape: [rows.length, ...shape.slice(1)] },
    timestep: { data: Float32Array.of(scheduler.timesteps[index]!), shape: [1] },
  })
  return rowsOf(output)
}
