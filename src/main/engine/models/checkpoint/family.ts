/**
 * Which family a denoiser is of, what it was trained for, and whether the parts of a checkpoint fit together.
 *
 * Invariant: decided from configurations, never from file or folder names. Parts that cannot work together are refused here
 * and not when a picture is half done.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { autoencoderConfig, clipTextConfig, tinyConfig, unetConfig } from '../architectures/config.ts'
import type { UnetConfig } from '../architectures/unet.ts'
import type { Component, ComponentRole, Family, PredictionType, Task } from './checkpoint.ts'
import { settled } from './family-shapes.ts'

/** Roles that a family cannot do without. */
export const NEEDED: Readonly<Record<Family, readonly ComponentRole[]>> = {
  sd1: ['unet', 'vae', 'text_encoder'],
  sd2: ['unet', 'vae', 'text_encoder'],
  sdxl: ['unet', 'vae', 'text_encoder', 'text_encoder_2'],
}

/** SDXL's denoiser adds an embedding; SD 2's projects by a matrix, or its text is as wide as OpenCLIP's. */
export function familyOfConfig(config: unknown): Family {
  const { addition_embed_type, use_linear_projection, cross_attention_dim } = config as Record<
    string,
    unknown
  >
  if (addition_embed_type === 'text_time') return 'sdxl'
  return use_linear_projection === true || cross_attention_dim === 1024 ? 'sd2' : 'sd1'
}

/** By the denoiser's input: noisy latents alone; with the latents of a picture; or with those of a masked one and its mask. */
export function taskOf(config: Pick<UnetConfig, 'in' | 'out'>, source: string): Task {
  if (config.in === config.out) return 'text-to-image'
  if (config.in === 2 * config.out + 1) return 'inpaint'
  if (config.in === 2 * config.out) return 'instruct'
  throw new InlayError(
    'model.unsupported',
    `${source} takes ${config.in} channels; Inlay knows what to give to denoisers of 4, 8 or 9.`,
  )
}

/**
 * @param scheduler scheduler_config.json; its classes predict noise unless it says otherwise
 * @throws InlayError `model.unsupported`
 */
export function predictionOf(scheduler: Readonly<Record<string, unknown>>, source: string): PredictionType {
  const { prediction_type: type = 'epsilon', _class_name: name } = scheduler
  if (typeof name === 'string' && /^(EDM|FlowMatch)/.test(name))
    throw new InlayError('model.unsupported', `${source} asks for ${name}, which no Stable Diffusion uses.`)
  if (type === 'epsilon' || type === 'v_prediction') return type
  throw new InlayError(
    'model.unsupported',
    `${source} says prediction_type ${JSON.stringify(type)?.slice(0, 100)}; Inlay knows epsilon and v_prediction.`,
  )
}

/** @throws InlayError `model.unreadable` where widths differ that have to be equal */
export function checkFit(components: readonly Component[], source: string): void {
  const of = (role: ComponentRole) => components.find((component) => component.role === role)
  const unet = of('unet')
  if (unet?.architecture !== 'unet') return
  const denoiser = unetConfig(settled(unet), unet.source)
  const differ = (what: string, found: number, wanted: number) => {
    if (found !== wanted)
      throw new InlayError(
        'model.unreadable',
        `The parts of ${source} do not fit together: ${what} ${found} wide, and the denoiser takes ${wanted}.`,
      )
  }
  const [vae, text, text2] = [of('vae'), of('text_encoder'), of('text_encoder_2')]
  if (vae) differ('the latents of its VAE are', latentChannels(vae), denoiser.out)
  if (!text || (denoiser.addition && !text2)) return
  const first = clipTextConfig(settled(text), text.source)
  if (!text2) return differ('its text encoder is', first.width, denoiser.context)
  const second = clipTextConfig(settled(text2), text2.source)
  differ('its text encoders together are', first.width + second.width, denoiser.context)
  if (denoiser.addition)
    differ('its pooled text is', second.projection ?? 0, denoiser.addition.width - 6 * denoiser.addition.time)
}

function latentChannels(component: Component): number {
  const [{ architecture, source }, config] = [component, settled(component)]
  if (architecture === 'tiny-autoencoder') return tinyConfig(config, source).latent
  return autoencoderConfig(config, source).decoder.latent
}
