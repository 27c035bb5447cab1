/**
 * The noise levels of schedulers that think in training timesteps: DDIM, PNDM and LCM.
 *
 * Invariant: at timestep t, alpha^2 is the table's product and alpha^2 + sigma^2 = 1. Before the first timestep lies the
 * final level: the picture itself ("alpha to one"), or the level of timestep 0 again.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { weightedSum } from './arrays.ts'
import { alphasCumprod, type NoiseScheduleConfig } from './noise-schedule.ts'
import { denoisedWeights, type NoiseLevel, type PredictionType } from './prediction.ts'

export class CumulativeProducts {
  readonly #table: Float32Array
  readonly #final: number

  /** @throws InlayError `usage` where a timestep lies past the model's last */
  constructor(config: NoiseScheduleConfig, alphaToOne: boolean, timesteps: readonly number[]) {
    this.#table = alphasCumprod(config)
    this.#final = alphaToOne ? 1 : this.#table[0]!
    const most = Math.max(...timesteps)
    if (most >= this.#table.length)
      throw new InlayError(
        'usage',
        `So many steps need timestep ${most} of a model that has ${this.#table.length}; ask for fewer steps.`,
      )
  }

  /** The level at a timestep; the final one below 0. */
  level(timestep: number): NoiseLevel {
    const product = timestep >= 0 ? this.#table[timestep]! : this.#final
    return { alpha: Math.sqrt(product), sigma: Math.sqrt(1 - product) }
  }

  /** The noiseless latents that a network's output means. */
  denoised(
    timestep: number,
    sample: Float32Array,
    modelOutput: Float32Array,
    type: PredictionType,
  ): Float32Array<ArrayBuffer> {
    const level = this.level(timestep)
    if (level.alpha === 0 && type === 'epsilon')
      throw new InlayError(
        'model.unsupported',
        'A model that predicts noise cannot start from pure noise; its scheduler must not rescale to zero SNR.',
      )
    const weights = denoisedWeights(type, level)
    return weightedSum([weights.sample, sample], [weights.output, modelOutput])
  }

  /** x = alpha x0 + sigma e; without a timestep a copy of x0. */
  addNoise(original: Float32Array, noise: Float32Array, timestep: number | undefined): Float32Array {
    if (timestep === undefined) return original.slice()
    const { alpha, sigma } = this.level(timestep)
    return weightedSum([alpha, original], [sigma, noise])
  }
}
