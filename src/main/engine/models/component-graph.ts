/**
 * From a component of a checkpoint to the graph of one of its parts.
 *
 * Invariant: nothing is read but the configuration; the graph refers to the files. An architecture has the parts of
 * `PARTS` and no others; asking for another is an error of the caller.
 */
import { conditionedDecoderGraph } from './architectures/asymmetric-decoder.ts'
import { decoderGraph, encoderGraph } from './architectures/autoencoder.ts'
import { latentDenoiserConfig, smallDecoderConfig } from './architectures/built-in-config.ts'
import { clipTextGraph } from './architectures/clip-text.ts'
import { autoencoderConfig, clipTextConfig, tinyConfig, unetConfig } from './architectures/config.ts'
import { latentDenoiserGraph } from './architectures/latent-denoiser.ts'
import { smallConditionedDecoderGraph, smallDecoderGraph } from './architectures/small-asymmetric-decoder.ts'
import {
  coarseBranchGraph,
  earlyDecoderGraph,
  lateDecoderGraph,
  lateMargin,
  lateNorms,
} from './architectures/tiled-decoder.ts'
import { tinyDecoderGraph, tinyEncoderGraph } from './architectures/tiny-autoencoder.ts'
import { unetGraph } from './architectures/unet.ts'
import type { Architecture, Component } from './checkpoint/checkpoint.ts'
import { type LoraAtWeight, loraAdapters } from './lora/lora.ts'
import type { AttentionForm, BuiltGraph, GraphOptions, Precision } from './onnx/graph.ts'
import { Weights } from './weights.ts'

export type Part = 'denoiser' | 'text' | 'encoder' | 'decoder' | 'conditioned-decoder'

/** The parts that each architecture has. */
const PARTS: Readonly<Record<Architecture, readonly Part[]>> = {
  unet: ['denoiser'],
  'clip-text': ['text'],
  autoencoder: ['encoder', 'decoder'],
  'asymmetric-autoencoder': ['encoder', 'decoder', 'conditioned-decoder'],
  'tiny-autoencoder': ['encoder', 'decoder'],
  'small-asymmetric-decoder': ['decoder', 'conditioned-decoder'],
  'latent-denoiser': ['denoiser'],
}

/** Its early levels, whole; its late levels, by tiles; and, where it is conditioned, the coarse features of its branch, by tiles. */
export type DecoderPiece = 'early' | 'late' | 'branch'

export interface ComponentGraphOptions {
  /** float32 unless told; a component whose configuration says `force_upcast` stays in float32. */
  readonly precision?: Precision
  /** Fused unless told. */
  readonly attention?: AttentionForm
  readonly loras?: readonly LoraAtWeight[]
  /** Of a conditioned decoder: whether its branch's features come out as well. */
  readonly features?: boolean
  /** Of a conditioned decoder: whether values of the mask between 0 and 1 blend. Else it is cut at one half. */
  readonly softMask?: boolean
  /** Of a TAESD or a decoder made from one: whether only the cells of an input `cells` are decoded. */
  readonly region?: boolean
  /** Of a decoder of AutoencoderKL or its asymmetric kind: one of the pieces that a large picture is decoded with. */
  readonly piece?: DecoderPiece
  /** Of a text encoder: how many of its last layers `hidden_state` leaves out; 1 unless told. */
  readonly skip?: number
}

/** The parts that a network has. */
export function componentParts({ architecture }: Pick<Component, 'architecture'>): readonly Part[] {
  return PARTS[architecture]
}

/** @throws InlayError `model.unsupported`, `model.incomplete`, `model.unreadable`, `usage` */
export function componentGraph(
  component: Component,
  part: Part,
  options: ComponentGraphOptions = {},
): BuiltGraph {
  const { architecture, config, source } = component
  if (!PARTS[architecture].includes(part)) throw new Error(`no ${part} is in an architecture ${architecture}`)
  const weights = new Weights(component.tensors, source)
  const { region = false } = options
  const graph: GraphOptions = {
    precision: wantsFloat32(config) ? 'float32' : (options.precision ?? 'float32'),
    attention: options.attention ?? 'fused',
    adapters: loraAdapters(options.loras ?? [], component),
  }
  if (options.piece) return pieceGraph(weights, component, part, options.piece, graph)
  switch (part) {
    case 'denoiser':
      return architecture === 'latent-denoiser'
        ? latentDenoiserGraph(weights, latentDenoiserConfig(config, source), graph)
        : unetGraph(weights, unetConfig(config, source), graph)
    case 'text':
      return clipTextGraph(weights, clipTextConfig(config, source), {
        ...graph,
        ...(options.skip === undefined ? {} : { skip: options.skip }),
      })
    case 'encoder':
      return architecture === 'tiny-autoencoder'
        ? tinyEncoderGraph(weights, tinyConfig(config, source), graph)
        : encoderGraph(weights, autoencoderConfig(config, source).encoder, graph)
    case 'decoder':
      if (architecture === 'small-asymmetric-decoder')
        return smallDecoderGraph(weights, smallDecoderConfig(config, source), { ...graph, region })
      return architecture === 'tiny-autoencoder'
        ? tinyDecoderGraph(weights, tinyConfig(config, source), { ...graph, region })
        : decoderGraph(weights, autoencoderConfig(config, source).decoder, graph)
    case 'conditioned-decoder':
      if (architecture === 'small-asymmetric-decoder')
        return smallConditionedDecoderGraph(weights, smallDecoderConfig(config, source), { ...graph, region })
      return conditionedDecoderGraph(weights, autoencoderConfig(config, source).decoder, {
        ...graph,
        features: options.features ?? false,
        softMask: options.softMask ?? false,
      })
  }
}

/** What tiles of a large decode need to know. */
export interface DecoderTiling {
  /** Pixels of a latent cell. */
  readonly factor: number
  /** Cells around a tile. */
  readonly margin: number
  /** Of the late levels, and the groups that each has. */
  readonly norms: number
  readonly groups: number
}

/** null for a decoder that has no pieces. */
export function decoderTiling({ architecture, config, source }: Component): DecoderTiling | null {
  if (architecture !== 'autoencoder' && architecture !== 'asymmetric-autoencoder') return null
  const { decoder } = autoencoderConfig(config, source)
  return {
    factor: 2 ** (decoder.channels.length - 1),
    margin: lateMargin(decoder),
    norms: lateNorms(decoder),
    groups: decoder.groups,
  }
}

function pieceGraph(
  weights: Weights,
  { config, source }: Component,
  part: Part,
  piece: DecoderPiece,
  graph: GraphOptions,
): BuiltGraph {
  const { decoder } = autoencoderConfig(config, source)
  const isConditioned = part === 'conditioned-decoder'
  switch (piece) {
    case 'early':
      return earlyDecoderGraph(weights, decoder, isConditioned, graph)
    case 'late':
      return lateDecoderGraph(weights, decoder, isConditioned, graph)
    case 'branch':
      return coarseBranchGraph(weights, decoder, graph)
  }
}

/** SDXL's autoencoder overflows float16, and its configuration says so. */
function wantsFloat32(config: unknown): boolean {
  return (config as { force_upcast?: unknown } | null)?.force_upcast === true
}
