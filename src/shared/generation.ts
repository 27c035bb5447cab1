/**
 * The request of a generation: all that determines its result besides the picture and the model's weights, and no pixels;
 * and what was measured of the result.
 *
 * Invariant: the same request on the same document, model digest, CPU provider, thread count and runtime version makes the
 * same tiles (law 5).
 */
import { z } from 'zod'

/** The model that comes with the application; every other is called by its name in the list of installed models. */
export const BUILT_IN = 'built-in'

export const SCHEDULERS = [
  'ddim',
  'pndm',
  'euler',
  'euler-ancestral',
  'dpm-solver++',
  'dpm-solver++-karras',
  'unipc',
  'lcm',
] as const

const Growth = z.int().min(0).max(16384)
export const Sides = z.object({ left: Growth, top: Growth, right: Growth, bottom: Growth }).readonly()
export type Sides = z.infer<typeof Sides>

export const GenerationRequest = z
  .object({
    kind: z.literal('generation'),
    model: z.string().min(1).max(4096),
    /**
     * `inpaint` and the others that change a picture take the selection as their mask; without one, `image-to-image` and
     * `instruct` change what differs, `diffedit` infers it from the two prompts.
     */
    task: z.enum(['inpaint', 'image-to-image', 'text-to-image', 'instruct', 'diffedit']),
    prompt: z.string().max(100_000),
    negative: z.string().max(100_000),
    /** Of `diffedit`: what the picture shows now. */
    source: z.string().max(100_000).default(''),
    seed: z.int().min(0).max(0xffffffff),
    candidates: z.int().min(1).max(8),
    steps: z.int().min(1).max(200),
    /** null is the model's own. */
    scheduler: z.enum(SCHEDULERS).nullable(),
    guidance: z.number().min(1).max(50),
    /** Of `instruct`: how closely the picture is followed. */
    imageGuidance: z.number().min(1).max(50),
    /** How far from the picture it may go; 1 starts from noise alone. */
    strength: z.number().gt(0).max(1),
    /** How many layers earlier than usual the prompt is read. */
    clipSkip: z.int().min(0).max(11),
    /** Grows the drawn mask before anything else, in pixels. */
    grow: z.number().min(0).max(500),
    /** Width of the soft rim of the compositing mask, in pixels; it lies inside the grown mask. */
    feather: z.number().min(0).max(250),
    /** Document pixels of surroundings that the model sees on every side of the mask. */
    padding: z.number().min(0).max(100_000),
    /** Where the mask is soft, each cell is released at a step of its own. */
    softMask: z.boolean(),
    decoder: z.enum(['asymmetric', 'plain']),
    /** LoRA files by path, with their weights. */
    loras: z
      .array(z.object({ path: z.string().max(4096), weight: z.number().min(-4).max(4) }))
      .max(8)
      .readonly(),
    /** Of `text-to-image`: pixels of the picture to be made; null where the canvas says it. */
    size: z.object({ width: z.int().min(8).max(16384), height: z.int().min(8).max(16384) }).nullable(),
    /** Pixels that the canvas grows by on each side: what is new is the mask then, and the selection plays no part. */
    outpaint: Sides.nullable().default(null),
  })
  .readonly()
export type GenerationRequest = z.infer<typeof GenerationRequest>

export const DEFAULT_GENERATION: GenerationRequest = {
  kind: 'generation',
  model: BUILT_IN,
  task: 'inpaint',
  prompt: '',
  negative: '',
  source: '',
  seed: 0,
  candidates: 1,
  steps: 20,
  scheduler: null,
  guidance: 7.5,
  imageGuidance: 1.5,
  strength: 1,
  clipSkip: 0,
  grow: 4,
  feather: 3,
  padding: 64,
  softMask: false,
  decoder: 'asymmetric',
  loras: [],
  size: null,
  outpaint: null,
}

/**
 * How well a decode kept what it was not to change: inside the context region, outside the hard mask that the decoder was
 * given, on the decoded picture before anything is composited, values 0..1 (Zhu et al., 2023, section 4: the preservation
 * error is the mean square). `seam` is the mean absolute step across the hole's rim beyond the picture's own.
 */
export interface PreservationFigures {
  readonly absolute: number
  readonly square: number
  readonly seam: number | null
}

/** What was measured of a candidate, and what ran where. */
export interface GenerationReport {
  /** The decoder that was used in the end. */
  readonly decoder: 'asymmetric' | 'plain'
  /** null where nothing was to be kept. */
  readonly preservation: PreservationFigures | null
  /** The execution provider of the denoiser. */
  readonly provider: string
  /** Of the component that denoised, lower-case hex. */
  readonly modelDigest: string
  /** The size that the model worked at. */
  readonly size: { readonly width: number; readonly height: number }
  readonly seconds: number
  /** The most memory that the process which ran it has had; left out where nobody measured. */
  readonly megabytes?: number
  /** Fallbacks and other things a person should know, a sentence each. */
  readonly notices: readonly string[]
}

/** What a model can take: what is needed to plan a context region. */
export interface ModelLimits {
  /** Side of the squares it was trained on. */
  readonly side: number
  /** Its sides are multiples of this. */
  readonly factor: number
  readonly tasks: readonly GenerationRequest['task'][]
  /** Whether it has an asymmetric decoder whose latents fit. */
  readonly asymmetric: boolean
  /** Whether it is told words. */
  readonly words: boolean
  /** Steps and guidance that it works best with. */
  readonly defaults: { readonly steps: number; readonly guidance: number }
}
