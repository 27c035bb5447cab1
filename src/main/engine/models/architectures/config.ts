/**
 * From the `config.json` that is published with a component to what the architectures need.
 *
 * Invariant: a setting that changes the network is either understood or refused with `model.unsupported`; the defaults are
 * those of the classes that wrote the files.
 */
import { z } from 'zod'
import type { HalfConfig } from './autoencoder.ts'
import type { ClipTextConfig } from './clip-text.ts'
import {
  count,
  counts,
  only,
  parse,
  requireGroups,
  same,
  size,
  unsupported,
  width,
  widths,
} from './config-pieces.ts'
import type { TinyConfig } from './tiny-autoencoder.ts'
import type { UnetConfig } from './unet.ts'
import { UNET } from './unet-settings.ts'

const CLIP_TEXT = z.object({
  model_type: z.enum(['clip_text_model', 'clip']).nullish(),
  vocab_size: size,
  max_position_embeddings: width.default(77),
  hidden_size: width,
  intermediate_size: width,
  num_hidden_layers: count,
  num_attention_heads: count,
  hidden_act: z.enum(['gelu', 'quick_gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
  projection_dim: width.default(512),
  architectures: z.array(z.string()).default([]),
})

export function clipTextConfig(json: unknown, source: string): ClipTextConfig {
  const c = parse(CLIP_TEXT, json, source)
  if (c.hidden_size % c.num_attention_heads !== 0)
    throw unsupported(source, `${c.num_attention_heads} heads do not divide ${c.hidden_size}`)
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
  in_channels: width.default(3),
  out_channels: width.default(3),
  latent_channels: width.default(4),
  norm_num_groups: width.default(32),
  down_block_types: z.array(z.literal('DownEncoderBlock2D')).optional(),
  up_block_types: z.array(z.literal('UpDecoderBlock2D')).optional(),
  block_out_channels: widths.optional(),
  layers_per_block: same(count).default(1),
  down_block_out_channels: widths.optional(),
  layers_per_down_block: count.default(1),
  up_block_out_channels: widths.optional(),
  layers_per_up_block: count.default(1),
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
  if (c.out_channels !== c.in_channels)
    throw unsupported(source, `it takes ${c.in_channels} channels and gives ${c.out_channels}`)
  for (const [types, levels] of [
    [c.down_block_types, down],
    [c.up_block_types, up],
  ] as const)
    if (types && types.length !== levels.length)
      throw unsupported(source, 'its lists of levels differ in length')
  requireGroups([...down, ...up], c.norm_num_groups, source)
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
  in_channels: width.default(3),
  out_channels: width.default(3),
  latent_channels: width.default(4),
  encoder_block_out_channels: widths.default([64, 64, 64, 64]),
  decoder_block_out_channels: widths.default([64, 64, 64, 64]),
  num_encoder_blocks: counts.default([1, 3, 3, 3]),
  num_decoder_blocks: counts.default([3, 3, 3, 1]),
  act_fn: z.literal('relu').default('relu'),
  upsampling_scaling_factor: z.literal(2).default(2),
  upsample_fn: only('nearest'),
})

export function tinyConfig(json: unknown, source: string): TinyConfig {
  const c = parse(TINY, json, source)
  if (c.out_channels !== c.in_channels)
    throw unsupported(source, `it takes ${c.in_channels} channels and gives ${c.out_channels}`)
  if (
    c.encoder_block_out_channels.length !== c.num_encoder_blocks.length ||
    c.decoder_block_out_channels.length !== c.num_decoder_blocks.length
  )
    throw unsupported(source, 'its lists of levels differ in length')
  return {
    picture: c.in_channels,
    latent: c.latent_channels,
    encoder: { channels: c.encoder_block_out_channels, blocks: c.num_encoder_blocks },
    decoder: { channels: c.decoder_block_out_channels, blocks: c.num_decoder_blocks },
  }
}

/** `attention_head_dim` is the number of heads, whatever its name says: the files have kept an old mistake. */
export function unetConfig(json: unknown, source: string): UnetConfig {
  const c = parse(UNET, json, source)
  const levels = c.block_out_channels.length
  const each = (value: number | readonly number[]): readonly number[] =>
    typeof value === 'number' ? Array<number>(levels).fill(value) : value
  const blocks = each(c.layers_per_block)
  const depth = each(c.transformer_layers_per_block)
  const heads = each(c.num_attention_heads ?? c.attention_head_dim)
  if ([blocks, depth, heads, c.down_block_types].some((list) => list.length !== levels))
    throw unsupported(source, 'its lists of levels differ in length')
  const attends = (level: number) => c.down_block_types[level] !== 'DownBlock2D' || level === levels - 1
  const mirrored = c.down_block_types.map((type) => type.replace('Down', 'Up')).reverse()
  if (c.up_block_types && String(c.up_block_types) !== String(mirrored))
    throw unsupported(source, `its way up (${c.up_block_types.join(', ')}) is not its way down`)
  requireGroups(c.block_out_channels, c.norm_num_groups, source)
  for (const [level, n] of c.block_out_channels.entries())
    if (attends(level) && n % heads[level]! !== 0)
      throw unsupported(source, `${heads[level]} heads do not divide ${n}`)
  if (c.block_out_channels[0]! % 2 !== 0) throw unsupported(source, 'its first width is odd')
  const addition = c.addition_embed_type
    ? { time: c.addition_time_embed_dim ?? 0, width: c.projection_class_embeddings_input_dim ?? 0 }
    : null
  if (addition && (addition.time < 1 || addition.width <= 6 * addition.time))
    throw unsupported(source, 'its added embedding has no width')
  return {
    in: c.in_channels,
    out: c.out_channels,
    channels: c.block_out_channels,
    blocks,
    depth: depth.map((n, i) => (c.down_block_types[i] === 'DownBlock2D' ? 0 : n)),
    heads,
    middleDepth: depth.at(-1)!,
    context: c.cross_attention_dim,
    groups: c.norm_num_groups,
    epsilon: c.norm_eps,
    sineFirst: !c.flip_sin_to_cos,
    freqShift: c.freq_shift,
    addition,
    upcastAttention: c.upcast_attention ?? false,
    guidance: c.time_cond_proj_dim ?? null,
  }
}
