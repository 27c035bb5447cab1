/**
 * How much of the picture is left at each timestep a model was trained on.
 *
 * Invariant: entry t of the table is the product of 1 - beta up to t, falling from about 1 towards 0. Every entry is the
 * float32 value that the training code had: betas, their complements and products are rounded where it rounds them.
 * DDPM (Ho et al. 2020) is linear; Stable Diffusion "scaled linear": linear in the root of beta; the cosine is that of
 * Nichol and Dhariwal, "Improved DDPM" (2021), section 3.2.
 */

export interface NoiseScheduleConfig {
  readonly num_train_timesteps: number
  readonly beta_start: number
  readonly beta_end: number
  readonly beta_schedule: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2'
  readonly trained_betas?: readonly number[] | undefined
  readonly rescale_betas_zero_snr?: boolean
}

const COSINE_OFFSET = 0.008
const LARGEST_BETA = 0.999

/** The table of cumulative products, one entry a training timestep. */
export function alphasCumprod(config: NoiseScheduleConfig): Float32Array {
  const betas = trainingBetas(config)
  return cumulativeProduct(config.rescale_betas_zero_snr ? withZeroTerminalSnr(betas) : betas)
}

/** Noise levels in the other convention, x = x0 + sigma e: the root of (1 - a) / a. */
export function trainingSigmas(alphas: Float32Array): Float32Array {
  return alphas.map((a) => Math.sqrt(Math.fround((1 - a) / a)))
}

function trainingBetas(config: NoiseScheduleConfig): Float32Array {
  if (config.trained_betas) return Float32Array.from(config.trained_betas)
  const { num_train_timesteps: count, beta_start, beta_end } = config
  switch (config.beta_schedule) {
    case 'linear':
      return evenlySpaced(beta_start, beta_end, count)
    case 'scaled_linear':
      return evenlySpaced(Math.sqrt(beta_start), Math.sqrt(beta_end), count).map((root) => root * root)
    case 'squaredcos_cap_v2': {
      const left = (t: number) => Math.cos((((t + COSINE_OFFSET) / (1 + COSINE_OFFSET)) * Math.PI) / 2) ** 2
      return Float32Array.from({ length: count }, (_, i) =>
        Math.min(1 - left((i + 1) / count) / left(i / count), LARGEST_BETA),
      )
    }
  }
}

/** Counted from both ends, so that each is met exactly; the step is a float32. */
function evenlySpaced(start: number, end: number, count: number): Float32Array {
  const [first, last] = [Math.fround(start), Math.fround(end)]
  if (count === 1) return Float32Array.of(first)
  const step = Math.fround(Math.fround(last - first) / (count - 1))
  return Float32Array.from({ length: count }, (_, i) =>
    i < Math.trunc(count / 2) ? first + step * i : last - step * (count - 1 - i),
  )
}

function cumulativeProduct(betas: Float32Array): Float32Array {
  let product = 1
  return betas.map((beta) => {
    product *= Math.fround(1 - beta)
    return product
  })
}

/**
 * Betas of which the last timestep is pure noise: the roots of the products are shifted so that the last is 0 and scaled so
 * that the first stays (Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023, algorithm 1).
 */
function withZeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = cumulativeProduct(betas).map(Math.sqrt)
  const first = roots[0]!
  const last = roots.at(-1)!
  const scale = Math.fround(first / Math.fround(first - last))
  const products = roots.map((root) => Math.fround(Math.fround(root - last) * scale) ** 2)
  return products.map((product, i) => 1 - (i === 0 ? product : Math.fround(product / products[i - 1]!)))
}
