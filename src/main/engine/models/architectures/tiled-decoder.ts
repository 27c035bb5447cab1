/**
 * The decoders of AutoencoderKL and AsymmetricAutoencoderKL in pieces that a large picture can be decoded with.
 *
 * Its early levels have few pixels and are computed whole, with the attention that looks at all of them. The late levels, where
 * nearly all memory is, see no further than a few cells, but for their norms' means and variances: those are handed in, so that
 * every tile can have the whole picture's, and each tile hands out its own, so that they can be found.
 *
 * Invariant: with the statistics of the whole picture, and a margin of `lateMargin` cells, a tile is what the whole decode has
 * there. One picture at a time.
 */
import { type BuiltGraph, Graph, type GraphOptions, type Value } from '../onnx/graph.ts'
import { Layers } from '../onnx/layers.ts'
import type { Weights } from '../weights.ts'
import { branch, checkBranch, cut, maskAt, selected } from './asymmetric-decoder.ts'
import {
  decodeEarly,
  decodeLate,
  EPSILON,
  type HalfConfig,
  lateFrom,
  levelWidths,
  type Meet,
  type Norm,
} from './autoencoder.ts'
import { onlyCells } from './tiny-autoencoder.ts'

/** How far the branch's features that the late levels meet look, in pixels. */
const BRANCH_REACH = 4

/** Cells around a tile on which its pixels depend. */
export function lateMargin(config: HalfConfig): number {
  const levels = config.channels.length
  let reach = 1 + BRANCH_REACH
  for (let level = lateFrom(config); level < levels; level++)
    reach += (1 + 2 * (config.blocks + 1)) * 2 ** (levels - 1 - level)
  return Math.ceil(reach / 2 ** (levels - 1))
}

/** How many norms the late levels have. */
export function lateNorms(config: HalfConfig): number {
  return 2 * (config.channels.length - lateFrom(config)) * (config.blocks + 1) + 1
}

/**
 * latents (1,L,h,w) to early (1,C,2h,2w); of a conditioned decoder also mask (1,1,H,W) and the branch's coarse features, as
 * `coarseBranchGraph` gives them.
 */
export function earlyDecoderGraph(
  weights: Weights,
  config: HalfConfig,
  isConditioned: boolean,
  options: GraphOptions = {},
): BuiltGraph {
  if (isConditioned) checkBranch(config)
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const latents = graph.input('latents', 'float32', [1, config.latent, 'latent_height', 'latent_width'])
  const mask = isConditioned ? graph.input('mask', 'float32', [1, 1, 'height', 'width']) : null
  const meet: Meet = (h, level) => {
    if (!mask) return h
    const i = config.channels.length - level
    const feature = graph.input(`condition_feature_${i}`, 'float32', [1, `c${i}`, `h${i}`, `w${i}`])
    return selected(graph, h, feature, maskAt(graph, mask, cellAt(config, level)))
  }
  const early = decodeEarly(net, latents, config, meet)
  graph.output('early', early, [1, levelWidths(config)[lateFrom(config) - 1]!, 'early_height', 'early_width'])
  return graph.build()
}

/** image and mask of a tile with its margin to the branch's features that the early levels meet, of the tile's `cells` alone. */
export function coarseBranchGraph(
  weights: Weights,
  config: HalfConfig,
  options: GraphOptions = {},
): BuiltGraph {
  checkBranch(config)
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const { image, mask } = pictureInputs(graph, config)
  const cells = graph.input('cells', 'int64', [4])
  const features = branch(net, cut(graph, image, mask), config)
  for (let level = 0; level < lateFrom(config); level++) {
    const i = config.channels.length - level
    const own = onlyCells(graph, cells, features[i]!, 2 ** level)
    graph.output(`condition_feature_${i}`, own, [1, `c${i}`, `h${i}`, `w${i}`])
  }
  return graph.build()
}

/**
 * early (1,C,2h,2w) of a tile with its margin, and image and mask where it is conditioned, to decoded (1,3,H,W) of the tile's
 * `cells` (4) alone. `statistics` (norms,2,groups) are means and variances; where `own` (1) is 1 the tile's own are used instead.
 * The tile's own, of its cells alone, come out as `own_statistics`.
 */
export function lateDecoderGraph(
  weights: Weights,
  config: HalfConfig,
  isConditioned: boolean,
  options: GraphOptions = {},
): BuiltGraph {
  const graph = new Graph(options)
  const net = new Layers(graph, weights)
  const levels = config.channels.length
  const width = levelWidths(config)[lateFrom(config) - 1]!
  const early = graph.input('early', 'float32', [1, width, 'early_height', 'early_width'])
  const cells = graph.input('cells', 'int64', [4])
  const norms = new SharedNorms(net, config, cells)
  const meet: Meet = isConditioned ? metBranch(net, config) : (h) => h
  const decoded = decodeLate(net, early, config, meet, norms.norm)
  const own = onlyCells(graph, cells, decoded, 2 ** (levels - 1))
  graph.output('decoded', own, [1, config.picture, 'height', 'width'])
  graph.output('own_statistics', norms.own(), [lateNorms(config), 2, config.groups])
  return graph.build()
}

function metBranch(net: Layers, config: HalfConfig): Meet {
  const { graph } = net
  const { image, mask } = pictureInputs(graph, config)
  const features = branch(net, cut(graph, image, mask), config)
  return (h, level) =>
    selected(graph, h, features[config.channels.length - level]!, maskAt(graph, mask, cellAt(config, level)))
}

function pictureInputs(
  graph: Graph,
  { picture }: HalfConfig,
): { readonly image: Value; readonly mask: Value } {
  return {
    image: graph.input('image', 'float32', [1, picture, 'height', 'width']),
    mask: graph.input('mask', 'float32', [1, 1, 'height', 'width']),
  }
}

/** Pixels of a feature at a level, in the picture's. */
function cellAt({ channels }: HalfConfig, level: number): number {
  return 2 ** Math.max(0, channels.length - 1 - level)
}

/** Group norms by statistics from outside, in the order in which they are made. */
class SharedNorms {
  readonly #net: Layers
  readonly #groups: number
  readonly #cells: Value
  readonly #given: Value
  readonly #isOwn: Value
  readonly #own: Value[] = []

  constructor(net: Layers, config: HalfConfig, cells: Value) {
    const { graph } = net
    this.#net = net
    this.#groups = config.groups
    this.#cells = cells
    this.#given = graph.input('statistics', 'float32', [lateNorms(config), 2, config.groups], true)
    const own = graph.input('own', 'float32', [1], true)
    this.#isOwn = graph.node('Greater', [own, graph.floats([0], [], 'float32')])
  }

  readonly norm: Norm = (x, name, channels, level) => {
    const { graph } = this.#net
    const own = this.#statistics(onlyCells(graph, this.#cells, x, 2 ** level))
    const given = this.#part(this.#given, 0, this.#own.length)
    this.#own.push(own)
    const used = graph.node('Where', [this.#isOwn, own, given])
    const each = (place: number) => {
      const values = this.#net.reshape(this.#part(used, 1, place), [this.#groups, 1])
      const shape = graph.integers([this.#groups, channels / this.#groups])
      return graph.settle(this.#net.reshape(graph.node('Expand', [values, shape]), [channels]))
    }
    const [scale, shift] = ['weight', 'bias'].map((kind) => this.#net.tensor(`${name}.${kind}`, [channels]))
    return graph.node('BatchNormalization', [x, scale!, shift!, each(0), each(1)], {
      epsilon: { float: EPSILON },
    })
  }

  own(): Value {
    return this.#net.concat(this.#own, 0)
  }

  /** (1,2,groups): means, then variances. */
  #statistics(x: Value): Value {
    const { graph } = this.#net
    const grouped = graph.widen(this.#net.reshape(x, [1, this.#groups, -1]))
    const mean = (value: Value) => graph.node('ReduceMean', [value, graph.integers([2])], { keepdims: 1 })
    const middle = mean(grouped)
    const off = graph.node('Sub', [grouped, middle])
    const flat = (value: Value) => this.#net.reshape(value, [1, 1, this.#groups])
    return this.#net.concat([flat(middle), flat(mean(this.#net.mul(off, off)))], 1)
  }

  #part(value: Value, axis: number, place: number): Value {
    const { graph } = this.#net
    return graph.node('Slice', [
      value,
      graph.integers([place]),
      graph.integers([place + 1]),
      graph.integers([axis]),
    ])
  }
}
