/**
 * From the evaluations of one step to the one prediction that the scheduler gets.
 *
 * Invariant: pure arithmetic in doubles, rounded to float32 once. Scale 1 is the prompt's own prediction.
 */
import type { Tensor } from '../tensors.ts'

/** Ho and Salimans, "Classifier-Free Diffusion Guidance" (2022): away from the negative prompt, towards the prompt. */
export function classifierFree(negative: Float32Array, positive: Float32Array, scale: number): Float32Array {
  return negative.map((value, i) => value + scale * (positive[i]! - value))
}

/**
 * Towards the prompt by one scale and towards the picture by another (Brooks et al., "InstructPix2Pix", 2023, equation 3).
 * @param both given prompt and picture @param picture given the picture alone @param neither given nothing
 */
export function instructed(
  both: Float32Array,
  picture: Float32Array,
  neither: Float32Array,
  scale: number,
  pictureScale: number,
): Float32Array {
  return neither.map(
    (value, i) => value + scale * (both[i]! - picture[i]!) + pictureScale * (picture[i]! - value),
  )
}

/**
 * Brings the guided prediction's spread back towards the prompt's own, by a share of 0..1 (Lin et al., "Common Diffusion Noise
 * Schedules and Sample Steps are Flawed", 2023, section 3.4).
 */
export function rescaled(guided: Float32Array, positive: Float32Array, share: number): Float32Array {
  if (share === 0) return guided
  const factor = share * (deviation(positive) / deviation(guided)) + (1 - share)
  return guided.map((value) => value * factor)
}

/** What distilled models take instead of a negative prompt: (scale - 1) x 1000 as sines, then cosines. */
export function guidanceEmbedding(scale: number, width: number): Tensor {
  const half = Math.floor(width / 2)
  const data = new Float32Array(width)
  for (let i = 0; i < half; i++) {
    const angle = (scale - 1) * 1000 * Math.exp((-Math.log(10_000) * i) / (half - 1))
    data[i] = Math.sin(angle)
    data[half + i] = Math.cos(angle)
  }
  return { data, shape: [1, width] }
}

/** Of a sample. */
function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}
