/**
 * UNet2DConditionModel: the denoiser of Stable Diffusion 1, 2 and XL, from its published configuration.
 *
 * Invariant: the graph reads down, middle, up as the block diagram does; skips are a stack. Up-samplers go to the size of the
 * skip they meet, so any latent size works. Group norms of residual blocks use the configuration's epsilon, those in front
 * of transformers 1e-6.
 */
import { type BuiltGraph, Graph, type GraphOptions, type Value } from '../onnx/graph.ts'
import { Layers } from '../onnx/layers.ts'
import type { Weights } from '../weights.ts'

export interface UnetConfig {
  readonly in: number
  readonly out: number
  readonly channels: readonly number[]
  /** By level: residual blocks on the way down; one more on the way up. */
  readonly blocks: readonly number[]
  /** By level: the number of transformer blocks after each residual block (0 = none) and their heads. */
  readonly depth: readonly number[]
  readonly heads: readonly number[]
  readonly middleDepth: number
  readonly context: number
  readonly groups: number
  readonly epsilon: number
  /** Sine first in the time embedding, as nothing published has it. */
  readonly sineFirst: boolean
  readonly freqShift: number
  /** Width of each time id's embedding and of all that is added to the time embedding (SDXL). */
  readonly addition: { readonly time: number; readonly width: number } | null
  /** Whether scores overflow float16, as SD 2.1's do: attention is float32 then. */
  readonly upcastAttention: boolean
  /** Width of the guidance embedding that distilled models take. */
  readonly guidance: number | null
}

/**
 * sample (B,in,h,w), timestep (B or 1), encoder_hidden_states (B,S,context), for SDXL text_embeds (B,P) and time_ids (B,6),
 * for distilled models timestep_cond (B,guidance), to noise (B,out,h,w).
 */
export function unetGraph(weights: Weights, config: UnetConfig, options: GraphOptions = {}): BuiltGraph {
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const last = config.channels.length - 1
  const sample = graph.input('sample', 'float32', ['batch', config.in, 'height', 'width'])
  const time = net.silu(timeEmbedding(net, config))
  const context = graph.input('encoder_hidden_states', 'float32', ['batch', 'length', config.context])
  const stage = { net, config, time, context }

  let width = config.channels[0]!
  let h = net.conv(sample, 'conv_in', { in: config.in, out: width })
  const skips: { readonly value: Value; readonly width: number }[] = [{ value: h, width }]
  for (const [level, out] of config.channels.entries()) {
    for (let j = 0; j < config.blocks[level]!; j++) {
      h = residual(stage, h, `down_blocks.${level}.resnets.${j}`, width, out)
      width = out
      h = transformer(
        stage,
        h,
        `down_blocks.${level}.attentions.${j}`,
        out,
        config.depth[level]!,
        config.heads[level]!,
      )
      skips.push({ value: h, width })
    }
    if (level === last) continue
    h = net.conv(h, `down_blocks.${level}.downsamplers.0.conv`, { in: out, out, stride: 2 })
    skips.push({ value: h, width })
  }

  h = residual(stage, h, 'mid_block.resnets.0', width, width)
  h = transformer(stage, h, 'mid_block.attentions.0', width, config.middleDepth, config.heads[last]!)
  h = residual(stage, h, 'mid_block.resnets.1', width, width)

  for (let up = 0; up <= last; up++) {
    const level = last - up
    const out = config.channels[level]!
    for (let j = 0; j <= config.blocks[level]!; j++) {
      const skip = skips.pop()!
      h = residual(
        stage,
        net.concat([h, skip.value], 1),
        `up_blocks.${up}.resnets.${j}`,
        width + skip.width,
        out,
      )
      width = out
      h = transformer(
        stage,
        h,
        `up_blocks.${up}.attentions.${j}`,
        out,
        config.depth[level]!,
        config.heads[level]!,
      )
    }
    if (up === last) continue
    h = net.conv(net.resizeLike(h, skips.at(-1)!.value), `up_blocks.${up}.upsamplers.0.conv`, {
      in: out,
      out,
    })
  }
  h = net.silu(net.groupNorm(h, 'conv_norm_out', width, config.groups, config.epsilon))
  graph.output('noise', net.conv(h, 'conv_out', { in: width, out: config.out }), [
    'batch',
    config.out,
    'height',
    'width',
  ])
  return graph.build()
}

interface Stage {
  readonly net: Layers
  readonly config: UnetConfig
  /** SiLU of the time embedding, (B or 1, 4 c). */
  readonly time: Value
  readonly context: Value
}

function timeEmbedding(net: Layers, config: UnetConfig): Value {
  const { graph } = net
  const base = config.channels[0]!
  const width = 4 * base
  const timestep = graph.input('timestep', 'float32', ['time_batch'], true)
  const first = graph.node('Slice', [timestep, ...[0, 1, 0].map((n) => graph.integers([n]))])
  net.unknownZero = graph.settle(graph.node('Sub', [first, first]))
  let waves = sinusoids(net, timestep, base, config)
  if (config.guidance !== null) {
    const guidance = graph.input('timestep_cond', 'float32', ['batch', config.guidance])
    const options = { bias: false, tokens: false }
    waves = net.add(waves, net.linear(guidance, 'time_embedding.cond_proj', config.guidance, base, options))
  }
  const time = twoLayers(net, waves, 'time_embedding', base, width)
  if (!config.addition) return time
  const pooled = config.addition.width - 6 * config.addition.time
  const text = graph.input('text_embeds', 'float32', ['batch', pooled])
  const ids = graph.input('time_ids', 'float32', ['batch', 6], true)
  const sizes = net.reshape(sinusoids(net, net.reshape(ids, [-1]), config.addition.time, config), [
    -1,
    6 * config.addition.time,
  ])
  return net.add(
    time,
    twoLayers(net, net.concat([text, sizes], 1), 'add_embedding', config.addition.width, width),
  )
}

/** (n) to (n, width): cosines, then sines, of frequencies from 1 down to 1/10000. In float32: 999 steps of float16 are 0.5 wide. */
function sinusoids(net: Layers, t: Value, width: number, config: UnetConfig): Value {
  const half = width / 2
  const frequencies = Float32Array.from({ length: half }, (_, i) =>
    Math.exp((-Math.log(10000) * i) / (half - config.freqShift)),
  )
  const angles = net.mul(net.reshape(t, [-1, 1]), net.graph.floats(frequencies, [1, half], 'float32'))
  const [sine, cosine] = [net.graph.node('Sin', [angles]), net.graph.node('Cos', [angles])]
  return net.graph.settle(net.concat(config.sineFirst ? [sine, cosine] : [cosine, sine], 1))
}

function twoLayers(net: Layers, x: Value, name: string, from: number, to: number): Value {
  const h = net.silu(net.linear(x, `${name}.linear_1`, from, to, { tokens: false }))
  return net.linear(h, `${name}.linear_2`, to, to, { tokens: false })
}

function residual({ net, config, time }: Stage, x: Value, name: string, from: number, to: number): Value {
  let h = net.silu(net.groupNorm(x, `${name}.norm1`, from, config.groups, config.epsilon))
  h = net.conv(h, `${name}.conv1`, { in: from, out: to })
  const shift = net.linear(time, `${name}.time_emb_proj`, 4 * config.channels[0]!, to, { tokens: false })
  h = net.add(h, net.reshape(shift, [-1, to, 1, 1]))
  h = net.silu(net.groupNorm(h, `${name}.norm2`, to, config.groups, config.epsilon))
  h = net.conv(h, `${name}.conv2`, { in: to, out: to })
  return net.add(from === to ? x : net.conv(x, `${name}.conv_shortcut`, { in: from, out: to, kernel: 1 }), h)
}

/** SD 1 projects the picture by a 1x1 convolution, which in tokens is the same matrix: both are linear layers here. */
function transformer(
  stage: Stage,
  x: Value,
  name: string,
  width: number,
  depth: number,
  heads: number,
): Value {
  const { net, config } = stage
  if (depth === 0) return x
  const normed = net.toTokens(net.groupNorm(x, `${name}.norm`, width, config.groups, 1e-6), width)
  let h = net.linear(normed, `${name}.proj_in`, width, width)
  for (let i = 0; i < depth; i++)
    h = transformerBlock(stage, h, `${name}.transformer_blocks.${i}`, width, heads)
  return net.add(net.toPicture(net.linear(h, `${name}.proj_out`, width, width), x), x)
}

function transformerBlock(
  { net, config, context }: Stage,
  x: Value,
  name: string,
  width: number,
  heads: number,
): Value {
  const attend = (part: string, from: Value, to: Value, toWidth: number) => {
    const q = net.linear(from, `${name}.${part}.to_q`, width, width, { bias: false })
    const k = net.linear(to, `${name}.${part}.to_k`, toWidth, width, { bias: false })
    const v = net.linear(to, `${name}.${part}.to_v`, toWidth, width, { bias: false })
    const mixed = config.upcastAttention
      ? net.graph.settle(
          net.attention(net.graph.widen(q), net.graph.widen(k), net.graph.widen(v), {
            width,
            heads,
            exact: true,
          }),
        )
      : net.attention(q, k, v, { width, heads })
    return net.linear(mixed, `${name}.${part}.to_out.0`, width, width)
  }
  const own = net.layerNorm(x, `${name}.norm1`, width)
  let h = net.add(attend('attn1', own, own, width), x)
  h = net.add(attend('attn2', net.layerNorm(h, `${name}.norm2`, width), context, config.context), h)
  const rows = net.rows(net.layerNorm(h, `${name}.norm3`, width), width)
  const gated = net.geglu(rows, `${name}.ff.net.0.proj`, width, 4 * width)
  return net.add(
    net.asTokens(net.linear(gated, `${name}.ff.net.2`, 4 * width, width, { tokens: false }), h),
    h,
  )
}
