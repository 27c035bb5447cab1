/**
 * What is measured: one part of a full-size network each, at 512 x 512.
 *
 * Invariant: configurations are the published ones; the paper's base size, which nobody published, is the larger ones' with its
 * own widths and blocks, and its tensors are those that its graph asks for.
 */
import {
  autoencoderConfig,
  type Component,
  conditionedDecoderGraph,
  type Part,
  type StoredTensor,
  Weights,
} from '../../../src/main/engine/models/index.ts'
import { published } from '../../support/checkpoints.ts'

export interface Case {
  readonly name: string
  readonly what: string
  readonly part: Part
  readonly role: Component['role']
  readonly architecture: Component['architecture']
  readonly type: 'F16' | 'F32'
  readonly config: Readonly<Record<string, unknown>>
  readonly tensors: Readonly<Record<string, readonly number[]>>
  readonly inputs: Readonly<Record<string, readonly number[]>>
  /** After the first. */
  readonly runs: number
}

const UNET = {
  sample: [1, 4, 64, 64],
  timestep: [1],
  encoder_hidden_states: [1, 77, 768],
}
const PICTURE = { latents: [1, 4, 64, 64], image: [1, 3, 512, 512], mask: [1, 1, 512, 512] }
const denoiser = { role: 'unet', architecture: 'unet', part: 'denoiser' } as const
const asymmetric = {
  role: 'vae',
  architecture: 'asymmetric-autoencoder',
  part: 'conditioned-decoder',
  type: 'F32',
  inputs: PICTURE,
} as const

export function cases(): readonly Case[] {
  const unet = published('sd15-unet')
  const text = published('clip-l-text')
  const vae = published('sd-vae')
  const base = { ...published('asymmetric-vae-x-2').config, ...BASE }
  return [
    {
      ...denoiser,
      ...unet,
      name: 'unet',
      what: 'SD 1.5 UNet, one step, float16 file',
      type: 'F16',
      inputs: UNET,
      runs: 3,
    },
    {
      ...denoiser,
      ...unet,
      name: 'unet-f32',
      what: 'SD 1.5 UNet, one step, float32 file',
      type: 'F32',
      inputs: UNET,
      runs: 3,
    },
    {
      ...text,
      name: 'text',
      what: 'CLIP text, 77 tokens',
      role: 'text_encoder',
      architecture: 'clip-text',
      part: 'text',
      type: 'F16',
      inputs: { input_ids: [1, 77], pooled_place: [1, 1] },
      runs: 5,
    },
    {
      ...vae,
      name: 'vae',
      what: 'VAE decoder',
      role: 'vae',
      architecture: 'autoencoder',
      part: 'decoder',
      type: 'F32',
      inputs: { latents: PICTURE.latents },
      runs: 3,
    },
    {
      ...asymmetric,
      name: 'base',
      what: 'asymmetric decoder, base',
      config: base,
      tensors: tensorsOf(base),
      runs: 2,
    },
    {
      ...asymmetric,
      ...published('asymmetric-vae-x-1-5'),
      name: 'x-1-5',
      what: 'asymmetric decoder, x-1-5',
      runs: 0,
    },
    {
      ...asymmetric,
      ...published('asymmetric-vae-x-2'),
      name: 'x-2',
      what: 'asymmetric decoder, x-2',
      runs: 0,
    },
  ]
}

const BASE = { up_block_out_channels: [128, 256, 512, 512], layers_per_up_block: 2 }

/** Writes down what is asked for. */
class Recorder extends Weights {
  readonly asked: Record<string, readonly number[]> = {}

  override has(): boolean {
    return false
  }

  override take(name: string, shape: readonly number[]): StoredTensor {
    this.asked[name] = shape
    return { file: '/weights.safetensors', type: 'F32', shape, offset: 0, length: 0 }
  }
}

function tensorsOf(config: unknown): Readonly<Record<string, readonly number[]>> {
  const recorder = new Recorder(new Map(), 'base')
  conditionedDecoderGraph(recorder, autoencoderConfig(config, 'base').decoder)
  return recorder.asked
}
