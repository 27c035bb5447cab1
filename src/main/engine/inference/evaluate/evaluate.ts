/**
 * How well a model of our own recipe keeps and fills: every way of decoding and filling, on photographs whose hole is known.
 *
 * Invariant: decoders are given the latents of the photograph itself (exact), or in the hole those of one with slightly other
 * colours (jittered, drawn by the case's place in the list), so what differs between them is decoding alone. Fills see
 * nothing of the hole. The same folders give the same figures.
 */
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import { rectOf } from '../../../../shared/geometry.ts'
import { innerFeather } from '../../imaging/mask-feather.ts'
import { patchFill } from '../../imaging/patch-fill/patch-fill.ts'
import type { BuiltInModel } from '../../models/checkpoint/built-in.ts'
import { componentGraph } from '../../models/index.ts'
import { decodeAsymmetric, decodePlain, encode, framed, hardHole, holeCells } from '../asymmetric-decode.ts'
import { philox4x32 } from '../random.ts'
import type { Padded, Planes } from '../reflection-padding.ts'
import { Session } from '../session.ts'
import type { Tensor } from '../tensors.ts'
import { type ArmFigures, type CaseFigures, caseFigures, meanFigures } from './arms.ts'
import { type EvaluationCase, openPair, pairUp } from './folder.ts'

export type DecoderChoice = 'plain' | 'asymmetric'

export interface EvaluateOptions {
  readonly photos: string
  readonly masks: string
  /** Only this one; every decoder the model has unless told. */
  readonly decoder?: DecoderChoice
  readonly signal?: AbortSignal
  readonly onProgress?: (fraction: number) => void
}

export interface Evaluation {
  readonly photographs: number
  readonly masks: number
  readonly arms: readonly (ArmFigures & { readonly arm: string })[]
  readonly notices: readonly string[]
}

/** Pixels around the hole over which a feathered paste fades: inside it there is nothing but truth to fade to. */
const FEATHER = 8
/** As in training: 4 % of gain and 2 % of offset for each channel. */
const [GAIN, OFFSET] = [0.04, 0.02]

/** @throws InlayError as the folders' and the model's parts do; `model.incomplete` for a decoder that the model has not */
export async function evaluate(model: BuiltInModel, options: EvaluateOptions): Promise<Evaluation> {
  const { decoder, signal } = options
  if (decoder === 'asymmetric' && !model.asymmetricDecoder)
    throw new InlayError(
      'model.incomplete',
      'This model has no asymmetric decoder yet; evaluate --decoder plain.',
    )
  const pairs = await pairUp(options.photos, options.masks)
  const total = pairs.reduce((sum, { masks }) => sum + masks.length, 0)
  const { asymmetricDecoder } = model
  const open = (graph: ReturnType<typeof componentGraph>) => Session.open(graph)
  const encoder = await open(componentGraph(model.autoencoder, 'encoder'))
  const plain = decoder === 'asymmetric' ? null : await open(componentGraph(model.autoencoder, 'decoder'))
  const asymmetric =
    asymmetricDecoder && decoder !== 'plain'
      ? await open(componentGraph(asymmetricDecoder, 'conditioned-decoder'))
      : null
  const found = new Map<string, CaseFigures[]>()
  let done = 0
  try {
    for (const pair of pairs)
      for await (const one of openPair(pair)) {
        throwIfCancelled(signal)
        for await (const [arm, made] of armsOf(one, { encoder, plain, asymmetric }, done, signal)) {
          const figures = caseFigures(unit(one.rgb), made, one.hole, one.size)
          found.set(arm, [...(found.get(arm) ?? []), figures])
          throwIfCancelled(signal)
        }
        options.onProgress?.(++done / total)
      }
  } finally {
    for (const session of [encoder, plain, asymmetric]) await session?.release()
  }
  return {
    photographs: pairs.length,
    masks: total,
    arms: [...found].map(([arm, cases]) => ({ arm, ...meanFigures(cases) })),
    notices: absences(model, decoder),
  }
}

interface Sessions {
  readonly encoder: Session
  readonly plain: Session | null
  readonly asymmetric: Session | null
}

/** Pictures of 0..1 by the name of what made them. */
async function* armsOf(
  one: EvaluationCase,
  { encoder, plain, asymmetric }: Sessions,
  index: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly [string, Float32Array]> {
  const { rgb, hole, size } = one
  const truth = unit(rgb)
  const frame = framed(planesOf(truth, size))
  const exact = await encode(encoder, frame)
  const hard = hole.map((value) => (value > 0 ? 255 : 0))
  const grown = { rect: rectOf(size), pixels: await hardHole(hole, size, FEATHER) }
  const soft = (await innerFeather(grown, FEATHER - 1)).pixels
  for (const [latents, z] of [
    ['exact', exact],
    ['jittered', inHole(exact, await encode(encoder, jittered(frame, index)), holeCells(hole, frame.at))],
  ] as const) {
    if (plain) {
      const made = interleaved((await decodePlain(plain, frame, z)).planes)
      yield [`plain, ${latents}`, made]
      yield [`plain + hard paste, ${latents}`, pasted(truth, made, hard)]
      yield [`plain + feathered paste, ${latents}`, pasted(truth, made, soft)]
    }
    if (asymmetric) {
      const made = interleaved((await decodeAsymmetric(asymmetric, frame, z, hole)).planes)
      yield [`asymmetric, ${latents}`, made]
      yield [`asymmetric + hard paste, ${latents}`, pasted(truth, made, hard)]
    }
  }
  const filled = await patchFill({ ...size, rgb, hole, seed: 0 }, signal ? { signal } : {})
  yield ['patch-fill', unit(filled)]
  yield ['mean fill', meanFilled(truth, hole)]
}

function absences({ asymmetricDecoder, denoiser }: BuiltInModel, decoder?: DecoderChoice): readonly string[] {
  return [
    ...(asymmetricDecoder || decoder === 'plain' ? [] : ['This model has no asymmetric decoder yet.']),
    denoiser ? 'Fills with the denoiser are not evaluated yet.' : 'This model has no denoiser yet.',
  ]
}

function unit(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (value) => value / 255)
}

function planesOf(rgb: Float32Array, { width, height }: EvaluationCase['size']): Planes {
  const area = width * height
  const data = new Float32Array(3 * area)
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) data[c * area + i] = 2 * rgb[3 * i + c]! - 1
  return { channels: 3, width, height, data }
}

function interleaved({ width, height, data }: Planes): Float32Array {
  const area = width * height
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const value = (data[(i % 3) * area + Math.floor(i / 3)]! + 1) / 2
    return Math.min(1, Math.max(0, value))
  })
}

/** @param cover a byte a pixel of how much of what was made is taken */
function pasted(truth: Float32Array, made: Float32Array, cover: Uint8Array): Float32Array {
  return truth.map((value, i) => {
    const share = cover[Math.floor(i / 3)]! / 255
    return share === 0 ? value : value + share * (made[i]! - value)
  })
}

/** Everything that is kept, averaged. */
function meanFilled(truth: Float32Array, hole: Uint8Array): Float32Array {
  const sums = [0, 0, 0]
  let count = 0
  for (let i = 0; i < hole.length; i++) {
    if (hole[i]! > 0) continue
    for (let c = 0; c < 3; c++) sums[c]! += truth[3 * i + c]!
    count++
  }
  return truth.map((value, i) => (hole[Math.floor(i / 3)]! > 0 ? sums[i % 3]! / count : value))
}

/** A gain and an offset of its own for each channel, around the 0..1 that they are meant in. */
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
