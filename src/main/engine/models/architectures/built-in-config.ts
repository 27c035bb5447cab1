/**
 * From the `config.json` beside the weights of our own recipe (`models/training`) to what the architectures need.
 *
 * Invariant: what the files can say in one way only is held against that one way, so weights of a later recipe that mean
 * something else are refused with `model.unsupported` and never run as what they are not.
 */
import { z } from 'zod'
import { count, parse, requireGroups, unsupported, width, widths } from './config-pieces.ts'
import type { DenoiserConfig } from './latent-denoiser.ts'
import type { SmallDecoderConfig } from './small-asymmetric-decoder.ts'

const blocks = z.array(z.number().int().min(0).max(1000)).min(1).max(8)
const DECODER = z.object({
  latent_channels: width,
  channels: width,
  downsampling: width,
  own_blocks: blocks,
  extra_blocks: blocks,
  image_range: z.tuple([z.literal(0), z.literal(1)]),
  branch_input: z.literal('(image - 0.5) * (1 - mask), mask'),
  mask_polarity: z.literal('1 is hole'),
  mask_resize: z.literal('max'),
  reflect_padding: z.literal(8),
})

/** Of an `InlayAsymmetricDecoder`. @throws InlayError `model.unsupported` */
export function smallDecoderConfig(json: unknown, source: string): SmallDecoderConfig {
  const c = parse(DECODER, json, source)
  if (c.own_blocks.length !== c.extra_blocks.length)
    throw unsupported(source, 'its lists of levels differ in length')
  if (c.own_blocks.length !== 4 || c.downsampling !== 8)
    throw unsupported(source, `its branch of five layers serves four levels, not ${c.own_blocks.length}`)
  return { latent: c.latent_channels, width: c.channels, own: c.own_blocks, extra: c.extra_blocks }
}

const statistic = z.array(z.number()).min(1).max(65_536)
const DENOISER = z.object({
  latent_channels: width,
  widths,
  blocks: count,
  groups: width,
  attention_heads: z.array(z.number().int().min(0).max(1000)).min(1).max(8),
  norm_eps: z.number().positive(),
  input: z.literal('noisy, mask, condition'),
  condition_hole: z.enum(['grey', 'patch-fill']),
  mask_polarity: z.literal('1 is hole'),
  mask_resize: z.literal('max'),
  prediction: z.literal('rectified-flow velocity, noise - clean'),
  prior_spread: z.number().min(0).max(100).default(0),
  sampling_steps: count,
  sampling_start: z.number().min(0).max(1),
  latent_mean: statistic,
  latent_std: statistic,
})

/** Of an `InlayInpaintingDenoiser`. @throws InlayError `model.unsupported` */
export function latentDenoiserConfig(json: unknown, source: string): DenoiserConfig {
  const c = parse(DENOISER, json, source)
  if (c.attention_heads.length !== c.widths.length)
    throw unsupported(source, 'its lists of levels differ in length')
  if (c.latent_mean.length !== c.latent_channels || c.latent_std.length !== c.latent_channels)
    throw unsupported(source, `it has no mean and spread for each of its ${c.latent_channels} channels`)
  if (c.latent_std.some((spread) => spread <= 0))
    throw unsupported(source, 'a spread of its latents is not above 0')
  requireGroups(c.widths, c.groups, source)
  if (c.widths[0]! % 2 !== 0) throw unsupported(source, 'its first width is odd')
  for (const [level, n] of c.widths.entries()) {
    const heads = c.attention_heads[level]!
    if (heads > 0 && n % heads !== 0) throw unsupported(source, `${heads} heads do not divide ${n}`)
  }
  if (c.attention_heads.at(-1) === 0) throw unsupported(source, 'its middle has no attention')
  return {
    latent: c.latent_channels,
    widths: c.widths,
    blocks: c.blocks,
    groups: c.groups,
    heads: c.attention_heads,
    epsilon: c.norm_eps,
    prior: c.prior_spread,
    hole: c.condition_hole,
    steps: c.sampling_steps,
    start: c.sampling_start,
    mean: c.latent_mean,
    spread: c.latent_std,
  }
}
