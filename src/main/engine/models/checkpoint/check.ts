/**
 * Whether a network is whole: every tensor that its configuration asks for is there, in its shape and as numbers that can be
 * computed with, and none is left over.
 *
 * Invariant: what passes here can be turned into each of its graphs. Nothing but headers has been read.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { conditionedDecoderGraph } from '../architectures/asymmetric-decoder.ts'
import { decoderGraph, encoderGraph } from '../architectures/autoencoder.ts'
import { latentDenoiserConfig, smallDecoderConfig } from '../architectures/built-in-config.ts'
import { clipTextGraph } from '../architectures/clip-text.ts'
import { autoencoderConfig, clipTextConfig, tinyConfig, unetConfig } from '../architectures/config.ts'
import { latentDenoiserGraph } from '../architectures/latent-denoiser.ts'
import { smallConditionedDecoderGraph } from '../architectures/small-asymmetric-decoder.ts'
import { tinyDecoderGraph, tinyEncoderGraph } from '../architectures/tiny-autoencoder.ts'
import { unetGraph } from '../architectures/unet.ts'
import type { StoredTensor, TensorType } from '../safetensors.ts'
import { Weights } from '../weights.ts'
import type { Architecture, Component } from './checkpoint.ts'
import { settled } from './family-shapes.ts'

const FLOATS: ReadonlySet<TensorType> = new Set(['F16', 'BF16', 'F32', 'F64'])

/** Tensors that files hold beside a network and that nothing computes with. */
const IDLE: Readonly<Record<Architecture, RegExp>> = {
  unet: /^$/,
  'clip-text': /(^|\.)position_ids$|^logit_scale$/,
  autoencoder: /^(loss|model_ema)\./,
  // Transposed convolutions by which the first release counted its channels; no pass ever runs them.
  'asymmetric-autoencoder': /^(loss|model_ema)\.|^decoder\.(condition_encoder\.)?up_layers\./,
  'tiny-autoencoder': /^$/,
  'small-asymmetric-decoder': /^$/,
  'latent-denoiser': /^$/,
}

/**
 * The component without idle tensors.
 * @param lone whether one half of an autoencoder will do
 * @throws InlayError `model.incomplete`, `model.unreadable`, `model.unsupported`
 */
export function checkedComponent(component: Component, lone: boolean): Component {
  const { architecture, source } = component
  const tensors = new Map([...component.tensors].filter(([name]) => !isIdle(component, name)))
  for (const [name, tensor] of tensors) checkType(name, tensor, source)
  const weights = new Weights(tensors, source)
  build(architecture, settled(component), weights, source, lone)
  const [left] = weights.left()
  if (left !== undefined)
    throw new InlayError(
      'model.unsupported',
      `${source} holds ${weights.left().length} tensors that no ${architecture} of its configuration has, the first is ${left.slice(0, 200)}.`,
    )
  return { ...component, tensors }
}

/** A projection is idle where the configuration has none. */
function isIdle({ architecture, config }: Component, name: string): boolean {
  if (IDLE[architecture].test(name)) return true
  if (architecture !== 'clip-text' || !name.startsWith('text_projection.')) return false
  const { architectures } = config as { architectures?: unknown }
  return !Array.isArray(architectures) || !architectures.includes('CLIPTextModelWithProjection')
}

function checkType(name: string, { type }: StoredTensor, source: string): void {
  if (FLOATS.has(type)) return
  if (type.startsWith('F8'))
    throw new InlayError(
      'model.unsupported',
      `${source} is stored in 8-bit floats (${type}), which Inlay cannot compute with. Get it in float16 or float32.`,
    )
  throw new InlayError(
    'model.unreadable',
    `In ${source} the tensor ${name.slice(0, 200)} holds whole numbers (${type}) where weights have to be. Get the model again.`,
  )
}

function build(
  architecture: Architecture,
  config: unknown,
  weights: Weights,
  source: string,
  lone: boolean,
): void {
  const has = (half: string) => weights.left().some((name) => name.startsWith(`${half}.`))
  const encoder = has('encoder') || !lone || !has('decoder')
  const decoder = has('decoder') || !lone
  switch (architecture) {
    case 'unet':
      unetGraph(weights, unetConfig(config, source))
      break
    case 'clip-text':
      clipTextGraph(weights, clipTextConfig(config, source))
      break
    case 'autoencoder':
    case 'asymmetric-autoencoder': {
      const both = autoencoderConfig(config, source)
      const decode = architecture === 'autoencoder' ? decoderGraph : conditionedDecoderGraph
      if (encoder) encoderGraph(weights, both.encoder)
      if (decoder) decode(weights, both.decoder)
      break
    }
    case 'tiny-autoencoder': {
      const both = tinyConfig(config, source)
      if (encoder) tinyEncoderGraph(weights, both)
      if (decoder) tinyDecoderGraph(weights, both)
      break
    }
    case 'small-asymmetric-decoder':
      smallConditionedDecoderGraph(weights, smallDecoderConfig(config, source))
      break
    case 'latent-denoiser':
      latentDenoiserGraph(weights, latentDenoiserConfig(config, source))
  }
}
