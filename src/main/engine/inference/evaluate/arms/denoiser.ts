/**
 * The hole filled by the model's own denoiser, decoded by each decoder from the same latents.
 *
 * Invariant: one seed a case, its number, and the model's own steps: nobody chose among candidates. What the denoiser begins
 * from is what it was trained with, the patch fill of the arm of that name or grey. `raw` is as decoded; the others have the
 * photograph's own pixels outside the hole.
 */
import { decodeAsymmetric, decodePlain, framed } from '../../asymmetric-decode.ts'
import { builtInFill, fillFactor } from '../../pipelines/built-in-fill.ts'
import { seededDraws } from '../../pipelines/draws.ts'
import { cropPlanes, type Planes, padToMultiple } from '../../reflection-padding.ts'
import type { EvaluationCase } from '../folder.ts'
import type { EvaluatedNetworks } from '../networks.ts'
import { hardCover, interleaved, pasted, planesOf, unit } from '../pictures.ts'
import type { Arm } from './arm.ts'

/** @param patchFilled the photograph with its hole filled without a model */
export async function* denoiserArms(
  { rgb, size, hole }: EvaluationCase,
  { encoder, plain, asymmetric, denoiser }: EvaluatedNetworks,
  patchFilled: Uint8Array,
  index: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Arm> {
  if (!denoiser) return
  const { config, network } = denoiser
  const whole = (picture: Planes) => padToMultiple(picture, fillFactor(config), 0)
  const truth = unit(rgb)
  const picture = planesOf(truth, size)
  const given =
    config.hole === 'patch-fill'
      ? planesOf(unit(patchFilled), size)
      : { ...picture, data: picture.data.map((value, i) => (hole[i % hole.length]! > 0 ? 0 : value)) }
  const { planes, at } = whole(picture)
  const hard = hardCover(hole)
  const wideHole = Uint8Array.from(whole({ channels: 1, ...size, data: Float32Array.from(hard) }).planes.data)
  const latents = await builtInFill(
    { encoder, denoiser: network, config, draws: seededDraws(index, 0), ...(signal ? { signal } : {}) },
    { given: whole(given).planes, hole: wideHole, steps: config.steps, strength: 1 },
  )
  const frame = framed(planes)
  const arms = async function* (name: string, decoded: Planes): AsyncGenerator<Arm> {
    const made = interleaved(cropPlanes(decoded, at))
    yield { arm: `${name}, raw`, made }
    yield { arm: name, made: pasted(truth, made, hard) }
  }
  if (plain) yield* arms('built-in denoiser + plain', (await decodePlain(plain, frame, latents)).planes)
  if (asymmetric) {
    const { planes: decoded } = await decodeAsymmetric(asymmetric, frame, latents, wideHole)
    yield* arms('built-in denoiser + asymmetric', decoded)
  }
}
