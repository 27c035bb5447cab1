/**
 * From a request and a model's published schedule to the scheduler of one run.
 *
 * Invariant: a request without a scheduler runs the model's own, with all that its file says (SD 1.5 inpainting's PNDM skips
 * its Runge-Kutta steps and begins one timestep later); DiffEdit, which needs one that goes backwards, DDIM. A named one keeps
 * what that file says of the noise.
 */
import type { GenerationRequest } from '../../../../shared/generation.ts'
import { createScheduler, type SchedulerOptions } from '../schedulers/create-scheduler.ts'
import type { Scheduler } from '../schedulers/scheduler.ts'

type Choice = NonNullable<GenerationRequest['scheduler']>

const SOLVER = 'dpm-solver-multistep'
const PLUS = { algorithm_type: 'dpmsolver++' }

const OPTIONS: Readonly<Record<Choice, SchedulerOptions>> = {
  ddim: { name: 'ddim' },
  pndm: { name: 'pndm' },
  euler: { name: 'euler' },
  'euler-ancestral': { name: 'euler-ancestral' },
  'dpm-solver++': { name: SOLVER, settings: { ...PLUS, use_karras_sigmas: false } },
  'dpm-solver++-karras': { name: SOLVER, settings: { ...PLUS, use_karras_sigmas: true } },
  unipc: { name: 'unipc' },
  lcm: { name: 'lcm' },
}

/**
 * @param cut where the recipe leaves it to a consistency model's own schedule: the strength
 * @throws InlayError as `createScheduler` does
 */
export function schedulerOf(
  published: unknown,
  { scheduler, steps, task }: Pick<GenerationRequest, 'scheduler' | 'steps' | 'task'>,
  cut = 1,
): Scheduler {
  const name = scheduler ?? (task === 'diffedit' ? 'ddim' : null)
  const options = name === null ? {} : OPTIONS[name]
  const made = createScheduler(published, steps, options)
  return made.name === 'lcm' && cut < 1
    ? createScheduler(published, steps, { ...options, scheduleStrength: cut })
    : made
}
