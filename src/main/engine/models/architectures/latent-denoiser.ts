/**
 * The inpainting denoiser of our own recipe: a small U-Net on latent cells, without text, by rectified flow.
 *
 * Invariant: it knows standardised latents only; mean and spread of each channel are in its configuration, and whoever calls
 * it applies them. Cell sides are multiples of 2 to the number of halvings. Names are those of the recipe's network.
 */
import { type BuiltGraph, Graph, type GraphOptions, type Value } from '../onnx/graph.ts'
import { Layers } from '../onnx/layers.ts'
import type { Weights } from '../weights.ts'

export interface DenoiserConfig {
  readonly latent: number
  /** From the full resolution down. */
  readonly widths: readonly number[]
  readonly blocks: number
  readonly groups: number
  /** Of the attention at each level; 0 where there is none. */
  readonly heads: readonly number[]
  readonly epsilon: number
  /** How far the picture is taken to be from the condition; the output counts from there. 0: it is the velocity itself. */
  readonly prior: number
  /** What the hole of the picture is filled with before it is encoded as the condition. */
  readonly hole: 'grey' | 'patch-fill'
  readonly steps: number
  /** Time at which sampling begins: 1 is noise alone, less is the condition with that much noise. */
  readonly start: number
  readonly mean: readonly number[]
  readonly spread: readonly number[]
}

/**
 * noisy (B,L,h,w), time (B or 1) in 0..1, mask (B or 1,1,h,w) of 0 and 1 (hole), condition (B or 1,L,h,w) to velocity
 * (B,L,h,w): noise less clean latents.
 */
export function latentDenoiserGraph(
  weights: Weights,
  config: DenoiserConfig,
  options: GraphOptions = {},
): BuiltGraph {
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const { latent, widths, blocks, heads } = config
  const [first = 0, last] = [widths[0], widths.length - 1]
  const noisy = graph.input('noisy', 'float32', ['batch', latent, 'height', 'width'])
  const t = net.reshape(graph.input('time', 'float32', ['time_batch'], true), [-1, 1])
  const time = net.silu(timeEmbedding(net, t, first))
  const mask = graph.input('mask', 'float32', ['mask_batch', 1, 'height', 'width'])
  const condition = graph.input('condition', 'float32', ['condition_batch', latent, 'height', 'width'])
  const masks = net.repeated(mask, net.share(noisy, 0, 1, 1))
  const given = net.concat([noisy, masks, net.repeated(condition, noisy)], 1)

  let width = first
  let h = net.conv(given, 'conv_in', { in: 2 * latent + 1, out: width })
  const stage = (name: string, from: number, to: number, attention: number) => {
    h = residual(net, h, time, `${name}.block`, from, to, config)
    if (attention > 0) h = attend(net, h, `${name}.attention`, to, attention, config)
    width = to
  }
  const skips: { readonly value: Value; readonly width: number }[] = []
  for (const [level, out] of widths.entries()) {
    for (let j = 0; j < blocks; j++) {
      stage(`down.${level * blocks + j}`, width, out, heads[level]!)
      skips.push({ value: h, width })
    }
    if (level < last) h = net.conv(h, `shrink.${level}`, { in: out, out, stride: 2 })
  }
  stage('middle.0', width, width, heads[last]!)
  stage('middle.1', width, width, 0)
  for (let up = 0; up <= last; up++) {
    const level = last - up
    for (let j = 0; j < blocks; j++) {
      const skip = skips.pop()!
      h = net.concat([h, skip.value], 1)
      stage(`up.${up * blocks + j}`, width + skip.width, widths[level]!, heads[level]!)
    }
    if (level > 0) h = net.conv(net.upsample(h), `grow.${up}`, { in: width, out: width })
  }
  h = net.silu(net.groupNorm(h, 'norm_out', width, config.groups, config.epsilon))
  h = net.conv(h, 'conv_out', { in: width, out: latent })
  if (config.prior > 0) h = aroundCondition(net, { noisy, condition, time: t, output: h }, config.prior)
  graph.output('velocity', h, ['batch', latent, 'height', 'width'])
  return graph.build()
}

/** Cosines, then sines, of 1000 t at frequencies from 1 down to 1/10000, in float32; then two layers: (B or 1, 4 width). */
function timeEmbedding(net: Layers, time: Value, width: number): Value {
  const { graph } = net
  const half = width / 2
  const rates = Float32Array.from({ length: half }, (_, i) => Math.exp((-Math.log(10_000) / half) * i))
  const thousands = net.mul(time, graph.floats([1000], [], 'float32'))
  const angles = net.mul(thousands, graph.floats(rates, [1, half], 'float32'))
  const waves = graph.settle(net.concat([graph.node('Cos', [angles]), graph.node('Sin', [angles])], 1))
  const h = net.silu(net.linear(waves, 'time.0', width, 4 * width, { tokens: false }))
  return net.linear(h, 'time.2', 4 * width, 4 * width, { tokens: false })
}

/** What the second norm gives is scaled and shifted by the time (FiLM). */
function residual(
  net: Layers,
  x: Value,
  time: Value,
  name: string,
  from: number,
  to: number,
  { groups, epsilon, widths }: DenoiserConfig,
): Value {
  let h = net.silu(net.groupNorm(x, `${name}.norm1`, from, groups, epsilon))
  h = net.conv(h, `${name}.conv1`, { in: from, out: to })
  const film = net.linear(time, `${name}.film`, 4 * widths[0]!, 2 * to, { tokens: false })
  const [scale, shift] = [0, 1].map((i) => net.reshape(net.share(film, i, to, 1), [-1, to, 1, 1])) as [
    Value,
    Value,
  ]
  h = net.groupNorm(h, `${name}.norm2`, to, groups, epsilon)
  h = net.add(net.mul(h, net.add(scale, net.graph.floats([1], []))), shift)
  h = net.conv(net.silu(h), `${name}.conv2`, { in: to, out: to })
  return net.add(h, from === to ? x : net.conv(x, `${name}.skip`, { in: from, out: to, kernel: 1 }))
}

/** Over all cells; its 1x1 convolutions are matrices on tokens. */
function attend(
  net: Layers,
  x: Value,
  name: string,
  width: number,
  heads: number,
  { groups, epsilon }: DenoiserConfig,
): Value {
  const tokens = net.toTokens(net.groupNorm(x, `${name}.norm`, width, groups, epsilon), width)
  const all = net.linear(tokens, `${name}.qkv`, width, 3 * width)
  const [q, k, v] = [0, 1, 2].map((i) => net.share(all, i, width, 2)) as [Value, Value, Value]
  const mixed = net.linear(net.attention(q, k, v, { width, heads }), `${name}.out`, width, width)
  return net.add(x, net.toPicture(mixed, x))
}

/**
 * If x is normal around the condition c with spread s, then x given x_t = (1 - t) x + t e has the mean
 * c + s^2 (1 - t) / D^2 (x_t - (1 - t) c) and the spread s t / D, with D^2 = (1 - t)^2 s^2 + t^2. The output counts in such
 * spreads from that mean; put into the velocity (x_t - x) / t, nothing is divided by t. What the time determines is
 * computed in float32.
 */
function aroundCondition(
  net: Layers,
  given: Readonly<Record<'noisy' | 'condition' | 'time' | 'output', Value>>,
  spread: number,
): Value {
  const { graph } = net
  const number = (value: number) => graph.floats([value], [], 'float32')
  const minus = (a: Value, b: Value) => graph.node('Sub', [a, b])
  const t = net.reshape(given.time, [-1, 1, 1, 1])
  const clean = minus(number(1), t)
  const square = net.add(net.mul(net.mul(clean, clean), number(spread ** 2)), net.mul(t, t))
  const share = graph.node('Div', [minus(t, net.mul(clean, number(spread ** 2))), square])
  const far = graph.node('Div', [number(spread), graph.node('Sqrt', [square])])
  const moved = minus(given.noisy, net.mul(graph.settle(clean), given.condition))
  const expected = minus(net.mul(moved, graph.settle(share)), given.condition)
  return minus(expected, net.mul(given.output, graph.settle(far)))
}
