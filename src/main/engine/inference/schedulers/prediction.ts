/**
 * What a network's output says about the noiseless latents and about the noise.
 *
 * Invariant: latents are x = alpha x0 + sigma e. Then x0 and e are sums of the latents and the output, whose weights
 * follow from the kind of prediction alone: e itself; x0 itself ("sample"); or v = alpha e - sigma x0 with
 * alpha^2 + sigma^2 = 1 (Salimans and Ho, "Progressive Distillation", 2022, section 4 and appendix D).
 */

export type PredictionType = 'epsilon' | 'sample' | 'v_prediction'

export interface NoiseLevel {
  readonly alpha: number
  readonly sigma: number
}

export interface OutputWeights {
  readonly sample: number
  readonly output: number
}

/** x0 = sample x latents + output x network output. Infinite for epsilon where alpha is 0. */
export function denoisedWeights(type: PredictionType, { alpha, sigma }: NoiseLevel): OutputWeights {
  switch (type) {
    case 'epsilon':
      return { sample: 1 / alpha, output: -sigma / alpha }
    case 'sample':
      return { sample: 0, output: 1 }
    case 'v_prediction':
      return { sample: alpha, output: -sigma }
  }
}

/** e = sample x latents + output x network output. */
export function noiseWeights(type: PredictionType, { alpha, sigma }: NoiseLevel): OutputWeights {
  switch (type) {
    case 'epsilon':
      return { sample: 0, output: 1 }
    case 'sample':
      return { sample: 1 / sigma, output: -alpha / sigma }
    case 'v_prediction':
      return { sample: sigma, output: alpha }
  }
}
