/**
 * The decoder of AsymmetricAutoencoderKL given the picture: outside the hole its features are replaced by those of a
 * branch that sees the picture itself.
 *
 * Invariant: mask 1 = hole, 0 = keep. Branch features are named by their level (0 = full resolution), never looked up by
 * shape; mask and image of batch 1 serve every latent. A merge selects, so a value that overflowed on the side not chosen
 * cannot turn into NaN; a mask that may be soft is blended only where it lies between 0 and 1.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { type BuiltGraph, Graph, type GraphOptions, type Value } from '../onnx/graph.ts'
import { Layers } from '../onnx/layers.ts'
import type { Weights } from '../weights.ts'
import { decode, type HalfConfig } from './autoencoder.ts'

/** Of the branch's layers the first two keep the size, the others halve it. */
const LAYERS = 5

export interface ConditionedOptions extends GraphOptions {
  /** Whether the branch's features come out as well; they are as large as the decoder's own, so only checks ask. */
  readonly features?: boolean
  /**
   * Whether values between 0 and 1 blend. Else the mask is cut at one half, as pipelines do, and a merge is one pass over
   * its features instead of five, with two tensors less of their size.
   */
  readonly softMask?: boolean
}

/**
 * latents (B,L,h,w), image (B or 1,3,H,W) in -1..1 and not masked, mask (B or 1,1,H,W) in 0..1, to decoded (B,3,H,W), not
 * clamped, and where wanted the branch's features `condition_feature_0..4` before their ReLU. H and W are h and w times the
 * decoder's factor, 8 with the usual four levels.
 */
export function conditionedDecoderGraph(
  weights: Weights,
  config: HalfConfig,
  options: ConditionedOptions = {},
): BuiltGraph {
  checkBranch(config)
  const levels = config.channels.length
  const { features: wantsFeatures = false, softMask = false, ...graphOptions } = options
  const graph = new Graph(graphOptions)
  const net = new Layers(graph, weights)
  const latents = graph.input('latents', 'float32', ['batch', config.latent, 'latent_height', 'latent_width'])
  const image = graph.input('image', 'float32', ['image_batch', config.picture, 'height', 'width'])
  const mask = graph.input('mask', 'float32', ['mask_batch', 1, 'height', 'width'])
  const features = branch(net, softMask ? faded(net, image, mask) : cut(graph, image, mask), config)
  const merge = softMask ? blended : selected
  const decoded = decode(net, latents, config, (h, level) =>
    merge(graph, h, features[levels - level]!, maskAt(graph, mask, 2 ** Math.max(0, levels - 1 - level))),
  )
  graph.output('decoded', decoded, ['batch', config.picture, 'height', 'width'])
  if (wantsFeatures)
    for (const [i, feature] of features.entries())
      graph.output(`condition_feature_${i}`, feature, ['image_batch', `c${i}`, `h${i}`, `w${i}`])
  return graph.build()
}

/** @throws InlayError `model.unsupported` where decoder and branch do not meet */
export function checkBranch(config: HalfConfig): void {
  const levels = config.channels.length
  if (levels >= LAYERS || branchWidths(config).some((width, i) => i <= levels && width !== metBy(i, config)))
    throw new InlayError(
      'model.unsupported',
      `An asymmetric decoder of widths ${config.channels.join(', ')} cannot meet its branch of widths ${branchWidths(config).join(', ')}.`,
    )
}

/** Doubling from the decoder's narrowest up to its widest, which the last layer has in any case. */
function branchWidths({ channels }: HalfConfig): readonly number[] {
  const top = channels.at(-1)!
  return Array.from({ length: LAYERS }, (_, i) =>
    i === LAYERS - 1 ? top : Math.min(top, channels[0]! * 2 ** i),
  )
}

/** The width of the decoder where it meets feature i: what the level in front leaves, and in front of all the widest. */
function metBy(i: number, { channels }: HalfConfig): number {
  return channels[i] ?? channels.at(-1)!
}

/** The picture with zeros, mid grey, in its hole. */
export function cut(graph: Graph, image: Value, mask: Value): Value {
  return graph.node('Where', [isHole(graph, mask), graph.floats([0], []), image])
}

function faded(net: Layers, image: Value, mask: Value): Value {
  return net.mul(image, net.graph.node('Sub', [net.graph.floats([1], []), mask]))
}

/** conv3 → conv3 → three conv4 of stride 2 over the picture without its hole, ReLU between. */
export function branch(net: Layers, kept: Value, config: HalfConfig): readonly Value[] {
  const widths = branchWidths(config)
  const features: Value[] = []
  let h = kept
  for (const [i, out] of widths.entries()) {
    const shape = { in: widths[i - 1] ?? config.picture, out }
    const halving = { kernel: 4, stride: 2, pads: [1, 1, 1, 1] } as const
    const feature = net.conv(
      h,
      `decoder.condition_encoder.layers.${i}`,
      i < 2 ? shape : { ...shape, ...halving },
    )
    features.push(feature)
    h = net.relu(feature)
  }
  return features
}

/** The top left pixel of each cell of `cell` x `cell`. */
export function maskAt(graph: Graph, mask: Value, cell: number): Value {
  if (cell === 1) return mask
  const [from, to] = [graph.integers([0, 0]), graph.integers([2 ** 40, 2 ** 40])]
  return graph.node('Slice', [mask, from, to, graph.integers([2, 3]), graph.integers([cell, cell])])
}

function isHole(graph: Graph, mask: Value): Value {
  return graph.node('GreaterOrEqual', [mask, graph.floats([0.5], [])])
}

export function selected(graph: Graph, h: Value, feature: Value, mask: Value): Value {
  return graph.node('Where', [isHole(graph, mask), h, feature])
}

function blended(graph: Graph, h: Value, feature: Value, mask: Value): Value {
  const [zero, one] = [graph.floats([0], []), graph.floats([1], [])]
  const keep = graph.node('Sub', [one, mask])
  const both = graph.node('Add', [graph.node('Mul', [h, mask]), graph.node('Mul', [feature, keep])])
  const orFeature = graph.node('Where', [graph.node('LessOrEqual', [mask, zero]), feature, both])
  return graph.node('Where', [graph.node('GreaterOrEqual', [mask, one]), h, orFeature])
}
