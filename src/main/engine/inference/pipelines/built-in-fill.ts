/**
 * A hole filled by the denoiser of our own recipe: no words, few steps along straight lines from noise to picture.
 *
 * Invariant: the same walk as in training (`models/training/inlay_training/flow.py`): standardised latents, a cell is hole where
 * any of its pixels is, and kept cells stay on the line to those of the picture with its hole filled, so what lies under the
 * hole is never looked at. Latents are those of the picture with a reflected rim, as the decoders want them; the denoiser
 * knows the picture alone, and the rim gets what its neighbours inside have.
 */
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import type { Rect, Size } from '../../../../shared/geometry.ts'
import type { DenoiserConfig } from '../../models/architectures/latent-denoiser.ts'
import { encode, framed, type Network } from '../asymmetric-decode.ts'
import { grownToCells, latentMask } from '../latent-mask.ts'
import type { Planes } from '../reflection-padding.ts'
import { createScheduler } from '../schedulers/create-scheduler.ts'
import type { Tensor } from '../tensors.ts'
import type { Draws } from './draws.ts'
import { blended, FACTOR, finite, floats } from './latents.ts'

export interface FillStep {
  /** From 1 to `count`. */
  readonly done: number
  readonly count: number
  /** What the network takes the clean latents to be, not standardised, of the picture without a rim. */
  readonly denoised: Tensor
}

export interface FillRun {
  readonly encoder: Network
  readonly denoiser: Network
  readonly config: DenoiserConfig
  readonly draws: Draws
  readonly signal?: AbortSignal
  readonly onStep?: (step: FillStep) => Promise<void>
}

export interface FillRequest {
  /** In -1..1, its hole filled as the configuration says; sides are multiples of `fillFactor`. */
  readonly given: Planes
  /** A byte a pixel, 128 and more is made anew. */
  readonly hole: Uint8Array
  readonly steps: number
  /** Above 0, to 1: times the configuration's own start. */
  readonly strength: number
}

/** Sides of a picture are multiples of this: whole cells, halved as often as the network does. */
export function fillFactor({ widths }: DenoiserConfig): number {
  return FACTOR * 2 ** (widths.length - 1)
}

/**
 * @returns clean latents (1,L,h,w) of the picture with its reflected rim
 * @throws InlayError `cancelled`, `usage` for sides that do not fit, `model.unreadable` for values that are no numbers
 */
export async function builtInFill(run: FillRun, request: FillRequest): Promise<Tensor> {
  const { encoder, denoiser, config, draws, signal } = run
  const { given, hole, strength } = request
  requireSides(given, config)
  const frame = framed(given)
  const rimmed = await encode(encoder, frame)
  finite(floats(rimmed), 'The encoder')
  const cells = { width: given.width / FACTOR, height: given.height / FACTOR }
  const inside = { x: frame.at.x / FACTOR, y: frame.at.y / FACTOR, ...cells }
  const condition = standardised(cropped(floats(rimmed), sizeOf(rimmed), inside), config)
  const shape = [1, config.latent, cells.height, cells.width]
  const mask = latentMask(grownToCells(hole, given, FACTOR), given, FACTOR)

  const { sigmas } = createScheduler(null, request.steps, { name: 'rectified-flow' })
  const times = sigmas!.map((sigma) => sigma * config.start * strength)
  const noise = draws.next('start', condition.length)
  let latents = between(condition, noise, times[0]!)
  for (let index = 0; index < request.steps; index++) {
    throwIfCancelled(signal)
    const [time, following] = [times[index]!, times[index + 1]!]
    const { velocity } = await denoiser.run({
      noisy: { data: latents, shape },
      time: { data: Float32Array.of(time), shape: [1] },
      mask: { data: mask, shape: [1, 1, ...shape.slice(2)] },
      condition: { data: condition, shape },
    })
    const moved = finite(floats(velocity!), 'The denoiser')
    const clean = latents.map((value, i) => value - time * moved[i]!)
    latents = latents.map((value, i) => value - (time - following) * moved[i]!)
    latents = blended(between(condition, noise, following), latents, mask)
    const denoised = { data: asEncoded(blended(condition, clean, mask), config), shape }
    await run.onStep?.({ done: index + 1, count: request.steps, denoised })
  }
  throwIfCancelled(signal)
  return {
    data: withRim(floats(rimmed), sizeOf(rimmed), inside, asEncoded(latents, config), mask),
    shape: rimmed.shape,
  }
}

/** On the straight line from clean latents to noise. */
function between(clean: Float32Array, noise: Float32Array, time: number): Float32Array {
  return clean.map((value, i) => (1 - time) * value + time * noise[i]!)
}

function standardised(latents: Float32Array, { mean, spread }: DenoiserConfig): Float32Array {
  const area = latents.length / mean.length
  return latents.map((value, i) => {
    const channel = Math.floor(i / area)
    return (value - mean[channel]!) / spread[channel]!
  })
}

function asEncoded(latents: Float32Array, { mean, spread }: DenoiserConfig): Float32Array {
  const area = latents.length / mean.length
  return latents.map((value, i) => {
    const channel = Math.floor(i / area)
    return value * spread[channel]! + mean[channel]!
  })
}

function sizeOf({ shape }: Tensor): Size {
  return { width: shape[3]!, height: shape[2]! }
}

function cropped(latents: Float32Array, whole: Size, part: Rect): Float32Array {
  const channels = latents.length / (whole.width * whole.height)
  const out = new Float32Array(channels * part.width * part.height)
  for (let row = 0; row < channels * part.height; row++) {
    const [channel, y] = [Math.floor(row / part.height), row % part.height]
    const from = (channel * whole.height + part.y + y) * whole.width + part.x
    out.set(latents.subarray(from, from + part.width), row * part.width)
  }
  return out
}

/** Kept cells stay as they were encoded; a cell of the rim is hole where the nearest one inside is, and then the same. */
function withRim(
  rimmed: Float32Array,
  whole: Size,
  inside: Rect,
  filled: Float32Array,
  mask: Float32Array,
): Float32Array {
  const area = inside.width * inside.height
  const nearest = (at: number, start: number, length: number) => Math.min(length - 1, Math.max(0, at - start))
  return rimmed.map((value, i) => {
    const [x, row] = [i % whole.width, Math.floor(i / whole.width)]
    const [y, channel] = [row % whole.height, Math.floor(row / whole.height)]
    const cell = nearest(y, inside.y, inside.height) * inside.width + nearest(x, inside.x, inside.width)
    return mask[cell] === 1 ? filled[channel * area + cell]! : value
  })
}

function requireSides({ width, height }: Size, config: DenoiserConfig): void {
  const factor = fillFactor(config)
  if (width < factor || height < factor || width % factor !== 0 || height % factor !== 0)
    throw new InlayError(
      'usage',
      `The built-in model cannot fill ${width} x ${height} pixels; give sides that are multiples of ${factor}.`,
    )
}
