/**
 * AutoencoderKL: picture to latent moments and back, from its published configuration.
 *
 * Invariant: pictures are in -1..1, sides multiples of the factor; latents are taken and given unscaled (scaling and shift
 * are the caller's). Every group normalisation has an epsilon of 1e-6; the middle's attention has one head.
 */
import { type BuiltGraph, Graph, type GraphOptions, type Value } from '../onnx/graph.ts'
import { Layers } from '../onnx/layers.ts'
import type { Weights } from '../weights.ts'

/** Of every group normalisation. */
export const EPSILON = 1e-6

export interface HalfConfig {
  /** Widths from full resolution down. */
  readonly channels: readonly number[]
  /** Residual blocks of a level; the decoder has one more than the configuration says. */
  readonly blocks: number
  readonly groups: number
  readonly latent: number
  readonly picture: number
  readonly attention: boolean
  /** Whether a 1x1 convolution lies between this half and the latents. */
  readonly quantConv: boolean
}

/** image (B,3,H,W) to moments (B,2L,H/f,W/f): means, then log-variances not yet clamped. */
export function encoderGraph(weights: Weights, config: HalfConfig, options: GraphOptions = {}): BuiltGraph {
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const moments = 2 * config.latent
  const norm = groupNorms(net, config)
  let h = graph.input('image', 'float32', ['batch', config.picture, 'height', 'width'])
  h = net.conv(h, 'encoder.conv_in', { in: config.picture, out: config.channels[0]! })
  let width = config.channels[0]!
  for (const [level, out] of config.channels.entries()) {
    for (let j = 0; j < config.blocks; j++) {
      h = residual(net, h, `encoder.down_blocks.${level}.resnets.${j}`, width, out, norm)
      width = out
    }
    if (level < config.channels.length - 1) {
      const name = `encoder.down_blocks.${level}.downsamplers.0.conv`
      h = net.conv(h, name, { in: out, out, stride: 2, pads: [0, 0, 1, 1] })
    }
  }
  h = middle(net, h, 'encoder', width, config)
  h = net.silu(net.groupNorm(h, 'encoder.conv_norm_out', width, config.groups, EPSILON))
  h = net.conv(h, 'encoder.conv_out', { in: width, out: moments })
  if (config.quantConv) h = net.conv(h, 'quant_conv', { in: moments, out: moments, kernel: 1 })
  graph.output('moments', h, ['batch', moments, 'latent_height', 'latent_width'])
  return graph.build()
}

/** latents (B,L,h,w) to decoded (B,3,fh,fw), not clamped. */
export function decoderGraph(weights: Weights, config: HalfConfig, options: GraphOptions = {}): BuiltGraph {
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const latents = graph.input('latents', 'float32', ['batch', config.latent, 'latent_height', 'latent_width'])
  const decoded = decode(net, latents, config, (h) => h)
  graph.output('decoded', decoded, ['batch', config.picture, 'height', 'width'])
  return graph.build()
}

/** Replaces features before a level's blocks (0 is the coarsest), and once more, past the last, before the final norm. */
export type Meet = (h: Value, level: number) => Value
type PlainNorm = (x: Value, name: string, channels: number) => Value
/** Normalises features of a level by their groups. */
export type Norm = (x: Value, name: string, channels: number, level: number) => Value

/** The decoder, whole. */
export function decode(net: Layers, latents: Value, config: HalfConfig, meet: Meet): Value {
  const norm = groupNorms(net, config)
  return decodeLate(net, decodeEarly(net, latents, config, meet), config, meet, norm)
}

/** From which level on features are so large that they may have to be computed in tiles. */
export function lateFrom({ channels }: HalfConfig): number {
  return Math.max(1, channels.length - 2)
}

/** The widths of the levels from the coarsest on. */
export function levelWidths({ channels }: HalfConfig): readonly number[] {
  return [...channels].reverse()
}

/** The decoder up to its late levels: their features at the size of the level before. */
export function decodeEarly(net: Layers, latents: Value, config: HalfConfig, meet: Meet): Value {
  const norm = groupNorms(net, config)
  const widths = levelWidths(config)
  let h = latents
  if (config.quantConv)
    h = net.conv(h, 'post_quant_conv', { in: config.latent, out: config.latent, kernel: 1 })
  h = net.conv(h, 'decoder.conv_in', { in: config.latent, out: widths[0]! })
  h = middle(net, h, 'decoder', widths[0]!, config)
  for (let level = 0; level < lateFrom(config); level++) {
    if (level > 0) h = enlarged(net, h, level, widths)
    h = blocks(net, meet(h, level), level, config, norm)
  }
  return h
}

/** The rest of it. */
export function decodeLate(net: Layers, early: Value, config: HalfConfig, meet: Meet, norm: Norm): Value {
  const widths = levelWidths(config)
  let h = early
  for (let level = lateFrom(config); level < widths.length; level++)
    h = blocks(net, meet(enlarged(net, h, level, widths), level), level, config, norm)
  h = meet(h, widths.length)
  h = net.silu(norm(h, 'decoder.conv_norm_out', widths.at(-1)!, widths.length - 1))
  return net.conv(h, 'decoder.conv_out', { in: widths.at(-1)!, out: config.picture })
}

/** Twice the size, for a level. */
function enlarged(net: Layers, h: Value, level: number, widths: readonly number[]): Value {
  const out = widths[level - 1]!
  return net.conv(net.upsample(h), `decoder.up_blocks.${level - 1}.upsamplers.0.conv`, { in: out, out })
}

function blocks(net: Layers, x: Value, level: number, config: HalfConfig, norm: Norm): Value {
  const widths = levelWidths(config)
  let h = x
  for (let j = 0; j <= config.blocks; j++) {
    const from = j === 0 ? widths[Math.max(0, level - 1)]! : widths[level]!
    const leveled = (value: Value, name: string, channels: number) => norm(value, name, channels, level)
    h = residual(net, h, `decoder.up_blocks.${level}.resnets.${j}`, from, widths[level]!, leveled)
  }
  return h
}

function groupNorms(net: Layers, { groups }: HalfConfig): PlainNorm {
  return (x, name, channels) => net.groupNorm(x, name, channels, groups, EPSILON)
}

function middle(net: Layers, x: Value, half: string, width: number, config: HalfConfig): Value {
  const norm = groupNorms(net, config)
  let h = residual(net, x, `${half}.mid_block.resnets.0`, width, width, norm)
  if (config.attention) h = attention(net, h, `${half}.mid_block.attentions.0`, width, config.groups)
  return residual(net, h, `${half}.mid_block.resnets.1`, width, width, norm)
}

function residual(net: Layers, x: Value, name: string, from: number, to: number, norm: PlainNorm): Value {
  let h = net.silu(norm(x, `${name}.norm1`, from))
  h = net.conv(h, `${name}.conv1`, { in: from, out: to })
  h = net.silu(norm(h, `${name}.norm2`, to))
  h = net.conv(h, `${name}.conv2`, { in: to, out: to })
  const shortcut = from === to ? x : net.conv(x, `${name}.conv_shortcut`, { in: from, out: to, kernel: 1 })
  return net.add(shortcut, h)
}

/** Older files call the same matrices query, key, value and proj_attn. */
function attention(net: Layers, x: Value, name: string, width: number, groups: number): Value {
  const legacy = net.weights.has(`${name}.query.weight`)
  const named = (now: string, once: string) => `${name}.${legacy ? once : now}`
  const tokens = net.toTokens(net.groupNorm(x, `${name}.group_norm`, width, groups, EPSILON), width)
  const q = net.linear(tokens, named('to_q', 'query'), width, width)
  const k = net.linear(tokens, named('to_k', 'key'), width, width)
  const v = net.linear(tokens, named('to_v', 'value'), width, width)
  const mixed = net.linear(
    net.attention(q, k, v, { width, heads: 1 }),
    named('to_out.0', 'proj_attn'),
    width,
    width,
  )
  return net.add(net.toPicture(mixed, x), x)
}
