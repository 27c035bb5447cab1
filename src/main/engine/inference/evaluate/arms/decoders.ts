/**
 * Ways of decoding: the plain decoder, pasted or not, and the asymmetric one, whole and around the hole alone.
 *
 * Invariant: all decode the same latents of the photograph, so what differs is decoding alone. `+ hard paste` is what a
 * document gets: the photograph's own pixels outside the hole.
 */
import { rectOf } from '../../../../../shared/geometry.ts'
import { innerFeather } from '../../../imaging/mask-feather.ts'
import { decodePlain, framed, hardHole } from '../../asymmetric-decode.ts'
import type { EvaluationCase } from '../folder.ts'
import { CONDITIONS, conditionedLatents } from '../latents.ts'
import type { EvaluatedNetworks } from '../networks.ts'
import { hardCover, interleaved, pasted, planesOf, unit } from '../pictures.ts'
import type { Arm } from './arm.ts'
import { aroundHole, timedDecode } from './region.ts'

/** Pixels around the hole over which a feathered paste fades: inside it there is nothing but truth to fade to. */
const FEATHER = 8

/** @param index of the case, which its draws depend on */
export async function* decoderArms(
  one: EvaluationCase,
  { encoder, plain, asymmetric }: EvaluatedNetworks,
  index: number,
  margin: number,
): AsyncGenerator<Arm> {
  const { hole, size } = one
  const truth = unit(one.rgb)
  const frame = framed(planesOf(truth, size))
  const latents = await conditionedLatents(encoder, frame, hole, index)
  const hard = hardCover(hole)
  const grown = { rect: rectOf(size), pixels: await hardHole(hole, size, FEATHER) }
  const soft = (await innerFeather(grown, FEATHER - 1)).pixels
  for (const condition of CONDITIONS) {
    const z = latents[condition]
    if (plain) {
      const made = interleaved((await decodePlain(plain, frame, z)).planes)
      yield { arm: `plain, ${condition}`, made }
      yield { arm: `plain + hard paste, ${condition}`, made: pasted(truth, made, hard) }
      yield { arm: `plain + feathered paste, ${condition}`, made: pasted(truth, made, soft) }
    }
    if (asymmetric) {
      const whole = await timedDecode(asymmetric, { frame, latents: z, hole })
      const made = interleaved(whole.planes)
      yield { arm: `asymmetric, ${condition}`, made }
      yield { arm: `asymmetric + hard paste, ${condition}`, made: pasted(truth, made, hard) }
      if (condition === 'exact')
        yield await aroundHole(one, { frame, latents: z, hole }, asymmetric, whole, margin)
    }
  }
}
