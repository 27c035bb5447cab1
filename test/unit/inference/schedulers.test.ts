/** What holds for every scheduler, whatever the reference says: exact networks, bad requests, odd files. */
import { describe, expect, it } from 'vitest'
import {
  createScheduler,
  type SchedulerOptions,
} from '../../../src/main/engine/inference/schedulers/create-scheduler.ts'
import {
  SCHEDULER_NAMES,
  type Scheduler,
  type SchedulerName,
} from '../../../src/main/engine/inference/schedulers/scheduler.ts'

/** What Stable Diffusion 1 publishes. */
const SD1 = {
  _class_name: 'PNDMScheduler',
  _diffusers_version: '0.6.0',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  clip_sample: false,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
}
const X0 = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i * 1.7))
const NOISE = Float32Array.from({ length: 24 }, (_, i) => 1.3 * Math.cos(i * 2.3))

/** Runs against a network that knows the picture: its noise is what the latents hold beyond it. */
function runWithExactNetwork(scheduler: Scheduler, start = 0): Float32Array {
  const isFlow = scheduler.name === 'rectified-flow'
  const inSigmas = scheduler.name.startsWith('euler')
  let sample =
    start > 0 ? scheduler.addNoise(X0, NOISE, start) : NOISE.map((e) => e * scheduler.initialNoiseSigma)
  for (let index = start; index < scheduler.timesteps.length; index++) {
    const zeros = new Float32Array(X0.length)
    const ones = new Float32Array(X0.length).fill(1)
    // x = alpha x0 + sigma e, read off what the scheduler does to a picture and to noise alone.
    const alpha = scheduler.addNoise(ones, zeros, index)[0]!
    const sigma = scheduler.addNoise(zeros, ones, index)[0]!
    const input = scheduler.scaleModelInput(sample, index)
    if (!inSigmas) expect(input).toBe(sample)
    const output = sample.map((x, i) => (isFlow ? (x - X0[i]!) / sigma : (x - alpha * X0[i]!) / sigma))
    const noise = scheduler.drawsNoise(index) ? NOISE : undefined
    const before = [sample.slice(), output.slice(), NOISE.slice()]
    const step = scheduler.step(output, index, sample, noise)
    expect([sample, output, NOISE]).toEqual(before)
    if (scheduler.name !== 'lcm' && scheduler.name !== 'pndm')
      expect(distance(step.denoised, X0)).toBeLessThan(1e-3)
    // What was handed out is the caller's: nothing of it may be used again.
    step.denoised.fill(Number.NaN)
    output.fill(Number.NaN)
    sample.fill(Number.NaN)
    sample = step.sample
  }
  return sample
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))
}

describe('a network that knows the picture', () => {
  it.each(SCHEDULER_NAMES)('leads %s to it', (name) => {
    for (const steps of [1, 2, 3, 5, 20])
      for (const timestep_spacing of ['leading', 'trailing']) {
        const settings = {
          timestep_spacing,
          // Runs that end without noise.
          set_alpha_to_one: true,
          skip_prk_steps: true,
        }
        const scheduler = createScheduler(SD1, steps, { name, settings })
        // PNDM's last step ends at the level of timestep 0, or before it.
        expect(
          distance(runWithExactNetwork(scheduler), X0),
          `${name} ${steps} ${timestep_spacing}`,
        ).toBeLessThan(name === 'pndm' ? 0.05 : 2e-3)
      }
  })

  it.each(SCHEDULER_NAMES)('leads %s to it from the middle', (name) => {
    const scheduler = createScheduler(SD1, 20, { name, settings: { set_alpha_to_one: true } })
    const start = scheduler.startIndex(0.4)
    expect(start).toBe(12)
    expect(distance(runWithExactNetwork(scheduler, start), X0)).toBeLessThan(name === 'pndm' ? 0.05 : 2e-3)
    expect(scheduler.addNoise(X0, NOISE, scheduler.timesteps.length)).toEqual(X0)
  })
})

describe('rectified flow', () => {
  it('goes from 1 to 0 in even steps, or shifted towards the noise', () => {
    expect(createScheduler(null, 4, { name: 'rectified-flow' }).sigmas).toEqual([1, 0.75, 0.5, 0.25, 0])
    const shifted = createScheduler({ _class_name: 'RectifiedFlowScheduler', shift: 3 }, 4)
    expect(shifted.sigmas!.map((t) => t.toFixed(4))).toEqual([
      '1.0000',
      '0.9000',
      '0.7500',
      '0.5000',
      '0.0000',
    ])
    expect(shifted.timesteps.map(Math.round)).toEqual([1000, 900, 750, 500])
  })
})

describe('a scheduler made from the file of another', () => {
  it('takes what the file says and its own defaults for the rest', () => {
    const spaced = (options: SchedulerOptions) => createScheduler(SD1, 5, options).timesteps
    expect(spaced({})).toEqual([801, 601, 601, 401, 201, 1])
    expect(spaced({ name: 'ddim' })).toEqual([801, 601, 401, 201, 1])
    expect(spaced({ name: 'euler' })).toEqual([999, 749.25, 499.5, 249.75, 0])
    expect(spaced({ name: 'euler', settings: { timestep_spacing: 'trailing' } })).toEqual([
      999, 799, 599, 399, 199,
    ])
    expect(spaced({ name: 'dpm-solver-multistep' })).toEqual([999, 799, 599, 400, 200])
  })

  it('leaves out what a file lists as mere defaults', () => {
    const file = { ...SD1, timestep_spacing: 'leading', _use_default_values: ['timestep_spacing'] }
    expect(createScheduler(file, 5, { name: 'euler' }).timesteps[0]).toBe(999)
    const settings = { timestep_spacing: 'leading' }
    expect(createScheduler(file, 5, { name: 'euler', settings }).timesteps[0]).toBe(801)
  })

  it('reads the words that solvers have for each other, and an infinity written as text', () => {
    const unipc = {
      ...SD1,
      _class_name: 'UniPCMultistepScheduler',
      solver_type: 'bh2',
      lambda_min_clipped: '-inf',
    }
    expect(createScheduler(unipc, 4, { name: 'dpm-solver-multistep' }).timesteps).toHaveLength(4)
    const clipped = { ...unipc, lambda_min_clipped: -5.1, beta_schedule: 'squaredcos_cap_v2' }
    const { timesteps } = createScheduler(clipped, 4, { name: 'dpm-solver-multistep' })
    expect(timesteps[0]).toBeLessThan(998)
  })
})

describe('requests that make no sense', () => {
  it.each(SCHEDULER_NAMES)('are one usage error from %s', (name) => {
    for (const steps of [0, -1, 1.5, 1001, 1e9, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => createScheduler(SD1, steps, { name }), `${steps} steps`).toThrow(
        expect.objectContaining({
          code: 'usage',
          message: expect.stringContaining('ask for a whole number from 1 to 1000'),
        }),
      )
    const scheduler = createScheduler(SD1, 20, { name })
    for (const strength of [-0.1, 1.0001, Number.NaN, 0, 0.04])
      expect(() => scheduler.startIndex(strength), `strength ${strength}`).toThrow(
        expect.objectContaining({ code: 'usage' }),
      )
    expect(scheduler.startIndex(1)).toBe(0)
  })

  it('name what a scheduler cannot do with so many or so few steps', () => {
    const usage = (name: SchedulerName, steps: number, options: SchedulerOptions = {}) =>
      expect(() => createScheduler(SD1, steps, { name, ...options }), `${name} ${steps}`).toThrow(
        expect.objectContaining({ code: 'usage' }),
      )
    usage('lcm', 51)
    usage('lcm', 4, { originalInferenceSteps: 1001 })
    usage('lcm', 30, { scheduleStrength: 0.5 })
    usage('lcm', 4, { scheduleStrength: 2 })
    usage('pndm', 3, { settings: { skip_prk_steps: false } })
    usage('pndm', 1000)
    usage('unipc', 1000, { settings: { timestep_spacing: 'leading' } })
    usage('ddim', 5, { eta: 1.5 })
  })
})

describe('files that cannot be followed', () => {
  const refusal = (settings: object, name?: SchedulerName) =>
    expect(
      () => createScheduler({ ...SD1, ...settings }, 5, name ? { name } : {}),
      JSON.stringify(settings),
    ).toThrow(
      expect.objectContaining({
        code: 'model.unsupported',
        message: expect.stringMatching(/choose (another|one)/),
      }),
    )

  it('are refused by the name of the setting', () => {
    refusal({ _class_name: 'DDPMScheduler' })
    refusal({ _class_name: undefined })
    refusal({ beta_schedule: 'sigmoid' })
    refusal({ prediction_type: 'flow_prediction' }, 'dpm-solver-multistep')
    refusal({ prediction_type: 'sample' }, 'pndm')
    refusal({ use_flow_sigmas: true }, 'unipc')
    refusal({ variance_type: 'learned' }, 'dpm-solver-multistep')
    refusal({ solver_order: 4 }, 'unipc')
    refusal({ use_karras_sigmas: true, use_beta_sigmas: true }, 'euler')
    refusal({ algorithm_type: 'dpmsolver' }, 'dpm-solver-multistep')
    refusal({ predict_x0: false }, 'unipc')
    refusal({ a_setting_of_tomorrow: 3 })
  })

  it('are read all the same where a setting is another class’s, is off or is null', () => {
    const file = {
      ...SD1,
      thresholding: null,
      use_flow_sigmas: true,
      a_setting_of_tomorrow: false,
      sample_max_value: 2,
    }
    expect(createScheduler(file, 5).timesteps).toHaveLength(6)
  })

  it('are unreadable where a value is none', () => {
    for (const file of [[], 'x', 3, { ...SD1, beta_start: 'small' }, { ...SD1, num_train_timesteps: 0 }])
      expect(() => createScheduler(file, 5, { name: 'ddim' }), JSON.stringify(file)).toThrow(
        expect.objectContaining({ code: 'model.unreadable' }),
      )
  })

  it('a network that predicts noise cannot start from pure noise', () => {
    const settings = { rescale_betas_zero_snr: true, timestep_spacing: 'trailing' }
    const scheduler = createScheduler(SD1, 4, { name: 'ddim', settings })
    expect(() => scheduler.step(NOISE, 0, NOISE)).toThrow(
      expect.objectContaining({ code: 'model.unsupported' }),
    )
  })
})
