/**
 * The settings of UNet2DConditionModel as its config.json has them.
 *
 * Invariant: every setting of the published class that changes the network is listed: understood, or allowed in its usual
 * value only.
 */
import { z } from 'zod'
import { never, oneOrMany, only, same, width, widths } from './config-pieces.ts'

/** What other networks of the class have, and none that Inlay runs. */
const UNUSUAL = {
  center_input_sample: only(false),
  only_cross_attention: z.union([z.literal(false), z.array(z.literal(false))]).nullish(),
  mid_block_only_cross_attention: only(false),
  dual_cross_attention: only(false),
  cross_attention_norm: never,
  attention_type: only('default'),
  downsample_padding: only(1),
  mid_block_scale_factor: only(1),
  conv_in_kernel: only(3),
  conv_out_kernel: only(3),
  class_embed_type: never,
  num_class_embeds: never,
  class_embeddings_concat: only(false),
  encoder_hid_dim: never,
  encoder_hid_dim_type: never,
  time_embedding_type: only('positional'),
  time_embedding_dim: never,
  time_embedding_act_fn: never,
  timestep_post_act: never,
  resnet_time_scale_shift: only('default'),
  resnet_skip_time_act: only(false),
  resnet_out_scale_factor: only(1),
  reverse_transformer_layers_per_block: never,
}

export const UNET = z.object({
  in_channels: width.default(4),
  out_channels: width.default(4),
  block_out_channels: widths,
  layers_per_block: oneOrMany.default(2),
  down_block_types: z.array(z.enum(['CrossAttnDownBlock2D', 'DownBlock2D'])),
  up_block_types: z.array(z.enum(['CrossAttnUpBlock2D', 'UpBlock2D'])).optional(),
  mid_block_type: z.literal('UNetMidBlock2DCrossAttn').default('UNetMidBlock2DCrossAttn'),
  transformer_layers_per_block: oneOrMany.default(1),
  attention_head_dim: oneOrMany.default(8),
  num_attention_heads: oneOrMany.nullish(),
  cross_attention_dim: same(width).default(1280),
  norm_num_groups: width.default(32),
  norm_eps: z.number().positive().default(1e-5),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().int().min(0).max(1).default(0),
  addition_embed_type: z.literal('text_time').nullish(),
  addition_time_embed_dim: width.nullish(),
  projection_class_embeddings_input_dim: width.nullish(),
  time_cond_proj_dim: width.nullish(),
  upcast_attention: z.boolean().nullish(),
  act_fn: z.literal('silu').default('silu'),
  // A matrix before the attention or a 1x1 convolution: the same numbers in the same order, and one graph for both.
  use_linear_projection: z.boolean().nullish(),
  ...UNUSUAL,
})
