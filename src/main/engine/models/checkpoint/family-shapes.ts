/**
 * A network's config.json from the names and shapes of its tensors, where no configuration lies beside them.
 *
 * Invariant: widths, depths and channel counts come from shapes alone; what leaves no trace there comes from `given` (a
 * configuration from elsewhere, checked by nobody but its maker) or from the published ones, and is null where neither knows.
 */

import type { StoredTensor } from '../safetensors.ts'
import type { Architecture, Component, Family } from './checkpoint.ts'
import {
  autoencoderSettings,
  clipTextSettings,
  type HiddenSettings,
  SCALING_FACTOR,
  unetSettings,
} from './known-configs.ts'
import { TensorShapes } from './tensor-shapes.ts'

type Tensors = ReadonlyMap<string, StoredTensor>
type Config = Readonly<Record<string, unknown>>

/** Which network these names belong to, or null. */
export function architectureOf(tensors: Tensors): Architecture | null {
  if (tensors.has('text_model.embeddings.token_embedding.weight')) return 'clip-text'
  if (tensors.has('conv_in.weight') && tensors.has('time_embedding.linear_1.weight'))
    // A ControlNet is the first half of one.
    return tensors.has('controlnet_cond_embedding.conv_in.weight') ? null : 'unet'
  if (tensors.has('branch.convs.0.weight') && tensors.has('stages.0.0.conv.0.weight'))
    return 'small-asymmetric-decoder'
  if (tensors.has('time.0.weight') && tensors.has('down.0.block.conv1.weight')) return 'latent-denoiser'
  if (tensors.has('decoder.condition_encoder.layers.0.weight')) return 'asymmetric-autoencoder'
  if (tensors.has('encoder.conv_in.weight') || tensors.has('decoder.conv_in.weight')) return 'autoencoder'
  if (tensors.has('encoder.layers.0.weight') || tensors.has('decoder.layers.0.weight'))
    return 'tiny-autoencoder'
  return null
}

/** The family of a denoiser: added embeddings are SDXL's, a matrix before the attention SD 2's. */
export function familyOfDenoiser(tensors: Tensors): Family {
  if (tensors.has('add_embedding.linear_1.weight')) return 'sdxl'
  const projection = [...tensors].find(([name]) => name.endsWith('.proj_in.weight'))?.[1]
  return projection?.shape.length === 2 ? 'sd2' : 'sd1'
}

/** @param pooled width of the pooled text that SDXL's denoiser takes beside six embedded time ids, where it is known */
export function unetConfigOf(
  tensors: Tensors,
  source: string,
  given?: HiddenSettings,
  pooled = 1280,
): Config {
  const of = new TensorShapes(tensors, source)
  const family = familyOfDenoiser(tensors)
  const inputs = of.size('conv_in.weight', 1)
  of.size('down_blocks.0.resnets.0.conv1.weight', 0)
  const widths = of.widths((i) => `down_blocks.${i}.resnets.0.conv1.weight`)
  const transformers = (block: string) => of.count((j) => `${block}.transformer_blocks.${j}.norm1.weight`)
  const depths = widths.map((_, i) => transformers(`down_blocks.${i}.attentions.0`))
  const middle = Math.max(1, transformers('mid_block.attentions.0'))
  const addition = of.sizeIfThere('add_embedding.linear_1.weight', 1)
  const guidance = of.sizeIfThere('time_embedding.cond_proj.weight', 1)
  return {
    attention_head_dim: null,
    norm_num_groups: null,
    ...hidden(given, unetSettings(family, widths, inputs), UNET_HIDDEN),
    _class_name: 'UNet2DConditionModel',
    in_channels: inputs,
    out_channels: of.size('conv_out.weight', 0),
    block_out_channels: widths,
    layers_per_block: oneIfSame(
      widths.map((_, i) => of.count((j) => `down_blocks.${i}.resnets.${j}.conv1.weight`)),
    ),
    down_block_types: depths.map((depth) => (depth > 0 ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
    up_block_types: depths.map((depth) => (depth > 0 ? 'CrossAttnUpBlock2D' : 'UpBlock2D')).reverse(),
    // The middle has the depth of the last level, also where that level itself has no attention.
    transformer_layers_per_block: depths.map((depth, i) =>
      depth > 0 ? depth : i === widths.length - 1 ? middle : 1,
    ),
    cross_attention_dim: of.sizeOfFirst('.attn2.to_k.weight', 1) ?? of.size(ANY_TEXT_KEY, 1),
    use_linear_projection: family !== 'sd1',
    ...(guidance === undefined ? {} : { time_cond_proj_dim: guidance }),
    ...(addition === undefined ? {} : additionOf(addition, given, pooled)),
  }
}

/** What a denoiser without any text lacks. */
const ANY_TEXT_KEY = 'mid_block.attentions.0.transformer_blocks.0.attn2.to_k.weight'

function additionOf(width: number, given: HiddenSettings | undefined, pooled: number): Config {
  return {
    addition_embed_type: 'text_time',
    addition_time_embed_dim: given?.['addition_time_embed_dim'] ?? Math.floor((width - pooled) / 6),
    projection_class_embeddings_input_dim: width,
  }
}

export function autoencoderConfigOf(
  tensors: Tensors,
  source: string,
  family: Family | null,
  given?: HiddenSettings,
): Config {
  const of = new TensorShapes(tensors, source)
  const [encoder, decoder] = [of.some(/^encoder\./), of.some(/^decoder\./)]
  const down = of.widths((i) => `encoder.down_blocks.${i}.resnets.0.conv1.weight`)
  const up = [...of.widths((i) => `decoder.up_blocks.${i}.resnets.0.conv1.weight`)].reverse()
  const downBlocks = of.count((j) => `encoder.down_blocks.0.resnets.${j}.conv1.weight`)
  const upBlocks = of.count((j) => `decoder.up_blocks.0.resnets.${j}.conv1.weight`) - 1
  const scaling = given?.['scaling_factor'] ?? (family === null ? undefined : SCALING_FACTOR[family])
  if (encoder) of.size('encoder.down_blocks.0.resnets.0.conv1.weight', 0)
  if (decoder) of.size('decoder.up_blocks.0.resnets.1.conv1.weight', 0)
  const picture = encoder ? of.size('encoder.conv_in.weight', 1) : of.size('decoder.conv_out.weight', 0)
  const shared = {
    norm_num_groups: null,
    ...hidden(given, autoencoderSettings([...down, ...up]), AUTOENCODER_HIDDEN),
    in_channels: picture,
    out_channels: of.sizeIfThere('decoder.conv_out.weight', 0) ?? picture,
    latent_channels: decoder
      ? of.size('decoder.conv_in.weight', 1)
      : of.size('encoder.conv_out.weight', 0) / 2,
    ...(scaling === undefined ? {} : { scaling_factor: scaling }),
    // Published with SDXL: its autoencoder overflows float16.
    ...(family === 'sdxl' ? { force_upcast: true } : {}),
  }
  if (of.some(/^decoder\.condition_encoder\./))
    return {
      ...shared,
      _class_name: 'AsymmetricAutoencoderKL',
      ...(down.length > 0 ? { down_block_out_channels: down, layers_per_down_block: downBlocks } : {}),
      up_block_out_channels: up,
      layers_per_up_block: upBlocks,
    }
  return {
    ...shared,
    _class_name: 'AutoencoderKL',
    block_out_channels: down.length > 0 ? down : up,
    layers_per_block: down.length > 0 ? downBlocks : upBlocks,
    mid_block_add_attention: of.some(/coder\.mid_block\.attentions\.0\./),
    use_quant_conv: of.has('quant_conv.weight'),
    use_post_quant_conv: of.has('post_quant_conv.weight'),
  }
}

/** @param known of the code whose names a single file has: its CLIP or OpenCLIP, whatever their width */
export function clipTextConfigOf(
  tensors: Tensors,
  source: string,
  given?: HiddenSettings,
  known: HiddenSettings = {},
): Config {
  const of = new TensorShapes(tensors, source)
  const width = of.size('text_model.embeddings.token_embedding.weight', 1)
  const projection =
    of.sizeIfThere('text_projection.transposed', 1) ?? of.sizeIfThere('text_projection.weight', 0)
  const inner = of.size('text_model.encoder.layers.0.mlp.fc1.weight', 0)
  of.size('text_model.encoder.layers.0.layer_norm1.weight', 0)
  return {
    num_attention_heads: null,
    hidden_act: null,
    ...hidden(given, clipTextSettings(width) ?? known, CLIP_HIDDEN),
    architectures: [projection === undefined ? 'CLIPTextModel' : 'CLIPTextModelWithProjection'],
    vocab_size: of.size('text_model.embeddings.token_embedding.weight', 0),
    hidden_size: width,
    max_position_embeddings: of.size('text_model.embeddings.position_embedding.weight', 0),
    intermediate_size: inner,
    num_hidden_layers: of.count((i) => `text_model.encoder.layers.${i}.layer_norm1.weight`),
    projection_dim: projection ?? width,
    eos_token_id: given?.['eos_token_id'] ?? 2,
  }
}

const UNET_HIDDEN = [
  'attention_head_dim',
  'num_attention_heads',
  'norm_num_groups',
  'norm_eps',
  'flip_sin_to_cos',
  'freq_shift',
  'upcast_attention',
]
const AUTOENCODER_HIDDEN = ['norm_num_groups', 'shift_factor']
const CLIP_HIDDEN = ['num_attention_heads', 'hidden_act', 'layer_norm_eps']

/** Names of settings that stayed unknown. */
export function unknownSettings(config: Config): readonly string[] {
  return Object.entries(config).flatMap(([name, value]) => (value === null ? [name] : []))
}

/** No shape depends on these, so a network can be held against its shapes before they are known. */
const STAND_INS: HiddenSettings = {
  attention_head_dim: 1,
  num_attention_heads: 1,
  norm_num_groups: 1,
  hidden_act: 'gelu',
}

/** The configuration for reading shapes only: unknown settings are filled in with values that leave no trace in them. */
export function settled({ config, unknown = [] }: Component): unknown {
  return { ...(config as Config), ...Object.fromEntries(unknown.map((name) => [name, STAND_INS[name]])) }
}

function hidden(
  given: HiddenSettings | undefined,
  known: HiddenSettings | null,
  names: readonly string[],
): Config {
  if (!given) return known ?? {}
  return Object.fromEntries(names.flatMap((name) => (given[name] == null ? [] : [[name, given[name]]])))
}

function oneIfSame(list: readonly number[]): number | readonly number[] {
  const [first] = list
  return first !== undefined && list.every((one) => one === first) ? first : list
}
