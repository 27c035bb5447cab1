/**
 * The asymmetric decoder of our own recipe: TAEF2's decoder, deepened, and a branch that sees the picture outside the hole.
 *
 * Invariant: mask 1 = hole, 0 = keep, cut at one half. Branch features are named by their level, f0 (full size) to f4, and
 * replace the decoder's own at five places by selection, so nothing from one side reaches the other as NaN. A coarse cell
 * with any hole pixel is hole. Pictures are in -1..1 as everywhere here: half of that is what the weights know as
 * picture - 0.5. Names are those of the recipe's network.
 */
import { type BuiltGraph, Graph, type Value } from '../onnx/graph.ts'
import { Layers } from '../onnx/layers.ts'
import type { Weights } from '../weights.ts'
import { cellsInput, onlyCells, type RegionOptions, squashed, tinyBlock } from './tiny-autoencoder.ts'

const PICTURE = 3
const LEVELS = 4

export interface SmallDecoderConfig {
  readonly latent: number
  /** Channels at every level. */
  readonly width: number
  /** TAEF2's blocks and those added after them, from the coarsest level to the full size. */
  readonly own: readonly number[]
  readonly extra: readonly number[]
}

/**
 * latents (B,L,h,w), image (B or 1,3,8h,8w) in -1..1 and not masked, mask (B or 1,1,8h,8w) to decoded (B,3,8h,8w), about
 * -1..1 and not clamped; or what `cells` are of it.
 */
export function smallConditionedDecoderGraph(
  weights: Weights,
  config: SmallDecoderConfig,
  { region = false, ...options }: RegionOptions = {},
): BuiltGraph {
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const image = graph.input('image', 'float32', ['image_batch', PICTURE, 'height', 'width'])
  const mask = graph.input('mask', 'float32', ['mask_batch', 1, 'height', 'width'])
  const hole = asNumbers(graph, isHole(graph, mask))
  const cells = region ? cellsInput(graph) : null
  const features = branch(net, image, hole, config)
  return decode(net, config, cells, (h, level) => {
    const cell = 2 ** Math.max(0, level - 1)
    const [select, feature] = [isHole(graph, pooled(graph, hole, cell)), features[level]!]
    if (!cells || level === LEVELS) return graph.node('Where', [select, h, feature])
    const own = (value: Value) => onlyCells(graph, cells, value, 2 ** (LEVELS - 1) / cell)
    return graph.node('Where', [own(select), h, own(feature)])
  })
}

/** The same without a picture, as if all were hole: latents (B,L,h,w) to decoded (B,3,8h,8w). */
export function smallDecoderGraph(
  weights: Weights,
  config: SmallDecoderConfig,
  { region = false, ...options }: RegionOptions = {},
): BuiltGraph {
  const graph = new Graph(options)
  return decode(new Layers(graph, weights), config, region ? cellsInput(graph) : null, (h) => h)
}

/** @param merge is given the level of the feature that belongs there */
function decode(
  net: Layers,
  { latent, width, own, extra }: SmallDecoderConfig,
  cells: Value | null,
  merge: (h: Value, level: number) => Value,
): BuiltGraph {
  const { graph } = net
  const latents = graph.input('latents', 'float32', ['batch', latent, 'latent_height', 'latent_width'])
  let h = merge(net.relu(net.conv(squashed(net, latents), 'conv_in', { in: latent, out: width })), LEVELS)
  for (let level = 0; level < LEVELS; level++) {
    for (let j = 0; j < own[level]! + extra[level]!; j++) h = tinyBlock(net, h, `stages.${level}.${j}`, width)
    if (level === 0 && cells) h = onlyCells(graph, cells, h, 1)
    if (level === LEVELS - 1) break
    h = net.conv(net.upsample(h), `ups.${level}`, { in: width, out: width, bias: false })
    h = merge(h, LEVELS - 1 - level)
  }
  h = net.conv(merge(h, 0), 'conv_out', { in: width, out: PICTURE })
  h = net.add(net.mul(h, graph.floats([2], [])), graph.floats([-1], []))
  graph.output('decoded', h, ['batch', PICTURE, 'height', 'width'])
  return graph.build()
}

/** Features f0 and f1 at full size, f2 to f4 at half the size each, the halved ones with a block of their own. */
function branch(net: Layers, image: Value, hole: Value, { width }: SmallDecoderConfig): readonly Value[] {
  const features: Value[] = []
  let h = seen(net, image, hole)
  for (let i = 0; i <= LEVELS; i++) {
    const shape = { in: i === 0 ? PICTURE + 1 : width, out: width }
    const halving = { kernel: 4, stride: 2, pads: [1, 1, 1, 1] } as const
    const made = net.conv(h, `branch.convs.${i}`, i < 2 ? shape : { ...shape, ...halving })
    const feature = i < 2 ? made : tinyBlock(net, net.relu(made), `branch.blocks.${i - 2}`, width)
    features.push(feature)
    // What a block gives is not negative.
    h = i < 2 ? net.relu(feature) : feature
  }
  return features
}

/** Half the picture with zeros in its hole, and the hole itself, one for each picture or hole there is. */
function seen(net: Layers, image: Value, hole: Value): Value {
  const { graph } = net
  const half = net.mul(image, graph.floats([0.5], []))
  const kept = graph.node('Where', [isHole(graph, hole), graph.floats([0], []), half])
  return net.concat([kept, net.repeated(hole, net.share(kept, 0, 1, 1))], 1)
}

function pooled(graph: Graph, hole: Value, cell: number): Value {
  if (cell === 1) return hole
  return graph.node('MaxPool', [hole], { kernel_shape: [cell, cell], strides: [cell, cell] })
}

function isHole(graph: Graph, mask: Value): Value {
  return graph.node('GreaterOrEqual', [mask, graph.floats([0.5], [])])
}

function asNumbers(graph: Graph, condition: Value): Value {
  return graph.node('Where', [condition, graph.floats([1], []), graph.floats([0], [])])
}
