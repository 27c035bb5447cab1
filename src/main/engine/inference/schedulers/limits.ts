/**
 * Keeping predicted pictures within bounds, for models trained to need it.
 *
 * Invariant: changes the array in place; does nothing where the configuration asks for nothing. Dynamic thresholding
 * (Saharia et al., "Imagen", 2022, section 2.3) looks at the whole array as one picture.
 */

export interface LimitConfig {
  readonly thresholding: boolean
  readonly dynamic_thresholding_ratio: number
  readonly sample_max_value: number
  readonly clip_sample?: boolean
  readonly clip_sample_range?: number
}

/** Thresholding goes before clipping, and is in its stead. */
export function limitDenoised(config: LimitConfig, values: Float32Array): void {
  if (config.thresholding) {
    const spread = quantile(values.map(Math.abs).sort(), config.dynamic_thresholding_ratio)
    const limit = Math.min(config.sample_max_value, Math.max(1, spread))
    clampTo(limit, values)
    for (let i = 0; i < values.length; i++) values[i]! /= limit
  } else if (config.clip_sample) clampTo(config.clip_sample_range ?? 1, values)
}

/** Between the two neighbours, linearly. */
function quantile(sorted: Float32Array, share: number): number {
  const place = share * (sorted.length - 1)
  const low = sorted[Math.floor(place)]!
  return low + (sorted[Math.ceil(place)]! - low) * (place - Math.floor(place))
}

function clampTo(limit: number, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = Math.min(limit, Math.max(-limit, values[i]!))
}
