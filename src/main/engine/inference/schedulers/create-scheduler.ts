/**
 * From a model's published configuration and a request to the scheduler of one run.
 *
 * Invariant: without a name the model's own scheduler runs. With one, what the model's file says carries over and what it
 * leaves out has that scheduler's defaults, as in the reference: Euler from Stable Diffusion 1's PNDM file spaces its
 * timesteps by linspace.
 */
import { InlayError } from '../../../../shared/errors.ts'
import { ddim } from './ddim.ts'
import { dpmSolverMultistep } from './dpm-solver-multistep.ts'
import { euler } from './euler.ts'
import { eulerAncestral } from './euler-ancestral.ts'
import { lcm } from './lcm.ts'
import { pndm } from './pndm.ts'
import { rectifiedFlow } from './rectified-flow.ts'
import type { Scheduler, SchedulerName } from './scheduler.ts'
import { publishedName, schedulerConfig } from './scheduler-config.ts'
import { unipc } from './unipc.ts'

export interface SchedulerOptions {
  /** Runs instead of the scheduler that the configuration names. */
  readonly name?: SchedulerName
  /** Settings in the file's words that replace its own, such as `use_karras_sigmas` or `timestep_spacing`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** DDIM only: 0, the default, to 1. */
  readonly eta?: number
  /** LCM only: the steps of the distillation, where they are not the file's. */
  readonly originalInferenceSteps?: number
  /** LCM only: the share of those steps that the run's are spread over; 1 by default. */
  readonly scheduleStrength?: number
}

/**
 * @param published the content of `scheduler_config.json`; with a name it may be null, and every setting has its default
 * @param steps 1 up to the number of timesteps the model was trained on
 * @throws InlayError `usage` for steps or options that make no sense, `model.unsupported` for what Inlay cannot run as the
 *   model asks for it, `model.unreadable` for a configuration that is none
 */
export function createScheduler(
  published: unknown,
  steps: number,
  options: SchedulerOptions = {},
): Scheduler {
  const { name: wanted, settings, eta = 0, originalInferenceSteps, scheduleStrength } = options
  if (!(eta >= 0 && eta <= 1))
    throw new InlayError('usage', `The eta ${eta} makes no sense; it goes from 0 to 1.`)
  const given = isObject(published) && settings ? overridden(published, settings) : (published ?? settings)
  const name = wanted ?? publishedName(isObject(given) ? given : {})
  switch (name) {
    case 'ddim':
      return ddim(schedulerConfig(name, given), steps, eta)
    case 'pndm':
      return pndm(schedulerConfig(name, given), steps)
    case 'euler':
      return euler(schedulerConfig(name, given), steps)
    case 'euler-ancestral':
      return eulerAncestral(schedulerConfig(name, given), steps)
    case 'dpm-solver-multistep':
      return dpmSolverMultistep(schedulerConfig(name, given), steps)
    case 'unipc':
      return unipc(schedulerConfig(name, given), steps)
    case 'lcm':
      return lcm(schedulerConfig(name, given), steps, originalInferenceSteps, scheduleStrength)
    case 'rectified-flow':
      return rectifiedFlow(schedulerConfig(name, given), steps)
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is set on purpose is no mere default, whatever the file says of it. */
function overridden(
  published: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>>,
) {
  const { _use_default_values: defaults, ...own } = published
  const left = Array.isArray(defaults)
    ? defaults.filter((key) => !Object.hasOwn(settings, String(key)))
    : defaults
  return { ...own, ...settings, ...(left === undefined ? {} : { _use_default_values: left }) }
}
