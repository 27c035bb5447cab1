/**
 * What a command that makes pictures is: its words, what it takes, and how what was given becomes a request.
 *
 * Invariant: a recipe is plain data, so the command line and a batch read the same options by the same rules.
 */
import { InlayError } from '../../../shared/errors.ts'
import { BUILT_IN, DEFAULT_GENERATION, GenerationRequest, type Sides } from '../../../shared/generation.ts'
import { DEFAULT_REMOVAL, RemovalRequest } from '../../../shared/removal.ts'
import type { Given, OptionName } from './options.ts'

export interface Recipe {
  readonly name: string
  readonly task: GenerationRequest['task']
  readonly summary: string
  readonly description: string
  /** Whole command lines. */
  readonly examples: readonly string[]
  /** Whether it changes a picture; else it makes one from nothing. */
  readonly changesPicture: boolean
  readonly mask: 'needed' | 'possible' | 'none'
  /** Besides `mask` and `quality`. */
  readonly options: readonly OptionName[]
  /** Where it is not the request's own. */
  readonly strength?: number
  /** Of the mask, in pixels; 0 unless said. */
  readonly feather?: number
  /** What a new file is called after: `beach-filled.png`. */
  readonly suffix: string
}

/** What is asked of the model, in common to all. */
export const SAMPLING = ['model', 'seed', 'candidates', 'steps', 'scheduler'] as const satisfies OptionName[]
export const WORDS = ['prompt', 'negative', 'guidance', 'clipSkip', 'lora'] as const satisfies OptionName[]
export const MASKING = ['grow', 'feather', 'padding', 'softMask', 'decoder'] as const satisfies OptionName[]

/** All options of a recipe, in the order of its help. */
export function optionsOf({ mask, options }: Recipe): readonly OptionName[] {
  return [...(mask === 'none' ? [] : (['mask'] as const)), ...options, 'quality']
}

/** The model that a job runs: null for a fill without one. */
export function modelOf(recipe: Recipe, given: Given): string | null {
  if (recipe.name !== 'remove') return given.model ?? BUILT_IN
  return given.fill === undefined || given.fill === 'patch-fill' ? null : given.fill
}

/** @throws InlayError `usage` */
export function removalRequest(given: Given): RemovalRequest {
  return checked(RemovalRequest, {
    ...DEFAULT_REMOVAL,
    grow: given.grow ?? 0,
    feather: given.feather ?? 0,
    seed: given.seed ?? 0,
  })
}

/**
 * @param model as the request calls it
 * @param defaults the model's own, where nothing was given
 * @throws InlayError `usage`
 */
export function generationRequest(
  recipe: Recipe,
  given: Given,
  model: string,
  defaults: { readonly steps: number; readonly guidance: number },
): GenerationRequest {
  const { lora, width, height, left, top, right, bottom, mask, fill, quality, ...rest } = given
  return checked(GenerationRequest, {
    ...DEFAULT_GENERATION,
    ...defaults,
    // A mask that comes from a file means what it covers; a drawn one is rough.
    grow: 0,
    feather: recipe.feather ?? 0,
    strength: recipe.strength ?? DEFAULT_GENERATION.strength,
    ...rest,
    task: recipe.task,
    model,
    loras: lora ?? [],
  })
}

/** Of `outpaint`. @throws InlayError `usage` where nothing is added */
export function marginsOf({ left = 0, top = 0, right = 0, bottom = 0 }: Given): Sides {
  if (left + top + right + bottom === 0)
    throw new InlayError('usage', 'Say where the picture shall grow: --left 256, --top, --right or --bottom.')
  return { left, top, right, bottom }
}

interface Schema<T> {
  safeParse(value: unknown): {
    data?: T
    error?: { issues: readonly { path: PropertyKey[]; message: string }[] }
  }
}

function checked<T>(schema: Schema<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value)
  if (data !== undefined) return data
  const [issue] = error?.issues ?? []
  throw new InlayError('usage', `--${issue?.path.join('.')} cannot be used: ${issue?.message}.`)
}
