/**
 * What a published `scheduler_config.json` says, for each class that Inlay runs.
 *
 * Invariant: a setting that changes a result is either understood or refused with `model.unsupported`; what a file leaves
 * out has the default of the class that runs, also where the file was written for another class. Settings that only other
 * classes read are passed over, as the reference does, because published files are full of them.
 */
import { z } from 'zod'
import { InlayError } from '../../../../shared/errors.ts'
import type { SchedulerName } from './scheduler.ts'

const number = z.number()
const off = z.literal(false).default(false)
const flag = (value: boolean) => z.boolean().default(value)
const oneOf = <const T extends readonly [string, ...string[]]>(values: T, value: T[number]) =>
  z.enum(values).default(value as never)

const noise = {
  num_train_timesteps: z.int().min(1).max(100_000).default(1000),
  beta_start: number.positive().max(0.999).default(0.0001),
  beta_end: number.positive().max(0.999).default(0.02),
  beta_schedule: oneOf(['linear', 'scaled_linear', 'squaredcos_cap_v2'], 'linear'),
  trained_betas: z.array(number.min(0).max(1)).min(1).optional(),
  steps_offset: z.int().min(0).max(1000).default(0),
}
const PREDICTIONS = ['epsilon', 'sample', 'v_prediction'] as const
const prediction = oneOf(PREDICTIONS, 'epsilon')
const spacing = (value: 'leading' | 'linspace' | 'trailing') =>
  oneOf(['leading', 'linspace', 'trailing'], value)
const respacing = {
  use_karras_sigmas: flag(false),
  use_exponential_sigmas: flag(false),
  use_beta_sigmas: flag(false),
  final_sigmas_type: oneOf(['zero', 'sigma_min'], 'zero'),
}
const sigmaRange = { sigma_min: number.positive().optional(), sigma_max: number.positive().optional() }
const flow = { use_flow_sigmas: off, use_dynamic_shifting: off }
const thresholding = {
  thresholding: flag(false),
  dynamic_thresholding_ratio: number.min(0).max(1).default(0.995),
  sample_max_value: number.positive().default(1),
}
const clipping = { ...thresholding, clip_sample_range: number.positive().default(1) }
const zeroSnr = { rescale_betas_zero_snr: flag(false) }

const SCHEMAS = {
  ddim: z.object({
    ...noise,
    ...clipping,
    ...zeroSnr,
    clip_sample: flag(true),
    set_alpha_to_one: flag(true),
    prediction_type: prediction,
    timestep_spacing: spacing('leading'),
  }),
  pndm: z.object({
    ...noise,
    skip_prk_steps: flag(false),
    set_alpha_to_one: flag(false),
    prediction_type: oneOf(['epsilon', 'v_prediction'], 'epsilon'),
    timestep_spacing: spacing('leading'),
  }),
  euler: z.object({
    ...noise,
    ...respacing,
    ...sigmaRange,
    ...zeroSnr,
    prediction_type: z
      .preprocess((type) => (type === 'original_sample' ? 'sample' : type), z.enum(PREDICTIONS).optional())
      .transform((type) => type ?? 'epsilon'),
    interpolation_type: oneOf(['linear', 'log_linear'], 'linear'),
    timestep_spacing: spacing('linspace'),
    timestep_type: oneOf(['discrete', 'continuous'], 'discrete'),
  }),
  'euler-ancestral': z.object({
    ...noise,
    ...zeroSnr,
    prediction_type: oneOf(['epsilon', 'v_prediction'], 'epsilon'),
    timestep_spacing: spacing('linspace'),
  }),
  'dpm-solver-multistep': z.object({
    ...noise,
    ...respacing,
    ...zeroSnr,
    ...flow,
    ...thresholding,
    use_lu_lambdas: flag(false),
    prediction_type: prediction,
    solver_order: z.literal([1, 2, 3]).default(2),
    // Files of other solvers name theirs; the reference then takes its own.
    algorithm_type: z
      .enum(['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++', 'deis'])
      .default('dpmsolver++')
      .transform((type) => (type === 'deis' ? 'dpmsolver++' : type)),
    solver_type: z
      .enum(['midpoint', 'heun', 'logrho', 'bh1', 'bh2'])
      .default('midpoint')
      .transform((type) => (type === 'heun' ? type : 'midpoint')),
    lower_order_final: flag(true),
    euler_at_final: flag(false),
    lambda_min_clipped: z
      .union([number, z.enum(['-inf', '-Infinity']).transform(() => Number.NEGATIVE_INFINITY)])
      .or(z.literal(Number.NEGATIVE_INFINITY))
      .default(Number.NEGATIVE_INFINITY),
    timestep_spacing: spacing('linspace'),
  }),
  unipc: z.object({
    ...noise,
    ...respacing,
    ...sigmaRange,
    ...zeroSnr,
    ...flow,
    ...thresholding,
    prediction_type: prediction,
    solver_order: z.literal([1, 2, 3]).default(2),
    solver_type: z
      .enum(['bh1', 'bh2', 'midpoint', 'heun', 'logrho'])
      .default('bh2')
      .transform((type) => (type === 'bh1' ? type : 'bh2')),
    predict_x0: flag(true),
    lower_order_final: flag(true),
    disable_corrector: z.array(z.int()).default([]),
    timestep_spacing: spacing('linspace'),
  }),
  lcm: z.object({
    ...noise,
    ...clipping,
    ...zeroSnr,
    beta_start: noise.beta_start.default(0.00085),
    beta_end: noise.beta_end.default(0.012),
    beta_schedule: oneOf(['linear', 'scaled_linear', 'squaredcos_cap_v2'], 'scaled_linear'),
    original_inference_steps: z.int().min(1).default(50),
    clip_sample: flag(false),
    set_alpha_to_one: flag(true),
    prediction_type: prediction,
    timestep_scaling: number.default(10),
  }),
  'rectified-flow': z.object({
    num_train_timesteps: z.int().min(1).max(100_000).default(1000),
    shift: number.positive().max(100).default(1),
    use_dynamic_shifting: off,
  }),
} satisfies Record<SchedulerName, z.ZodObject>

export type SchedulerConfig<Name extends SchedulerName> = z.infer<(typeof SCHEMAS)[Name]>

/** The classes of published files. */
const CLASSES: Readonly<Record<string, SchedulerName>> = {
  DDIMScheduler: 'ddim',
  PNDMScheduler: 'pndm',
  EulerDiscreteScheduler: 'euler',
  EulerAncestralDiscreteScheduler: 'euler-ancestral',
  DPMSolverMultistepScheduler: 'dpm-solver-multistep',
  UniPCMultistepScheduler: 'unipc',
  LCMScheduler: 'lcm',
  RectifiedFlowScheduler: 'rectified-flow',
}

/** Settings of classes that Inlay does not run, and of what writes files; none says anything to one that it does. */
const ELSEWHERE = new Set(
  `flow_shift time_shift_type shift_terminal rho sigma_data sigma_schedule
  variance_type solver_p noise_sampler_seed s_churn s_noise eta mask`.split(/\s+/),
)
const EVERYWHERE = new Set(Object.values(SCHEMAS).flatMap((schema) => Object.keys(schema.shape)))
/** What would change a result, were it set. */
const REFUSED: Partial<Record<SchedulerName, readonly string[]>> = {
  'dpm-solver-multistep': ['variance_type'],
  unipc: ['solver_p'],
}

/** The scheduler that a file asks for, or `model.unsupported` where it is none of ours. */
export function publishedName(config: Readonly<Record<string, unknown>>): SchedulerName {
  const name = CLASSES[String(config['_class_name'])]
  if (name) return name
  throw new InlayError(
    'model.unsupported',
    `The model asks for the scheduler ${config['_class_name'] ?? 'of no name'}, which Inlay does not have; choose one by name.`,
  )
}

/**
 * The settings of a file for one scheduler, whichever class it was written for.
 * @throws InlayError `model.unsupported` for a setting we do not know how to honour, `model.unreadable` for nonsense
 */
export function schedulerConfig<Name extends SchedulerName>(
  name: Name,
  json: unknown,
): SchedulerConfig<Name> {
  const defaults = z.object({ _use_default_values: z.array(z.string()).default([]) }).safeParse(json ?? {})
  if (!defaults.success || Array.isArray(json))
    throw new InlayError(
      'model.unreadable',
      'The scheduler configuration is no JSON object; download it again.',
    )
  const left = new Set(defaults.data._use_default_values)
  const given = Object.entries((json ?? {}) as Record<string, unknown>).filter(
    ([key, value]) => !key.startsWith('_') && value !== null && value !== undefined && !left.has(key),
  )
  for (const [key, value] of given) {
    const known = EVERYWHERE.has(key) || ELSEWHERE.has(key)
    if (REFUSED[name]?.includes(key) || (!known && value !== false)) throw unsupported(key, value)
  }
  const schema: z.ZodType = SCHEMAS[name]
  const parsed = schema.safeParse(Object.fromEntries(given))
  if (parsed.success) return checked(parsed.data as SchedulerConfig<Name>)
  const [issue] = parsed.error.issues
  const key = String(issue!.path[0])
  const value = Object.fromEntries(given)[key]
  if (issue!.code === 'invalid_value') throw unsupported(key, value)
  throw new InlayError(
    'model.unreadable',
    `The scheduler configuration has ${key} = ${shown(value)}, which makes no sense; download it again.`,
  )
}

function checked<Config extends object>(config: Config): Config {
  const on = Object.entries(config).filter(([key, value]) => /^use_.*_(sigmas|lambdas)$/.test(key) && value)
  if (on.length > 1) throw unsupported(on[1]![0], `true beside ${on[0]![0]}`)
  return config
}

function unsupported(key: string, value: unknown): InlayError {
  return new InlayError(
    'model.unsupported',
    `The scheduler configuration asks for ${key} = ${shown(value)}, which Inlay does not do; choose another scheduler by name.`,
  )
}

function shown(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))).slice(0, 60)
}
