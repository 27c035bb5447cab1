/**
 * What the inference host is asked to make: pixels and settings in, pixels and figures out, with no document in sight.
 *
 * Invariant: a task is plain data. Its picture has the size that the model works at already, and is sRGB; masks have a byte
 * a pixel. Whoever asks cuts the context region out and puts the result back.
 */
import type { GenerationReport, GenerationRequest, ModelLimits } from '../../../../shared/generation.ts'
import type { Size } from '../../../../shared/geometry.ts'

export type { ModelLimits } from '../../../../shared/generation.ts'

export interface GenerationTask {
  readonly request: GenerationRequest
  /** Which of the request's candidates, from 0: with the seed it determines the noise. */
  readonly candidate: number
  /** Where the model lies; null for the built-in one. */
  readonly place: string | null
  /** Sides that the model takes. */
  readonly size: Size
  /** width * height * 3 bytes; null for text-to-image. */
  readonly rgb: Uint8Array | null
  /** What is to be made anew, as the compositing will cut it: 255 where it is certain, soft at the rim; null for all or "infer it". */
  readonly mask: Uint8Array | null
  /** Whether the plain decoder's picture is wanted as well, to compare. */
  readonly alsoPlain?: boolean
}

export interface GenerationResult {
  /** width * height * 3 bytes: the decoded picture before any compositing. */
  readonly rgb: Uint8Array
  /** The mask that the task came with, or that was inferred: 255 for what changed. */
  readonly mask: Uint8Array | null
  readonly report: GenerationReport
  /** What the plain decoder makes of the same latents, when it was asked for (the compare view). */
  readonly plainRgb: Uint8Array | null
}

export type GenerationNote =
  | {
      readonly type: 'progress'
      /** 0..1 of this candidate, never falls. */
      readonly fraction: number
      /** "Loading the model", "Step 3 of 20", "Decoding". */
      readonly stage: string
    }
  /** A small picture of what the latents are at a step: width * height * 3 bytes. */
  | { readonly type: 'preview'; readonly size: Size; readonly rgb: Uint8Array }

export interface GenerationHandling {
  readonly signal?: AbortSignal
  readonly onNote?: (note: GenerationNote) => void
}

/** Makes pictures: in this process, or in the inference host. */
export interface Generator {
  /** What a model can take: what is needed to plan a context region. @throws InlayError as `openCheckpoint` does */
  limits(place: string | null): Promise<ModelLimits>
  /** @throws InlayError `cancelled`, `model.*`, `usage`, `mask.empty`, `host.lost` */
  generate(task: GenerationTask, handling?: GenerationHandling): Promise<GenerationResult>
}
