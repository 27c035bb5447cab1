/**
 * Single-file checkpoints: from the names of the original training code to those of the published components.
 *
 * Invariant: nothing is read or copied. A fused matrix becomes three windows onto the same bytes, and a matrix that is
 * stored the other way round is marked as such. A tensor that belongs to no network (schedules, averages' counters, the last
 * text block that nothing uses) appears in no component.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { StoredTensor } from '../safetensors.ts'

type Tensors = ReadonlyMap<string, StoredTensor>

/** How many levels and residual blocks the denoiser has, and how many text layers the family uses. */
export interface CheckpointSizes {
  readonly unetLevels: number
  /** One number, or one a level. */
  readonly unetBlocks: number | readonly number[]
  readonly vaeLevels: number
  /** Layers that the OpenCLIP encoder runs: SD 2 uses one less than its file holds. */
  readonly openClipLayers: number
}

export interface CheckpointComponents {
  readonly unet: Tensors
  readonly vae: Tensors
  readonly text_encoder: Tensors
  readonly text_encoder_2: Tensors
}

export function checkpointComponents(tensors: Tensors, sizes: CheckpointSizes): CheckpointComponents {
  const xl = [...tensors.keys()].some((key) => key.startsWith('conditioner.'))
  const unet = new Map<string, StoredTensor>()
  const vae = new Map<string, StoredTensor>()
  const clip = new Map<string, StoredTensor>()
  const openClip = new Map<string, StoredTensor>()
  const unetModules = denoiserModules(sizes)
  for (const [key, tensor] of tensors) {
    const inside = (prefix: string) => (key.startsWith(prefix) ? key.slice(prefix.length) : null)
    const denoiser = inside('model.diffusion_model.')
    const autoencoder = inside('first_stage_model.')
    const text = inside('cond_stage_model.transformer.') ?? inside('conditioner.embedders.0.transformer.')
    const open = inside('cond_stage_model.model.') ?? inside('conditioner.embedders.1.model.')
    if (denoiser !== null) unet.set(denoiserKey(denoiser, unetModules), tensor)
    else if (autoencoder !== null) {
      if (AUTOENCODER_PARTS.test(autoencoder)) vae.set(autoencoderKey(autoencoder, sizes.vaeLevels), tensor)
    } else if (text !== null) {
      if (!text.endsWith('position_ids')) clip.set(textKey(text), tensor)
    } else if (open !== null) putOpenClip(openClip, open, tensor, sizes.openClipLayers, xl)
  }
  return xl
    ? { unet, vae, text_encoder: clip, text_encoder_2: openClip }
    : { unet, vae, text_encoder: clip.size > 0 ? clip : openClip, text_encoder_2: new Map() }
}

/** The published name of a denoiser's original one (`input_blocks.4.1.proj_in.weight`), without its prefix. */
export function publishedDenoiserName(
  key: string,
  sizes: Pick<CheckpointSizes, 'unetLevels' | 'unetBlocks'>,
): string {
  return denoiserKey(key, denoiserModules(sizes))
}

/** `input_blocks.4` and the like to the names of the block they are; what stands in a block is told by its own names. */
function denoiserModules({
  unetLevels,
  unetBlocks,
}: Pick<CheckpointSizes, 'unetLevels' | 'unetBlocks'>): ReadonlyMap<string, string> {
  const modules = new Map<string, string>([['input_blocks.0', 'conv_in']])
  const blocksOf = (level: number) => (typeof unetBlocks === 'number' ? unetBlocks : unetBlocks[level]!)
  let input = 1
  let output = 0
  for (let level = 0; level < unetLevels; level++) {
    for (let j = 0; j < blocksOf(level); j++)
      modules.set(`input_blocks.${input++}`, `down_blocks.${level}|${j}`)
    if (level < unetLevels - 1) modules.set(`input_blocks.${input++}`, `down_blocks.${level}|0`)
    for (let j = 0; j <= blocksOf(unetLevels - 1 - level); j++)
      modules.set(`output_blocks.${output++}`, `up_blocks.${level}|${j}`)
  }
  return modules
}

const DENOISER_ENDS: readonly (readonly [string, string])[] = [
  ['time_embed.0.', 'time_embedding.linear_1.'],
  ['time_embed.2.', 'time_embedding.linear_2.'],
  ['label_emb.0.0.', 'add_embedding.linear_1.'],
  ['label_emb.0.2.', 'add_embedding.linear_2.'],
  ['out.0.', 'conv_norm_out.'],
  ['out.2.', 'conv_out.'],
  ['input_blocks.0.0.', 'conv_in.'],
  ['middle_block.0.', 'mid_block.resnets.0.'],
  ['middle_block.1.', 'mid_block.attentions.0.'],
  ['middle_block.2.', 'mid_block.resnets.1.'],
]

const RESIDUAL: readonly (readonly [string, string])[] = [
  ['in_layers.0.', 'norm1.'],
  ['in_layers.2.', 'conv1.'],
  ['emb_layers.1.', 'time_emb_proj.'],
  ['out_layers.0.', 'norm2.'],
  ['out_layers.3.', 'conv2.'],
  ['skip_connection.', 'conv_shortcut.'],
]

function denoiserKey(key: string, modules: ReadonlyMap<string, string>): string {
  const end = DENOISER_ENDS.find(([old]) => key.startsWith(old))
  if (end) return renamed(end[1] + key.slice(end[0].length), RESIDUAL)
  const found = /^((?:in|out)put_blocks\.\d+)\.\d+\.(.*)$/.exec(key)
  const [block, j] = modules.get(found?.[1] ?? '')?.split('|') ?? []
  if (!found || block === undefined) return key
  const rest = found[2]!
  if (rest.startsWith('op.')) return `${block}.downsamplers.0.conv.${rest.slice(3)}`
  if (rest.startsWith('conv.')) return `${block}.upsamplers.0.${rest}`
  const inner = renamed(rest, RESIDUAL)
  return `${block}.${inner === rest ? 'attentions' : 'resnets'}.${j}.${inner}`
}

function renamed(key: string, names: readonly (readonly [string, string])[]): string {
  const found = names.find(([old]) => key.includes(old))
  return found ? key.replace(found[0], found[1]) : key
}

/** Not its discriminator, its perceptual loss or its averages. */
const AUTOENCODER_PARTS = /^(encoder|decoder|quant_conv|post_quant_conv)\./

/** Some files lack the outermost name. */
function textKey(key: string): string {
  return /^(embeddings|encoder|final_layer_norm)\./.test(key) ? `text_model.${key}` : key
}

function autoencoderKey(key: string, levels: number): string {
  return key
    .replace(/\bdown\.(\d+)\.block\./, 'down_blocks.$1.resnets.')
    .replace(/\bdown\.(\d+)\.downsample\./, 'down_blocks.$1.downsamplers.0.')
    .replace(/\bup\.(\d+)\.block\./, (_, level) => `up_blocks.${levels - 1 - Number(level)}.resnets.`)
    .replace(/\bup\.(\d+)\.upsample\./, (_, level) => `up_blocks.${levels - 1 - Number(level)}.upsamplers.0.`)
    .replace(/\bmid\.block_(\d)\./, (_, block) => `mid_block.resnets.${Number(block) - 1}.`)
    .replace(/\bmid\.attn_1\.norm\./, 'mid_block.attentions.0.group_norm.')
    .replace(/\bmid\.attn_1\.proj_out\./, 'mid_block.attentions.0.to_out.0.')
    .replace(/\bmid\.attn_1\.([qkv])\./, 'mid_block.attentions.0.to_$1.')
    .replace('nin_shortcut', 'conv_shortcut')
    .replace(/^decoder\.encoder\.layers\./, 'decoder.condition_encoder.layers.')
    .replace('norm_out', 'conv_norm_out')
}

const OPEN_CLIP: readonly (readonly [string, string])[] = [
  ['ln_1', 'layer_norm1'],
  ['ln_2', 'layer_norm2'],
  ['attn.out_proj', 'self_attn.out_proj'],
  ['mlp.c_fc', 'mlp.fc1'],
  ['mlp.c_proj', 'mlp.fc2'],
]

function putOpenClip(
  into: Map<string, StoredTensor>,
  key: string,
  tensor: StoredTensor,
  layers: number,
  projected: boolean,
) {
  const found = /^transformer\.resblocks\.(\d+)\.(.*)$/.exec(key)
  if (!found) {
    if (key === 'token_embedding.weight') into.set('text_model.embeddings.token_embedding.weight', tensor)
    else if (key === 'positional_embedding')
      into.set('text_model.embeddings.position_embedding.weight', tensor)
    else if (key.startsWith('ln_final.')) into.set(`text_model.final_layer_norm.${key.slice(9)}`, tensor)
    else if (key === 'text_projection' && projected) into.set('text_projection.transposed', tensor)
    return
  }
  if (Number(found[1]) >= layers) return
  const name = `text_model.encoder.layers.${found[1]}`
  const fused = /^attn\.in_proj_(weight|bias)$/.exec(found[2]!)
  if (fused && (tensor.shape[0] ?? 1) % 3 !== 0)
    throw new InlayError(
      'model.unreadable',
      `In ${tensor.file} the tensor ${key} is ${tensor.shape.join('x') || 'a single number'}, where three matrices lie in one.`,
    )
  if (!fused) into.set(`${name}.${renamed(found[2]!, OPEN_CLIP)}`, tensor)
  else
    for (const [i, part] of ['q', 'k', 'v'].entries()) {
      const length = tensor.length / 3
      const shape = [tensor.shape[0]! / 3, ...tensor.shape.slice(1)]
      into.set(`${name}.self_attn.${part}_proj.${fused[1]}`, {
        ...tensor,
        shape,
        length,
        offset: tensor.offset + i * length,
      })
    }
}
