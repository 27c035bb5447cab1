/**
 * From the `config.json` that is published with a component to what the architectures need.
 *
 * Invariant: a setting that changes the network is either understood or refused with `model.unsupported`; the defaults are
 * those of the classes that wrote the files.
 */
import { z } from 'zod'
import { InlayError } from '../../../../shared/errors.ts'
import type { HalfConfig } from './autoencoder.ts'
import type { ClipTextConfig } from './clip-text.ts'
import type { TinyConfig } from './tiny-autoencoder.ts'
import type { UnetConfig } from './unet.ts'

const size = z.number().int().min(1).max(1_000_000)
const sizes = z.array(size).min(1).max(16)
const oneOrMany = z.union([size, sizes])

const CLIP_TEXT = z.object({
  vocab_size: size,
  max_position_embeddings: size.default(77),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  hidden_act: z.enum(['gelu', 'quick_gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
  projection_dim: size.default(512),
  architectures: z.array(z.string()).default([]),
})

export function clipTextConfig(json: unknown, source: string): ClipTextConfig {
  const c = parse(CLIP_TEXT, json, source)
  return {
    vocabulary: c.vocab_size,
    places: c.max_position_embeddings,
    width: c.hidden_size,
    inner: c.intermediate_size,
    layers: c.num_hidden_layers,
    heads: c.num_attention_heads,
    activation: c.hidden_act,
    epsilon: c.layer_norm_eps,
    projection: c.architectures.includes('CLIPTextModelWithProjection') ? c.projection_dim : null,
  }
}

const VAE = z.object({
  in_channels: size.default(3),
  latent_channels: size.default(4),
  norm_num_groups: size.default(32),
  block_out_channels: sizes.optional(),
  layers_per_block: size.default(1),
  down_block_out_channels: sizes.optional(),
  layers_per_down_block: size.default(1),
  up_block_out_channels: sizes.optional(),
  layers_per_up_block: size.default(1),
  mid_block_add_attention: z.boolean().default(true),
  use_quant_conv: z.boolean().default(true),
  use_post_quant_conv: z.boolean().default(true),
  act_fn: z.literal('silu').default('silu'),
})

/** Both halves of an AutoencoderKL or an AsymmetricAutoencoderKL. */
export function autoencoderConfig(
  json: unknown,
  source: string,
): { encoder: HalfConfig; decoder: HalfConfig } {
  const c = parse(VAE, json, source)
  const down = c.down_block_out_channels ?? c.block_out_channels
  const up = c.up_block_out_channels ?? c.block_out_channels
  if (!down || !up) throw unsupported(source, 'it states no block_out_channels')
  const shared = {
    groups: c.norm_num_groups,
    latent: c.latent_channels,
    picture: c.in_channels,
    attention: c.mid_block_add_attention,
  }
  const [downBlocks, upBlocks] = c.up_block_out_channels
    ? [c.layers_per_down_block, c.layers_per_up_block]
    : [c.layers_per_block, c.layers_per_block]
  return {
    encoder: { ...shared, channels: down, blocks: downBlocks, quantConv: c.use_quant_conv },
    decoder: { ...shared, channels: up, blocks: upBlocks, quantConv: c.use_post_quant_conv },
  }
}

const TINY = z.object({
  in_channels: size.default(3),
  latent_channels: size.default(4),
  encoder_block_out_channels: sizes.default([64, 64, 64, 64]),
  decoder_block_out_channels: sizes.default([64, 64, 64, 64]),
  num_encoder_blocks: sizes.default([1, 3, 3, 3]),
  num_decoder_blocks: sizes.default([3, 3, 3, 1]),
  latent_magnitude: z.number().positive().default(3),
  act_fn: z.literal('relu').default('relu'),
  upsampling_scaling_factor: z.literal(2).default(2),
})

export function tinyConfig(json: unknown, source: string): TinyConfig {
  const c = parse(TINY, json, source)
  return {
    picture: c.in_channels,
    latent: c.latent_channels,
    encoder: { channels: c.encoder_block_out_channels, blocks: c.num_encoder_blocks },
    decoder: { channels: c.decoder_block_out_channels, blocks: c.num_decoder_blocks },
    magnitude: c.latent_magnitude,
  }
}

const UNET = z.object({
  in_channels: size.default(4),
  out_channels: size.default(4),
  block_out_channels: sizes,
  layers_per_block: size.default(2),
  down_block_types: z.array(z.enum(['CrossAttnDownBlock2D', 'DownBlock2D'])),
  mid_block_type: z.literal('UNetMidBlock2DCrossAttn').default('UNetMidBlock2DCrossAttn'),
  transformer_layers_per_block: oneOrMany.default(1),
  attention_head_dim: oneOrMany.default(8),
  num_attention_heads: oneOrMany.nullish(),
  cross_attention_dim: size.default(1280),
  norm_num_groups: size.default(32),
  norm_eps: z.number().positive().default(1e-5),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  addition_embed_type: z.literal('text_time').nullish(),
  addition_time_embed_dim: size.nullish(),
  projection_class_embeddings_input_dim: size.nullish(),
  time_cond_proj_dim: size.nullish(),
  class_embed_type: z.null().optional(),
  encoder_hid_dim: z.null().optional(),
  act_fn: z.literal('silu').default('silu'),
  resnet_time_scale_shift: z.literal('default').default('default'),
})

/** `attention_head_dim` is the number of heads, whatever its name says: the files have kept an old mistake. */
export function unetConfig(json: unknown, source: string): UnetConfig {
  const c = parse(UNET, json, source)
  const levels = c.block_out_channels.length
  const each = (value: number | readonly number[]): readonly number[] =>
    typeof value === 'number' ? Array<number>(levels).fill(value) : value
  const depth = each(c.transformer_layers_per_block)
  const heads = each(c.num_attention_heads ?? c.attention_head_dim)
  if ([depth, heads, c.down_block_types].some((list) => list.length !== levels))
    throw unsupported(source, 'its lists of levels differ in length')
  const addition = c.addition_embed_type
    ? { time: c.addition_time_embed_dim ?? 0, width: c.projection_class_embeddings_input_dim ?? 0 }
    : null
  if (addition && (addition.time < 1 || addition.width <= 6 * addition.time))
    throw unsupported(source, 'its added embedding has no width')
  return {
    in: c.in_channels,
    out: c.out_channels,
    channels: c.block_out_channels,
    blocks: c.layers_per_block,
    depth: depth.map((n, i) => (c.down_block_types[i] === 'DownBlock2D' ? 0 : n)),
    heads,
    middleDepth: depth.at(-1)!,
    context: c.cross_attention_dim,
    groups: c.norm_num_groups,
    epsilon: c.norm_eps,
    sineFirst: !c.flip_sin_to_cos,
    freqShift: c.freq_shift,
    addition,
    guidance: c.time_cond_proj_dim ?? null,
  }
}

function parse<T extends z.ZodType>(schema: T, json: unknown, source: string): z.output<T> {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw unsupported(source, `${issue?.path.join('.')}: ${issue?.message}`)
}

function unsupported(source: string, reason: string): InlayError {
  return new InlayError(
    'model.unsupported',
    `Inlay cannot run the network that ${source} describes: ${reason}.`,
  )
}
