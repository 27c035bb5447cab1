/**
 * What a checkpoint's networks compute, in the words of the recipes: prompts, pictures and latents in, latents and pictures
 * out.
 *
 * Invariant: a network is opened when it is first needed and asked for again at every use, so that whoever holds the
 * sessions may let go of one in between. Latents are scaled here and nowhere else; pictures are in -1..1, not clamped.
 */
import { InlayError } from '../../../../shared/errors.ts'
import type { Size } from '../../../../shared/geometry.ts'
import {
  type Checkpoint,
  type Component,
  type DecoderPiece,
  decoderTiling,
  type OnnxComponent,
  type Part,
  readTokenizer,
  unetConfig,
} from '../../models/index.ts'
import type { Network } from '../asymmetric-decode.ts'
import { posteriorSample } from '../posterior.ts'
import { type Planes, planesTensor, tensorPlanes } from '../reflection-padding.ts'
import type { Tensor } from '../tensors.ts'
import { type Condition, decodeInTiles, type TiledDecode } from '../tiled-decode.ts'
import { CHANNELS, cellsOf, finite, floats } from './latents.ts'
import { onnxPart, onnxRole } from './onnx-parts.ts'
import { type EncodedPrompt, encodePrompts, type Prompt, type TextEncoder } from './text.ts'

interface Wanted {
  readonly part: Part
  readonly skip?: number
  readonly piece?: DecoderPiece
}

/** Opens a part of a component, or has it open: a `SessionCache`. */
export interface Opener {
  open(component: Component, wanted: Wanted): Promise<Network>
  /** Opens an ONNX file as it is; who cannot refuses ONNX folders. */
  openFile?(component: OnnxComponent): Promise<Network>
}

/** What an asymmetric decoder is shown: the picture, and its hole with a byte a pixel, 128 and more to be made. */
export interface Shown {
  readonly picture: Planes
  readonly hole: Uint8Array
}

/** Decoding in tiles of so many latent cells a side, their margins not counted. */
export type Tiles = Pick<TiledDecode, 'side' | 'signal'>

type Role = 'unet' | 'vae' | 'text_encoder' | 'text_encoder_2'

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

  /** No words at all are zeros for SDXL unless its checkpoint says otherwise, an empty prompt for others. */
  async encodePrompts(prompts: readonly Prompt[]): Promise<EncodedPrompt[]> {
    const encoders: TextEncoder[] = []
    for (const role of ['text_encoder', 'text_encoder_2'] as const) {
      if (role === 'text_encoder_2' && !this.takesSizes) continue
      const { config, source } = this.#component(role, 'text')
      const place = this.#checkpoint.tokenizers.find((one) => one.role === TOKENIZERS[role])
      const pad = place?.pad ? { pad: place.pad } : {}
      const tokenizer = await readTokenizer(place?.folder ?? this.#ownTokenizer, pad)
      encoders.push({ config, source, open: (skip) => this.#open(role, 'text', { skip }), tokenizer })
    }
    const given =
      this.takesSizes && this.#checkpoint.zerosForNoWords !== false
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
    const { noise } = await (await this.#open('unet', 'denoiser')).run(inputs)
    finite(floats(noise!), this.source)
    return noise!
  }

  /**
   * @param shown the decoder sees it where it is asymmetric; without it, it decodes as any other
   * @param tiles for when memory is short: several times the work; a decoder that has no pieces decodes as a whole
   */
  async decode(latents: Float32Array, size: Size, shown?: Shown, tiles?: Tiles): Promise<Planes> {
    const { scale, shift } = this.#scaling()
    const vae = this.#component('vae', 'decoder')
    const unscaled = latentTensor(
      latents.map((value) => value / scale + shift),
      size,
    )
    const isConditioned = shown !== undefined && vae.architecture === 'asymmetric-autoencoder'
    const part = isConditioned ? 'conditioned-decoder' : 'decoder'
    const condition = isConditioned ? { image: shown.picture, mask: maskPlanes(shown, size) } : undefined
    const tiling = tiles && vae.architecture !== 'onnx' ? decoderTiling(vae) : null
    const isTiled = tiling && tiles && Math.max(size.width, size.height) > tiles.side * tiling.factor
    const picture = isTiled
      ? await decodeInTiles(unscaled, {
          ...tiling,
          ...tiles,
          open: (piece) => this.#open('vae', part, { piece }),
          ...(condition ? { condition } : {}),
        })
      : await this.#decodeWhole(part, unscaled, condition)
    finite(picture.data, vae.source)
    return picture
  }

  async #decodeWhole(part: Part, latents: Tensor, condition: Condition | undefined): Promise<Planes> {
    const shown = condition && { image: planesTensor(condition.image), mask: planesTensor(condition.mask) }
    const { decoded } = await (await this.#open('vae', part)).run({ latents, ...shown })
    return tensorPlanes(decoded!)
  }

  async #moments(picture: Planes): Promise<Tensor> {
    const { moments } = await (await this.#open('vae', 'encoder')).run({ image: planesTensor(picture) })
    finite(floats(moments!), this.source)
    return moments!
  }

  #unet(): { readonly in: number; readonly guidance: number | null; readonly addition: unknown } {
    const { architecture, config, source } = this.#component('unet', 'denoiser')
    if (architecture !== 'onnx') return unetConfig(config, source)
    const stated = (config ?? {}) as {
      in_channels?: number
      time_cond_proj_dim?: number | null
      addition_embed_type?: string | null
    }
    return {
      in: stated.in_channels ?? CHANNELS,
      guidance: stated.time_cond_proj_dim ?? null,
      addition: stated.addition_embed_type ?? null,
    }
  }

  /** The defaults are those of the class that writes the files. */
  #scaling(): { readonly scale: number; readonly shift: number } {
    const config = (this.#component('vae', 'decoder').config ?? {}) as {
      scaling_factor?: number | null
      shift_factor?: number | null
    }
    return { scale: config.scaling_factor ?? 0.18215, shift: config.shift_factor ?? 0 }
  }

  async #open(role: Role, part: Part, wanted: Omit<Wanted, 'part'> = {}): Promise<Network> {
    const component = this.#component(role, part)
    if (component.architecture !== 'onnx') return this.#opener.open(component, { part, ...wanted })
    if (!this.#opener.openFile)
      throw new InlayError(
        'model.unsupported',
        `${this.source} is an ONNX folder, which cannot be run here; choose its safetensors form.`,
      )
    return onnxPart(await this.#opener.openFile(component), part, wanted.skip)
  }

  #component(role: Role, part: Part): Component | OnnxComponent {
    const names = [role, onnxRole(role, part)]
    const found = this.#checkpoint.components.find((one) => names.includes(one.role))
    if (found) return found
    throw new InlayError(
      'model.incomplete',
      `${this.source} has no ${role}; get the whole model, or choose another.`,
    )
  }
}

function maskPlanes({ hole }: Shown, { width, height }: Size): Planes {
  return { channels: 1, width, height, data: Float32Array.from(hole, (value) => (value >= 128 ? 1 : 0)) }
}

/** Of one picture of this size. */
export function latentTensor(data: Float32Array, size: Size): Tensor {
  const { width, height } = cellsOf(size)
  return { data, shape: [1, data.length / (width * height), height, width] }
}
