/**
 * AutoencoderTiny: a small autoencoder, from its published configuration; and TAEF2, which is the same with more latent
 * channels and a pooled norm in its innermost blocks.
 *
 * Invariant: pictures are in -1..1, latents need no scaling, neither end is clamped. The names count every step of one
 * plain sequence, steps without weights included.
 */
import { type BuiltGraph, Graph, type GraphOptions, type Value } from '../onnx/graph.ts'
import { Layers } from '../onnx/layers.ts'
import type { Weights } from '../weights.ts'

/** Latents are drawn towards zero as 3 tanh(z / 3) before they are decoded, whatever a file's `latent_magnitude` says. */
const MAGNITUDE = 3
const POOL_GROUPS = 4

export interface TinyConfig {
  readonly picture: number
  readonly latent: number
  readonly encoder: { readonly channels: readonly number[]; readonly blocks: readonly number[] }
  readonly decoder: { readonly channels: readonly number[]; readonly blocks: readonly number[] }
}

/** image (B,3,H,W) to encoded (B,L,h,w). */
export function tinyEncoderGraph(
  weights: Weights,
  config: TinyConfig,
  options: GraphOptions = {},
): BuiltGraph {
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const half = graph.floats([0.5], [])
  let width = config.picture
  let step = 0
  let h = graph.input('image', 'float32', ['batch', width, 'height', 'width'])
  h = net.add(net.mul(h, half), half)
  for (const [level, out] of config.encoder.channels.entries()) {
    const stride = level === 0 ? {} : { stride: 2, bias: false }
    h = net.conv(h, `encoder.layers.${step++}`, { in: width, out, ...stride })
    width = out
    for (let j = 0; j < config.encoder.blocks[level]!; j++)
      h = tinyBlock(net, h, `encoder.layers.${step++}`, width)
  }
  h = net.conv(h, `encoder.layers.${step}`, { in: width, out: config.latent })
  graph.output('encoded', h, ['batch', config.latent, 'latent_height', 'latent_width'])
  return graph.build()
}

export interface RegionOptions extends GraphOptions {
  /**
   * Whether only some cells are decoded: `cells`, int64 top, left, bottom, right. What is normalised over the whole picture
   * is computed for all of it, which is cheap at the size of cells; only then is the rest left out.
   */
  readonly region?: boolean
}

/** latents (B,L,h,w) to decoded (B,3,H,W), or what `cells` are of it. */
export function tinyDecoderGraph(
  weights: Weights,
  config: TinyConfig,
  { region = false, ...options }: RegionOptions = {},
): BuiltGraph {
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const { channels, blocks } = config.decoder
  const latents = graph.input('latents', 'float32', ['batch', config.latent, 'latent_height', 'latent_width'])
  const first = { in: config.latent, out: channels[0]! }
  let h = net.relu(net.conv(squashed(net, latents), 'decoder.layers.0', first))
  let step = 2
  for (const [level, width] of channels.entries()) {
    for (let j = 0; j < blocks[level]!; j++) h = tinyBlock(net, h, `decoder.layers.${step++}`, width)
    if (level === 0 && region) h = onlyCells(graph, cellsInput(graph), h, 1)
    const last = level === channels.length - 1
    if (!last) h = net.upsample(h)
    if (!last) step++
    const out = last ? config.picture : width
    h = net.conv(h, `decoder.layers.${step++}`, { in: width, out, bias: last })
  }
  h = net.add(net.mul(h, graph.floats([2], [])), graph.floats([-1], []))
  graph.output('decoded', h, ['batch', config.picture, 'height', 'width'])
  return graph.build()
}

export function cellsInput(graph: Graph): Value {
  return graph.input('cells', 'int64', [4])
}

/** What lies in the cells of the input, where a cell is `scale` wide and high. */
export function onlyCells(graph: Graph, cells: Value, h: Value, scale: number): Value {
  const scaled = graph.node('Mul', [cells, graph.integers([scale])])
  const part = (from: number, to: number) =>
    graph.node('Slice', [scaled, graph.integers([from]), graph.integers([to]), graph.integers([0])])
  return graph.node('Slice', [h, part(0, 2), part(2, 4), graph.integers([2, 3])])
}

/** Latents drawn towards zero: 3 tanh(z / 3). */
export function squashed(net: Layers, latents: Value): Value {
  const { graph } = net
  const drawn = graph.node('Tanh', [net.mul(latents, graph.floats([1 / MAGNITUDE], []))])
  return net.mul(drawn, graph.floats([MAGNITUDE], []))
}

/** Three convolutions around a sum, with the pooled norm before them where the weights have one; never negative. */
export function tinyBlock(net: Layers, input: Value, name: string, width: number): Value {
  const x = net.weights.has(`${name}.pool.0.weight`) ? net.add(input, pool(net, input, name, width)) : input
  let h = net.relu(net.conv(x, `${name}.conv.0`, { in: width, out: width }))
  h = net.relu(net.conv(h, `${name}.conv.2`, { in: width, out: width }))
  return net.relu(net.add(net.conv(h, `${name}.conv.4`, { in: width, out: width }), x))
}

/** What TAEF2's innermost blocks begin with: four times as wide for a moment, normalised over the whole picture. */
function pool(net: Layers, x: Value, name: string, width: number): Value {
  const inner = 4 * width
  let h = net.conv(x, `${name}.pool.0`, { in: width, out: inner, kernel: 1, bias: false })
  h = net.relu(net.groupNorm(h, `${name}.pool.1`, inner, POOL_GROUPS, 1e-5))
  return net.conv(h, `${name}.pool.3`, { in: inner, out: width, kernel: 1, bias: false })
}
