/**
 * What a single file cannot say of its networks: settings that leave no trace in names and shapes, by the published widths.
 *
 * Invariant: a setting is stated only for widths that were published with it. For others the caller gives a configuration, or
 * the settings stay null, which no architecture accepts: nothing is guessed.
 */
import type { Family } from './checkpoint.ts'

/** Settings that no shape shows, under the names of config.json. */
export type HiddenSettings = Readonly<Record<string, unknown>>

const UNET_WIDTHS: Readonly<Record<Family, readonly number[]>> = {
  sd1: [320, 640, 1280, 1280],
  sd2: [320, 640, 1280, 1280],
  sdxl: [320, 640, 1280],
}

/**
 * Stable Diffusion 1 has eight heads at every level, 2 and XL heads that are 64 wide. SD 2.1 for text to image was published
 * with attention in float32; 2.0 does not mind.
 */
export function unetSettings(
  family: Family,
  widths: readonly number[],
  inputs: number,
): HiddenSettings | null {
  if (String(widths) !== String(UNET_WIDTHS[family])) return null
  return {
    attention_head_dim: family === 'sd1' ? 8 : widths.map((width) => width / 64),
    norm_num_groups: 32,
    norm_eps: 1e-5,
    ...(family === 'sd2' && inputs === 4 ? { upcast_attention: true } : {}),
  }
}

/** Of every published AutoencoderKL and AsymmetricAutoencoderKL, whose widths are multiples of 64 (the asymmetric ones' of 32). */
export function autoencoderSettings(widths: readonly number[]): HiddenSettings | null {
  return widths.every((width) => width >= 128 && width % 64 === 0) ? { norm_num_groups: 32 } : null
}

/** CLIP ViT-L of the first release, and OpenCLIP's ViT-H and ViT-bigG: heads are 64 wide in all three. */
const CLIP_ACTIVATIONS = new Map([
  [768, 'quick_gelu'],
  [1024, 'gelu'],
  [1280, 'gelu'],
])

export function clipTextSettings(width: number): HiddenSettings | null {
  const activation = CLIP_ACTIVATIONS.get(width)
  return activation === undefined ? null : { num_attention_heads: width / 64, hidden_act: activation }
}

/** What latents are multiplied by after encoding. A lone VAE file does not say whose it is. */
export const SCALING_FACTOR: Readonly<Record<Family, number>> = { sd1: 0.18215, sd2: 0.18215, sdxl: 0.13025 }

/** The noise schedule that every published Stable Diffusion was trained with, in the terms of scheduler_config.json. */
export const KNOWN_SCHEDULER = {
  _class_name: 'DDIMScheduler',
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  trained_betas: null,
  clip_sample: false,
  set_alpha_to_one: false,
  steps_offset: 1,
  timestep_spacing: 'leading',
} as const
