/**
 * What a generation is set to, and what is known of the models that could make it.
 *
 * Invariant: pure. `request` always fits the model it names as far as that is known: its task is one the model can do.
 */
import { BUILT_IN, DEFAULT_GENERATION, type GenerationRequest, type Sides } from '../../shared/generation.ts'
import type { GeneratingModel, GenerationEstimate } from '../../shared/rpc/contract.ts'

export interface GenerationState {
  readonly request: GenerationRequest
  /** A locked seed is used again; otherwise each run takes a new one. */
  readonly seedLocked: boolean
  /** Settings that are in sight though few people change them. */
  readonly unfolded: ReadonlySet<SettingGroup>
  /** null until it is known. */
  readonly models: readonly GeneratingModel[] | null
  /** Of the request of the open panel; null where there is none to be made. */
  readonly estimate: GenerationEstimate | null
  /** Why there is no estimate, as a sentence with what to do; null where nothing is wrong. */
  readonly trouble: string | null
}

export type SettingGroup = 'sampling' | 'mask'

export const START: GenerationState = {
  request: DEFAULT_GENERATION,
  seedLocked: false,
  unfolded: new Set(),
  models: null,
  estimate: null,
  trouble: null,
}

const NO_GROWTH: Sides = { left: 0, top: 0, right: 0, bottom: 0 }

export type Task = GenerationRequest['task']

/** What a person chooses: a task, or inpainting what the canvas grows by. */
export type Mode = Task | 'outpaint'

export const MODE_NAMES: Readonly<Record<Mode, string>> = {
  inpaint: 'Inpaint',
  outpaint: 'Outpaint',
  'image-to-image': 'Image to image',
  'text-to-image': 'Text to image',
  instruct: 'Instruct',
  diffedit: 'DiffEdit',
}

export const SCHEDULER_NAMES: Readonly<Record<NonNullable<GenerationRequest['scheduler']>, string>> = {
  ddim: 'DDIM',
  pndm: 'PNDM',
  euler: 'Euler',
  'euler-ancestral': 'Euler ancestral',
  'dpm-solver++': 'DPM-Solver++ 2M',
  'dpm-solver++-karras': 'DPM-Solver++ 2M, Karras',
  unipc: 'UniPC',
  lcm: 'LCM',
}

export type Preset = 'draft' | 'standard' | 'fine'

/** Steps of a preset for a model: half, as many as, or twice what it works best with. */
export function presetSteps(preset: Preset, { defaults: { steps } }: GeneratingModel): number {
  const factor = { draft: 0.5, standard: 1, fine: 2 }[preset]
  return Math.min(200, Math.max(1, Math.round(steps * factor)))
}

/** The preset that a number of steps is; null where it is none. */
export function presetOf(steps: number, model: GeneratingModel): Preset | null {
  return (['standard', 'draft', 'fine'] as const).find((each) => presetSteps(each, model) === steps) ?? null
}

/** A request handed to another model: what that cannot do is changed to what it can, and its own steps and guidance taken. */
export function fitted(request: GenerationRequest, model: GeneratingModel): GenerationRequest {
  const { defaults } = model
  return {
    ...request,
    model: model.name,
    task: taskFor(request.task, model),
    outpaint: model.tasks.includes('inpaint') ? request.outpaint : null,
    steps: defaults.steps,
    guidance: Math.max(1, defaults.guidance),
    scheduler: model.words ? request.scheduler : null,
    decoder: model.asymmetric ? 'asymmetric' : 'plain',
  }
}

/** What a model can be asked for. */
export function modesOf({ tasks }: GeneratingModel): readonly Mode[] {
  return tasks.flatMap((task): Mode[] => (task === 'inpaint' ? ['inpaint', 'outpaint'] : [task]))
}

export function modeOf({ task, outpaint }: GenerationRequest): Mode {
  return outpaint ? 'outpaint' : task
}

/** What of a request a mode decides. */
export function inMode(mode: Mode): Pick<GenerationRequest, 'task' | 'outpaint'> {
  return mode === 'outpaint' ? { task: 'inpaint', outpaint: NO_GROWTH } : { task: mode, outpaint: null }
}

/** The model that a request names, while it is on the list. */
export function modelOf({ request, models }: GenerationState): GeneratingModel | null {
  return models?.find(({ name }) => name === request.model) ?? null
}

/** A model as lists show it, also one that is not there any more. */
export function labelOf(name: string, models: readonly GeneratingModel[] | null): string {
  if (name === BUILT_IN) return 'Built-in model'
  return models?.find((each) => each.name === name)?.label ?? name
}

/** What a request still lacks, as a sentence for people; null where it can be made. */
export function lackOf(request: GenerationRequest, selected: boolean): string | null {
  if (request.outpaint)
    return Object.values(request.outpaint).some((side) => side > 0)
      ? null
      : 'Say by how much the picture shall grow.'
  if (request.task === 'inpaint' && !selected) return 'Paint over what shall be made anew.'
  const words = {
    'text-to-image': 'Write what the picture shall show.',
    instruct: 'Write what shall be done to the picture.',
    diffedit: 'Write what shall be there instead.',
  }
  const wanted = words[request.task as keyof typeof words]
  return wanted && request.prompt.trim() === '' ? wanted : null
}

/** A number of seconds for people: "3 s", "2 min". */
export function secondsInWords(seconds: number): string {
  if (seconds < 10) return `${Math.max(0.1, seconds).toFixed(1)} s`
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}

/** An error of values 0..1 for people: two digits that count, and powers of ten where it is tiny. */
export function errorInWords(value: number): string {
  if (value === 0) return '0'
  if (value >= 1e-4) return String(Number(value.toPrecision(2)))
  const exponent = Math.floor(Math.log10(value))
  const digits = '⁰¹²³⁴⁵⁶⁷⁸⁹'
  const raised = [...String(-exponent)].map((digit) => digits[Number(digit)]).join('')
  return `${(value / 10 ** exponent).toFixed(1)} × 10⁻${raised}`
}

function taskFor(task: Task, { tasks }: GeneratingModel): Task {
  return tasks.includes(task) ? task : (tasks[0] ?? task)
}
