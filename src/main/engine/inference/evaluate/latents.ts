/**
 * The latents that decoders are judged on: those of the photograph itself, and two ways of being a little off in the hole.
 *
 * Invariant: kept cells always have the photograph's own latents; a draw depends on the case's number and nothing else. What
 * is off is off as in training (models/training, latents.py): noise of a share of each channel's spread, or the latents of
 * a picture of slightly other colours.
 */
import { encode, holeCells, type Network } from '../asymmetric-decode.ts'
import { normals, philox4x32 } from '../random.ts'
import type { Padded } from '../reflection-padding.ts'
import type { Tensor } from '../tensors.ts'

export const CONDITIONS = ['exact', 'noisy', 'jittered'] as const
export type Condition = (typeof CONDITIONS)[number]

/** Of each channel's spread over the photograph's own latents; training draws 0.05 to 0.25 of the data's. */
const NOISE = 0.15
/** At most so much gain and offset for each colour, values of 0..1. */
const [GAIN, OFFSET] = [0.04, 0.02]

export async function conditionedLatents(
  encoder: Network,
  frame: Padded,
  hole: Uint8Array,
  index: number,
): Promise<Readonly<Record<Condition, Tensor>>> {
  const cells = holeCells(hole, frame.at)
  const exact = await encode(encoder, frame)
  return {
    exact,
    noisy: inHole(exact, noisy(exact, index), cells),
    jittered: inHole(exact, await encode(encoder, jittered(frame, index)), cells),
  }
}

/** Standard deviation of each channel. */
export function spreads({ data, shape }: Tensor): readonly number[] {
  const channels = shape[1]!
  const count = data.length / channels
  return Array.from({ length: channels }, (_, c) => {
    const values = (data as Float32Array).subarray(c * count, (c + 1) * count)
    const mean = values.reduce((sum, value) => sum + value, 0) / count
    return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count)
  })
}

function noisy(exact: Tensor, index: number): Tensor {
  const data = exact.data as Float32Array
  const spread = spreads(exact)
  const count = data.length / spread.length
  const drawn = normals({ seed: index, candidate: 0, draw: 0 }, data.length)
  const made = data.map((value, i) => value + NOISE * spread[Math.floor(i / count)]! * drawn[i]!)
  return { data: made, shape: exact.shape }
}

function jittered({ planes, at }: Padded, index: number): Padded {
  const draws = new Uint32Array([index, 0, 0, 0, index, 1, 0, 0])
  for (const half of [0, 4]) philox4x32(draws.subarray(half, half + 4), Uint32Array.of(0, 0))
  const between = (i: number, most: number) => (2 * ((draws[i]! + 0.5) / 2 ** 32) - 1) * most
  const area = planes.width * planes.height
  const data = planes.data.map((value, i) => {
    const c = Math.floor(i / area)
    const changed = ((value + 1) / 2) * (1 + between(c, GAIN)) + between(4 + c, OFFSET)
    return 2 * Math.min(1, Math.max(0, changed)) - 1
  })
  return { planes: { ...planes, data }, at }
}

function inHole(kept: Tensor, other: Tensor, cells: Float32Array): Tensor {
  const data = (kept.data as Float32Array).map((value, i) =>
    cells[i % cells.length] === 1 ? (other.data[i] as number) : value,
  )
  return { data, shape: kept.shape }
}
