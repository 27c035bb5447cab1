/**
 * What an encoder's moments mean: a normal distribution for each latent value.
 *
 * Invariant: mode = mean; sample = mean + exp(clamp(logvar, -30, 20) / 2) x noise. Nothing is scaled here.
 */
import type { Tensor } from './run-graph.ts'

/** `moments` (B,2L,h,w) hold means, then log-variances; `noise` is (B,L,h,w). */
export function posteriorSample(moments: Tensor, noise: Tensor): { mode: Tensor; posterior_sample: Tensor } {
  const [batch = 0, doubled = 0] = moments.shape
  const half = noise.data.length / batch
  const source = moments.data as Float32Array
  const mode = new Float32Array(noise.data.length)
  const sample = new Float32Array(noise.data.length)
  for (let i = 0; i < mode.length; i++) {
    const at = Math.floor(i / half) * 2 * half + (i % half)
    const logVariance = Math.min(20, Math.max(-30, source[at + half]!))
    mode[i] = source[at]!
    sample[i] = source[at]! + Math.exp(logVariance / 2) * (noise.data[i] as number)
  }
  const shape = [batch, doubled / 2, ...moments.shape.slice(2)]
  return { mode: { data: mode, shape }, posterior_sample: { data: sample, shape } }
}
