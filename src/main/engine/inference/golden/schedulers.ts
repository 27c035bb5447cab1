/**
 * The scheduler cases of the golden fixtures: trajectories along a network that is a formula, noised latents, and cuts.
 *
 * Invariant: schedulers are made by `createScheduler` from the configuration that the case names, as the application makes
 * them, and every number that the case lists is compared.
 */

import type { Tensor } from '../run-graph.ts'
import { createScheduler, type SchedulerOptions } from '../schedulers/create-scheduler.ts'
import { compared, type GoldenResult } from './compare.ts'
import { readJson, tensorsBelow } from './files.ts'

type Config = Readonly<Record<string, unknown>>

interface RunCase {
  readonly name: string
  readonly config: Config
  readonly steps: number
  readonly strength?: number
  readonly eta?: number
  readonly set_timesteps?: { readonly original_inference_steps?: number; readonly strength?: number }
  readonly timesteps: readonly number[]
  readonly sigmas: readonly number[] | null
  readonly begin_index: number
  readonly init_noise_sigma: number
  readonly noise_draws: number
  readonly identity_scaling: boolean
  readonly atol_per_step: readonly number[]
}

interface SchedulerFile {
  readonly scheduler: string
  readonly shape: readonly number[]
  readonly cases: readonly RunCase[]
  readonly add_noise: {
    readonly config: Config
    readonly steps: number
    readonly cases: readonly { readonly index: number; readonly tensor: string; readonly atol: number }[]
  }
  readonly image_to_image_cuts: {
    readonly config: Config
    readonly cases: readonly {
      readonly steps: number
      readonly strength: number
      readonly begin_index: number
      readonly remaining_steps: number
      readonly timesteps: readonly number[]
    }[]
  }
}

/** Timesteps are float32 in the reference, and may come from logarithms of another last bit. */
const TIMESTEP_TOLERANCE = 1e-3
const RELATIVE_TOLERANCE = 2e-6

type Tensors = Readonly<Record<string, Tensor>>

/** Runs cases; what several of them share is read once. */
export class SchedulerCases {
  readonly #files = new Map<string, Promise<unknown>>()

  /** @param files the JSON file of the scheduler and its tensors, of which cuts have none */
  run(id: string, files: readonly string[]): Promise<GoldenResult> {
    const gathered = new Gathered()
    return compared(id, gathered.tolerances, async () => {
      const [json, tensorFile] = files
      const file = await this.#once(json!, async () => (await readJson(json!)) as SchedulerFile)
      const name = id.split('/').at(-1)!
      if (name === 'cuts') {
        gatherCuts(file, gathered)
        return gathered
      }
      const tensors = await this.#once(tensorFile!, () => tensorsBelow(tensorFile!, ''))
      if (name === 'add-noise') gatherNoised(file, tensors, gathered)
      else {
        const one = file.cases.find((other) => other.name === name)
        if (!one) throw new Error(`${json} has no case ${name}`)
        gatherRun(file, one, tensors, gathered)
      }
      return gathered
    })
  }

  #once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#files.get(key) as Promise<T> | undefined
    if (known) return known
    const reading = read()
    this.#files.set(key, reading)
    return reading
  }
}

function gatherRun(file: SchedulerFile, one: RunCase, tensors: Tensors, gathered: Gathered): void {
  const { original_inference_steps: originalInferenceSteps, strength: scheduleStrength } =
    one.set_timesteps ?? {}
  const options: SchedulerOptions = {
    ...(one.eta === undefined ? {} : { eta: one.eta }),
    ...(originalInferenceSteps === undefined ? {} : { originalInferenceSteps }),
    ...(scheduleStrength === undefined ? {} : { scheduleStrength }),
  }
  const scheduler = createScheduler({ _class_name: file.scheduler, ...one.config }, one.steps, options)
  gathered.numbers('timesteps', scheduler.timesteps, one.timesteps, TIMESTEP_TOLERANCE)
  if (one.sigmas) {
    const relative = (sigma: number, i: number) => sigma / (1 + one.sigmas![i]!)
    gathered.numbers('sigmas', scheduler.sigmas?.map(relative), one.sigmas.map(relative), RELATIVE_TOLERANCE)
  }
  gathered.numbers(
    'init_noise_sigma',
    [scheduler.initialNoiseSigma / one.init_noise_sigma],
    [1],
    RELATIVE_TOLERANCE,
  )
  const begin = one.strength === undefined ? 0 : scheduler.startIndex(one.strength)
  gathered.numbers('begin_index', [begin], [one.begin_index], 0)

  const { x0, noise } = sharedTensors(tensors)
  const fromPicture = one.strength !== undefined || scheduleStrength !== undefined
  let sample = fromPicture
    ? scheduler.addNoise(x0, noise, begin)
    : noise.map((value) => value * scheduler.initialNoiseSigma)
  gathered.latents('start', sample, tensors[`${one.name}/start`], one.atol_per_step[0])
  let drawn = 0
  for (let index = begin; index < scheduler.timesteps.length; index++) {
    const number = twoDigits(index - begin)
    const tolerance = one.atol_per_step[index - begin]
    // Inputs have no tolerance of their own: they come from the step before.
    const inputTolerance = Math.max(tolerance ?? Number.NaN, one.atol_per_step[index - begin - 1] ?? 0)
    const input = scheduler.scaleModelInput(sample, index)
    if (!one.identity_scaling)
      gathered.latents(`scaled.${number}`, input, tensors[`${one.name}/scaled.${number}`], inputTolerance)
    const output = formulaNetwork(input, scheduler.timesteps[index]!, file.shape.at(-1)!)
    const draw = scheduler.drawsNoise(index)
      ? (tensors[`step-noise.${twoDigits(drawn++)}`]?.data as Float32Array | undefined)
      : undefined
    sample = scheduler.step(output, index, sample, draw).sample
    gathered.latents(`sample.${number}`, sample, tensors[`${one.name}/sample.${number}`], tolerance)
  }
  gathered.numbers('noise_draws', [drawn], [one.noise_draws], 0)
}

function gatherNoised(file: SchedulerFile, tensors: Tensors, gathered: Gathered): void {
  const { config, steps, cases } = file.add_noise
  const scheduler = createScheduler({ _class_name: file.scheduler, ...config }, steps)
  const { x0, noise } = sharedTensors(tensors)
  for (const { index, tensor, atol } of cases)
    gathered.latents(tensor, scheduler.addNoise(x0, noise, index), tensors[tensor], atol)
}

function gatherCuts(file: SchedulerFile, gathered: Gathered): void {
  const { config, cases } = file.image_to_image_cuts
  for (const { steps, strength, begin_index, remaining_steps, timesteps } of cases) {
    const scheduler = createScheduler({ _class_name: file.scheduler, ...config }, steps)
    // Inlay refuses a run of no step instead of giving back the picture.
    const begin = remaining_steps === 0 ? steps : scheduler.startIndex(strength)
    const label = `${steps} steps at ${strength}`
    gathered.numbers(`cut of ${label}`, [begin, steps - begin], [begin_index, remaining_steps], 0)
    gathered.numbers(`timesteps of ${label}`, scheduler.timesteps.slice(begin), timesteps, TIMESTEP_TOLERANCE)
  }
}

function sharedTensors(tensors: Tensors): { x0: Float32Array; noise: Float32Array } {
  const [x0, noise] = ['x0', 'noise'].map((name) => tensors[name]?.data as Float32Array | undefined)
  if (!x0 || !noise) throw new Error('the tensors have no x0 or no noise')
  return { x0, noise }
}

/** 0.6 x - 0.3 (x rolled by one along the width) + 0.1 sin(t / 100), rounded to float32 at every turn. */
function formulaNetwork(input: Float32Array, timestep: number, width: number): Float32Array {
  const { fround } = Math
  const wave = fround(fround(0.1) * fround(Math.sin(fround(fround(timestep) / 100))))
  return input.map((value, i) => {
    const left = input[i % width === 0 ? i + width - 1 : i - 1]!
    return fround(fround(fround(0.6) * value) - fround(fround(0.3) * left)) + wave
  })
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}

/** What was computed, what is expected, and how far apart they may be, by name. */
class Gathered {
  readonly tolerances: Record<string, number> = {}
  readonly found: Record<string, Tensor> = {}
  readonly expected: Record<string, Tensor> = {}

  numbers(
    name: string,
    found: readonly number[] | undefined,
    expected: readonly number[],
    tolerance: number,
  ) {
    this.tolerances[name] = tolerance
    if (found) this.found[name] = { data: Float32Array.from(found), shape: [found.length] }
    this.expected[name] = { data: Float32Array.from(expected), shape: [expected.length] }
  }

  /** Without a tolerance or a reference the case fails. */
  latents(name: string, data: Float32Array, reference: Tensor | undefined, tolerance = Number.NaN) {
    this.tolerances[name] = tolerance
    this.found[name] = { data, shape: reference?.shape ?? [] }
    if (reference) this.expected[name] = reference
  }
}
