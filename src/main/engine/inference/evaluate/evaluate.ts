/**
 * How well a model of our own recipe keeps and fills: every way of decoding and filling, on photographs whose hole is known.
 *
 * Invariant: decoders are given latents of the photograph itself, fills see nothing of the hole; every arm is judged by the
 * same figures. The same folders give the same figures, but for the time that decoding a part saves.
 */
import { throwIfCancelled } from '../../../../shared/errors.ts'
import type { BuiltInModel } from '../../models/checkpoint/built-in.ts'
import { type Aim, judgedAims } from './aims.ts'
import { ignoresPictureWhereAllIsHole } from './all-hole.ts'
import { decoderArms } from './arms/decoders.ts'
import { fillArms } from './arms/fills.ts'
import { coverageOf } from './coverage.ts'
import {
  type ArmFigures,
  type BinFigures,
  type CaseFigures,
  caseFigures,
  figuresByCoverage,
  meanFigures,
} from './figures.ts'
import { type EvaluationCase, openPair, pairUp } from './folder.ts'
import { type DecoderChoice, type EvaluatedNetworks, openNetworks } from './networks.ts'
import { unit } from './pictures.ts'
import { type RegionCase, type RegionEvaluation, regionMeans } from './regions.ts'

export interface EvaluateOptions {
  readonly photos: string
  readonly masks: string
  /** Only this one; every decoder the model has unless told. */
  readonly decoder?: DecoderChoice
  /** Cells around the hole that a decode of a part covers besides. */
  readonly margin?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (fraction: number) => void
}

export interface EvaluatedArm extends ArmFigures {
  readonly arm: string
  readonly byCoverage: readonly BinFigures[]
}

export interface Evaluation {
  readonly photographs: number
  readonly masks: number
  readonly arms: readonly EvaluatedArm[]
  /** Of decoding around the hole alone. */
  readonly region: RegionEvaluation | null
  /** Whether a decode whose mask is all hole is the same, bit for bit, beside another picture. */
  readonly allHoleIgnoresPicture: boolean | null
  readonly aims: readonly Aim[]
  readonly notices: readonly string[]
}

const MARGIN = 4

/** @throws InlayError as the folders' and the model's parts do; `model.incomplete`, `cancelled` */
export async function evaluate(model: BuiltInModel, options: EvaluateOptions): Promise<Evaluation> {
  const { decoder, signal, margin = MARGIN } = options
  const pairs = await pairUp(options.photos, options.masks)
  const total = pairs.reduce((sum, { masks }) => sum + masks.length, 0)
  const networks = await openNetworks(model, decoder, signal)
  const found = new Map<string, CaseFigures[]>()
  const regions: RegionCase[] = []
  let allHoleIgnoresPicture: boolean | null = null
  let done = 0
  try {
    for (const pair of pairs)
      for await (const one of openPair(pair)) {
        throwIfCancelled(signal)
        allHoleIgnoresPicture ??= await checkAllHole(one, networks)
        for await (const { arm, made, region } of armsOf(one, networks, done, margin, signal)) {
          const figures = caseFigures(unit(one.rgb), made, one.hole, one.size)
          found.set(arm, [...(found.get(arm) ?? []), figures])
          if (region) regions.push({ ...region, coverage: coverageOf(one.hole) })
          throwIfCancelled(signal)
        }
        options.onProgress?.(++done / total)
      }
  } finally {
    await networks.release()
  }
  const arms = [...found].map(([arm, cases]) => ({
    arm,
    ...meanFigures(cases),
    byCoverage: figuresByCoverage(cases),
  }))
  const region = regionMeans(regions, margin)
  return {
    photographs: pairs.length,
    masks: total,
    arms,
    region,
    allHoleIgnoresPicture,
    aims: judgedAims(arms, region),
    notices: absences(model, decoder),
  }
}

async function* armsOf(
  one: EvaluationCase,
  networks: EvaluatedNetworks,
  index: number,
  margin: number,
  signal: AbortSignal | undefined,
) {
  yield* decoderArms(one, networks, index, margin)
  yield* fillArms(one, networks, index, signal)
}

async function checkAllHole(
  one: EvaluationCase,
  { encoder, asymmetric }: EvaluatedNetworks,
): Promise<boolean | null> {
  return asymmetric ? ignoresPictureWhereAllIsHole(one, encoder, asymmetric) : null
}

function absences({ asymmetricDecoder, denoiser }: BuiltInModel, decoder?: DecoderChoice): readonly string[] {
  return [
    ...(asymmetricDecoder || decoder === 'plain' ? [] : ['This model has no asymmetric decoder yet.']),
    ...(denoiser ? [] : ['This model has no denoiser yet.']),
  ]
}
