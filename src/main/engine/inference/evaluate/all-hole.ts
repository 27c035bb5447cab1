/**
 * A decoder that is told that all is hole must not look at the picture: the check that its mask means what it says.
 *
 * Invariant: the two decodes differ in the picture alone, and in every pixel of it.
 */
import { decodeAsymmetric, encode, framed, type Network } from '../asymmetric-decode.ts'
import type { EvaluationCase } from './folder.ts'
import { planesOf, unit } from './pictures.ts'

/** Whether the same latents come out the same, bit for bit, beside a photograph and beside its negative. */
export async function ignoresPictureWhereAllIsHole(
  { rgb, size }: Pick<EvaluationCase, 'rgb' | 'size'>,
  encoder: Network,
  asymmetric: Network,
): Promise<boolean> {
  const picture = planesOf(unit(rgb), size)
  const negative = { ...picture, data: picture.data.map((value) => (value === 0 ? 1 : -value)) }
  const latents = await encode(encoder, framed(picture))
  const all = new Uint8Array(size.width * size.height).fill(255)
  const [one, other] = [
    await decodeAsymmetric(asymmetric, framed(picture), latents, all),
    await decodeAsymmetric(asymmetric, framed(negative), latents, all),
  ]
  return bytesOf(one.planes.data).equals(bytesOf(other.planes.data))
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
