/**
 * Ways of filling a hole that see nothing of what was in it.
 *
 * Invariant: what is kept is the photograph's own in every arm but those called raw. Patch fill has the seed 0 everywhere.
 */
import { patchFill } from '../../../imaging/patch-fill/patch-fill.ts'
import type { EvaluationCase } from '../folder.ts'
import type { EvaluatedNetworks } from '../networks.ts'
import { unit } from '../pictures.ts'
import type { Arm } from './arm.ts'
import { denoiserArms } from './denoiser.ts'

/** @param index of the case, which the denoiser's seed is */
export async function* fillArms(
  one: EvaluationCase,
  networks: EvaluatedNetworks,
  index: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Arm> {
  const { rgb, hole, size } = one
  const filled = await patchFill({ ...size, rgb, hole, seed: 0 }, signal ? { signal } : {})
  yield { arm: 'patch-fill', made: unit(filled) }
  yield { arm: 'mean fill', made: meanFilled(unit(rgb), hole) }
  yield* denoiserArms(one, networks, filled, index, signal)
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
