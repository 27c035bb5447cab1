/**
 * TAESD-style files: two plain sequences, keyed by position, one file a half; and the names that AutoencoderTiny gives them.
 *
 * Invariant: the tensors come out as `encoder.layers.N` and `decoder.layers.N`. A decoder's own count begins with the step that
 * draws latents towards zero, which AutoencoderTiny does not count.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { StoredTensor } from '../safetensors.ts'

type Tensors = ReadonlyMap<string, StoredTensor>

export type TinyHalf = 'encoder' | 'decoder'

/** Which half a file of plainly numbered keys is, or null where it is none. */
export function tinyHalfOf(tensors: Tensors): TinyHalf | null {
  const numbered = [...tensors.keys()].every((name) =>
    /^\d+\.(weight|bias|(conv|pool)\.\d\.(weight|bias))$/.test(name),
  )
  if (!numbered || tensors.size === 0) return null
  if (tensors.has('0.weight')) return 'encoder'
  return tensors.has('1.weight') && tensors.has('3.conv.0.weight') ? 'decoder' : null
}

export function tinyTensors(half: TinyHalf, tensors: Tensors): Tensors {
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const [position, ...rest] = name.split('.')
      const step = Number(position) - (half === 'decoder' ? 1 : 0)
      return [`${half}.layers.${step}.${rest.join('.')}`, tensor]
    }),
  )
}

/** The configuration of AutoencoderTiny that these tensors have. */
export function tinyConfigOf(tensors: Tensors, source: string): Readonly<Record<string, unknown>> {
  const encoder = levelsOf(tensors, 'encoder')
  const decoder = levelsOf(tensors, 'decoder')
  const latent = encoder.last?.[0] ?? decoder.first?.[1]
  const picture = encoder.first?.[1] ?? decoder.last?.[0]
  if (latent === undefined || picture === undefined)
    throw new InlayError(
      'model.incomplete',
      `${source} lacks the first or the last step of a TAESD. Get the model again.`,
    )
  return {
    _class_name: 'AutoencoderTiny',
    in_channels: picture,
    out_channels: picture,
    latent_channels: latent,
    ...(encoder.first && { encoder_block_out_channels: encoder.widths, num_encoder_blocks: encoder.blocks }),
    ...(decoder.first && { decoder_block_out_channels: decoder.widths, num_decoder_blocks: decoder.blocks }),
    latent_magnitude: 3,
    latent_shift: 0.5,
    scaling_factor: 1,
  }
}

/** Every convolution but the last begins a level; what stands between are its blocks. */
function levelsOf(tensors: Tensors, half: TinyHalf) {
  const steps = new Map<number, readonly number[] | null>()
  for (const [name, { shape }] of tensors) {
    const found = new RegExp(`^${half}\\.layers\\.(\\d+)\\.(weight|conv\\.0\\.weight)$`).exec(name)
    if (found) steps.set(Number(found[1]), found[2] === 'weight' ? shape : null)
  }
  const inOrder = [...steps].sort(([a], [b]) => a - b).map(([, shape]) => shape)
  const convolutions = inOrder.flatMap((shape) => (shape ? [shape] : []))
  const widths = convolutions.slice(0, -1).map(([out]) => out ?? 0)
  const blocks = widths.map(() => 0)
  let level = -1
  for (const shape of inOrder) {
    if (shape) level++
    else if (level >= 0 && level < blocks.length) blocks[level]!++
  }
  return { widths, blocks, first: convolutions[0], last: convolutions.at(-1) }
}
