/**
 * What a checkpoint's networks compute, in the words of the recipes: prompts, pictures and latents in, latents and pictures
 * out.
 *
 * Invariant: a network is opened when it is first needed and asked for again at every use, so that whoever holds the
 * sessions may let go of one in between. Latents are scaled here and nowhere else; pictures are in -1..1, not clamped.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { Size } from '../../../../shared/geometry.ts'
import { type Checkpoint, type Component, type Part, readTokenizer, unetConfig } from '../../models/index.ts'
import type { Network } from '../asymmetric-decode.ts'
import { posteriorSample } from '../posterior.ts'
import { type Planes, planesTensor, tensorPlanes } from '../reflection-padding.ts'
import type { Tensor } from '../tensors.ts'
import { CHANNELS, cellsOf, finite, floats } from './latents.ts'
import { type EncodedPrompt, encodePrompts, type Prompt, type TextEncoder } from './text.ts'

/** Opens a part of a component, or has it open: a `SessionCache`. */
export interface Opener {
  open(component: Component, wanted: { readonly part: Part; readonly skip?: number }): Promise<Network>
}

/** What an asymmetric decoder is shown: the picture, and its hole with a byte a pixel, 128 and more to be made. */
export interface Shown {
  readonly picture: Planes
  readonly hole: Uint8Array
}

const TOKENIZERS = { text_encoder: 'tokenizer', text_encoder_2: 'tokenizer_2' } as const

export class Networks {
  readonly #checkpoint: Checkpoint
  readonly #opener: Opener
  readonly #ownTokenizer: string

  /** @param ownTokenizer the folder of the application's own, for checkpoints that bring none */
  constructor(checkpoint: Checkpoint, opener: Opener, ownTokenizer: string) {
    this.#checkpoint = checkpoint
    this.#opener = opener
    this.#ownTokenizer = ownTokenizer
  }

  /** What the checkpoint's errors name. */
  get source(): string {
    return this.#checkpoint.path
  }

  /** Channels that the denoiser takes besides the latents: 5 (mask and masked picture), 4 (picture) or 0. */
  get channels(): number {
    return this.#unet().in - CHANNELS
  }

  /** Width of the guidance embedding that a distilled denoiser takes, or null. */
  get guidanceWidth(): number | null {
    return this.#unet().guidance
  }

  /** Whether the denoiser is told pooled words and sizes as well, as SDXL is. */
  get takesSizes(): boolean {
    return this.#unet().addition !== null
  }

  /** No words at all are zeros for SDXL, an empty prompt for others. */
  async encodePrompts(prompts: readonly Prompt[]): Promise<EncodedPrompt[]> {
    const encoders: TextEncoder[] = []
    for (const role of ['text_encoder', 'text_encoder_2'] as const) {
      if (role === 'text_encoder_2' && !this.takesSizes) continue
      const component = this.#component(role)
      const place = this.#checkpoint.tokenizers.find((one) => one.role === TOKENIZERS[role])
      const pad = place?.pad ? { pad: place.pad } : {}
      const tokenizer = await readTokenizer(place?.folder ?? this.#ownTokenizer, pad)
      const open = (skip: number) => this.#opener.open(component, { part: 'text', skip })
      encoders.push({ component, open, tokenizer })
    }
    const given = this.takesSizes
      ? prompts
      : prompts.map((prompt) => ({ ...prompt, text: prompt.text ?? '' }))
    return encodePrompts(encoders, given, this.takesSizes ? 'penultimate' : 'last')
  }

  /** Latents of a picture, drawn from the posterior by `noise`. */
  async encode(picture: Planes, noise: Float32Array): Promise<Float32Array> {
    const { posterior_sample } = posteriorSample(await this.#moments(picture), latentTensor(noise, picture))
    return this.scaled(floats(posterior_sample))
  }

  /** Latents as the denoiser knows them, of those that the encoder gives. */
  scaled(latents: Float32Array): Float32Array {
    const { scale, shift } = this.#scaling()
    return latents.map((value) => (value - shift) * scale)
  }

  /** The likeliest latents of a picture, not scaled: what InstructPix2Pix sees. */
  async encodeMode(picture: Planes): Promise<Float32Array> {
    const moments = await this.#moments(picture)
    const none = new Float32Array(moments.data.length / 2)
    return floats(posteriorSample(moments, latentTensor(none, picture)).mode)
  }

  /** @param inputs of the denoiser by their names, one row for each evaluation */
  async denoise(inputs: Readonly<Record<string, Tensor>>): Promise<Tensor> {
    const unet = this.#component('unet')
    const { noise } = await (await this.#opener.open(unet, { part: 'denoiser' })).run(inputs)
    finite(floats(noise!), unet.source)
    return noise!
  }

  /** @param shown the decoder sees it where it is asymmetric; without it, it decodes as any other */
  async decode(latents: Float32Array, size: Size, shown?: Shown): Promise<Planes> {
    const { scale, shift } = this.#scaling()
    const vae = this.#component('vae')
    const unscaled = latents.map((value) => value / scale + shift)
    const inputs: Record<string, Tensor> = { latents: latentTensor(unscaled, size) }
    const isConditioned = shown !== undefined && vae.architecture === 'asymmetric-autoencoder'
    if (isConditioned) {
      const { width, height } = size
      const mask = Float32Array.from(shown.hole, (value) => (value >= 128 ? 1 : 0))
      inputs['image'] = planesTensor(shown.picture)
      inputs['mask'] = { data: mask, shape: [1, 1, height, width] }
    }
    const part = isConditioned ? 'conditioned-decoder' : 'decoder'
    const { decoded } = await (await this.#opener.open(vae, { part })).run(inputs)
    finite(floats(decoded!), vae.source)
    return tensorPlanes(decoded!)
  }

  async #moments(picture: Planes): Promise<Tensor> {
    const vae = this.#component('vae')
    const { moments } = await (await this.#opener.open(vae, { part: 'encoder' })).run({
      image: planesTensor(picture),
    })
    finite(floats(moments!), vae.source)
    return moments!
  }

  #unet() {
    const { config, source } = this.#component('unet')
    return unetConfig(config, source)
  }

  /** The defaults are those of the class that writes the files. */
  #scaling(): { readonly scale: number; readonly shift: number } {
    const config = this.#component('vae').config as {
      scaling_factor?: number | null
      shift_factor?: number | null
    }
    return { scale: config.scaling_factor ?? 0.18215, shift: config.shift_factor ?? 0 }
  }

  #component(role: 'unet' | 'vae' | 'text_encoder' | 'text_encoder_2'): Component {
    const found = this.#checkpoint.components.find((one) => one.role === role)
    if (!found)
      throw new InlayError(
        'model.incomplete',
        `${this.source} has no ${role}; get the whole model, or choose another.`,
      )
    if (found.architecture === 'onnx')
      throw new InlayError(
        'model.unsupported',
        `${this.source} is an ONNX folder, with which Inlay cannot make pictures yet; choose its safetensors form.`,
      )
    return found
  }
}

/** Of one picture of this size. */
export function latentTensor(data: Float32Array, size: Size): Tensor {
  const { width, height } = cellsOf(size)
  return { data, shape: [1, data.length / (width * height), height, width] }
}
