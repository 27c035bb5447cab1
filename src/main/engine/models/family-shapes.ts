/**
 * A network's config.json from the names and shapes of its tensors, where no configuration lies beside them.
 *
 * Invariant: widths, depths and channel counts come from shapes alone; what leaves no trace there comes from `given` (a
 * configuration from elsewhere, checked by nobody but its maker) or from the published ones, and is null where neither knows.
 */
import type { Architecture, Component, Family } from './checkpoint.ts'
import {
  autoencoderSettings,
  clipTextSettings,
  type HiddenSettings,
  SCALING_FACTOR,
  unetSettings,
} from './known-configs.ts'
import type { StoredTensor } from './safetensors.ts'

type Tensors = ReadonlyMap<string, StoredTensor>
type Config = Readonly<Record<string, unknown>>

/** Which network these names belong to, or null. */
export function architectureOf(tensors: Tensors): Architecture | null {
  if (tensors.has('text_model.embeddings.token_embedding.weight')) return 'clip-text'
  if (tensors.has('conv_in.weight') && tensors.has('time_embedding.linear_1.weight'))
    // A ControlNet is the first half of one.
    return tensors.has('controlnet_cond_embedding.conv_in.weight') ? null : 'unet'
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
export function unetConfigOf(tensors: Tensors, given?: HiddenSettings, pooled = 1280): Config {
  const family = familyOfDenoiser(tensors)
  const widths = levels(tensors, (i) => `down_blocks.${i}.resnets.0.conv1.weight`)
  const inputs = shapeOf(tensors, 'conv_in.weight')[1] ?? 0
  const depths = widths.map((_, i) =>
    count(tensors, (j) => `down_blocks.${i}.attentions.0.${transformer(j)}`),
  )
  const middle = count(tensors, (j) => `mid_block.attentions.0.${transformer(j)}`)
  const context = [...tensors].find(([name]) => name.endsWith('.attn2.to_k.weight'))?.[1].shape[1]
  const addition = tensors.get('add_embedding.linear_1.weight')?.shape[1]
  const guidance = tensors.get('time_embedding.cond_proj.weight')?.shape[1]
  const last = widths.length - 1
  return {
    attention_head_dim: null,
    norm_num_groups: null,
    ...hidden(given, unetSettings(family, widths, inputs), UNET_HIDDEN),
    _class_name: 'UNet2DConditionModel',
    in_channels: inputs,
    out_channels: tensors.get('conv_out.weight')?.shape[0],
    block_out_channels: widths,
    layers_per_block: oneIfSame(
      widths.map((_, i) => count(tensors, (j) => `down_blocks.${i}.resnets.${j}.conv1.weight`)),
    ),
    down_block_types: depths.map((depth) => (depth > 0 ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
    up_block_types: depths.map((depth) => (depth > 0 ? 'CrossAttnUpBlock2D' : 'UpBlock2D')).reverse(),
    // The middle has the depth of the last level, also where that level itself has no attention.
    transformer_layers_per_block: depths.map((depth, i) => (depth > 0 ? depth : i === last ? middle : 1)),
    cross_attention_dim: context,
    use_linear_projection: family !== 'sd1',
    ...(guidance === undefined ? {} : { time_cond_proj_dim: guidance }),
    ...(addition === undefined ? {} : additionOf(addition, given, pooled)),
  }
}

function additionOf(width: number, given: HiddenSettings | undefined, pooled: number): Config {
  return {
    addition_embed_type: 'text_time',
    addition_time_embed_dim: given?.['addition_time_embed_dim'] ?? (width - pooled) / 6,
    projection_class_embeddings_input_dim: width,
  }
}

export function autoencoderConfigOf(tensors: Tensors, family: Family | null, given?: HiddenSettings): Config {
  const asymmetric = architectureOf(tensors) === 'asymmetric-autoencoder'
  const down = levels(tensors, (i) => `encoder.down_blocks.${i}.resnets.0.conv1.weight`)
  const up = levels(tensors, (i) => `decoder.up_blocks.${i}.resnets.0.conv1.weight`).reverse()
  const downBlocks = count(tensors, (j) => `encoder.down_blocks.0.resnets.${j}.conv1.weight`)
  const upBlocks = count(tensors, (j) => `decoder.up_blocks.0.resnets.${j}.conv1.weight`) - 1
  const scaling = given?.scaling_factor ?? (family === null ? undefined : SCALING_FACTOR[family])
  const shared = {
    norm_num_groups: null,
    ...hidden(given, autoencoderSettings([...down, ...up]), AUTOENCODER_HIDDEN),
    in_channels:
      tensors.get('encoder.conv_in.weight')?.shape[1] ?? tensors.get('decoder.conv_out.weight')?.shape[0],
    out_channels:
      tensors.get('decoder.conv_out.weight')?.shape[0] ?? tensors.get('encoder.conv_in.weight')?.shape[1],
    latent_channels: tensors.get('decoder.conv_in.weight')?.shape[1],
    ...(scaling === undefined ? {} : { scaling_factor: scaling }),
    // Published with SDXL: its autoencoder overflows float16.
    ...(family === 'sdxl' ? { force_upcast: true } : {}),
  }
  if (asymmetric)
    return {
      ...shared,
      _class_name: 'AsymmetricAutoencoderKL',
      down_block_out_channels: down,
      layers_per_down_block: downBlocks,
      up_block_out_channels: up,
      layers_per_up_block: upBlocks,
    }
  return {
    ...shared,
    _class_name: 'AutoencoderKL',
    block_out_channels: down.length > 0 ? down : up,
    layers_per_block: down.length > 0 ? downBlocks : upBlocks,
    mid_block_add_attention: [...tensors.keys()].some((name) =>
      name.includes('coder.mid_block.attentions.0.'),
    ),
    use_quant_conv: tensors.has('quant_conv.weight'),
    use_post_quant_conv: tensors.has('post_quant_conv.weight'),
  }
}

/** @param known of the code whose names a single file has: its CLIP or OpenCLIP, whatever their width */
export function clipTextConfigOf(
  tensors: Tensors,
  given?: HiddenSettings,
  known: HiddenSettings = {},
): Config {
  const [vocabulary, width] = shapeOf(tensors, 'text_model.embeddings.token_embedding.weight')
  const projection =
    tensors.get('text_projection.transposed')?.shape[1] ?? tensors.get('text_projection.weight')?.shape[0]
  return {
    num_attention_heads: null,
    hidden_act: null,
    ...hidden(given, clipTextSettings(width ?? 0) ?? known, CLIP_HIDDEN),
    architectures: [projection === undefined ? 'CLIPTextModel' : 'CLIPTextModelWithProjection'],
    vocab_size: vocabulary,
    hidden_size: width,
    max_position_embeddings: shapeOf(tensors, 'text_model.embeddings.position_embedding.weight')[0],
    intermediate_size: shapeOf(tensors, 'text_model.encoder.layers.0.mlp.fc1.weight')[0],
    num_hidden_layers: count(tensors, (i) => `text_model.encoder.layers.${i}.layer_norm1.weight`),
    projection_dim: projection ?? width,
    eos_token_id: given?.eos_token_id ?? 2,
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

const transformer = (j: number) => `transformer_blocks.${j}.norm1.weight`

function levels(tensors: Tensors, name: (i: number) => string): number[] {
  const n = count(tensors, name)
  return Array.from({ length: n }, (_, i) => shapeOf(tensors, name(i))[0] ?? 0)
}

function count(tensors: Tensors, name: (i: number) => string): number {
  let n = 0
  while (tensors.has(name(n))) n++
  return n
}

function shapeOf(tensors: Tensors, name: string): readonly number[] {
  return tensors.get(name)?.shape ?? []
}
