/**
 * What is known of an installed model. The list of them is a file in the user's data folder.
 *
 * Invariant: a model stays where the user has it; an entry holds its path and enough of its files to notice a change.
 */
import { z } from 'zod'

/** One file as it was when the model was installed. */
export const InstalledFile = z.object({
  /** Relative to the model's path with forward slashes; empty where the path is the file. */
  name: z.string(),
  bytes: z.number().int().min(0),
  /** Milliseconds since 1970. */
  modified: z.number(),
  /** SHA-256 of the header (weights) or of the whole file (small text files), lower-case hex. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
})
export type InstalledFile = z.infer<typeof InstalledFile>

export const PredictionType = z.enum(['epsilon', 'v_prediction'])

/** What `inlay models inspect` says of a model, without its files. */
export const ModelSummary = z.object({
  layout: z.enum(['diffusers', 'single-file', 'component', 'onnx']),
  /** null for a network on its own that says nothing of it. */
  family: z.enum(['sd1', 'sd2', 'sdxl']).nullable(),
  /** What its denoiser was trained for; null without one. */
  task: z.enum(['text-to-image', 'inpaint', 'instruct']).nullable(),
  predictionType: PredictionType.nullable(),
  components: z.array(
    z.object({
      role: z.string(),
      architecture: z.string(),
      /** Numbers in its tensors; null where they lie in a graph of its own. */
      parameters: z.number().int().min(0).nullable(),
    }),
  ),
  /** How its weights are stored, most bytes first: `F16`, `F32`… */
  dtypes: z.array(z.string()),
  /** Of the weights it uses. */
  bytes: z.number().int().min(0),
  licence: z.string().nullable(),
  missing: z.array(z.string()),
  notices: z.array(z.string()),
})
export type ModelSummary = z.infer<typeof ModelSummary>

export const InstalledModel = z.object({
  /** Unique among the installed ones; what the command line takes. */
  name: z.string().min(1).max(200),
  /** A folder or a file, absolute. */
  path: z.string().min(1),
  files: z.array(InstalledFile).min(1),
  /** As it was when it was added; null in a list from before this was kept. */
  summary: ModelSummary.nullable().default(null),
  /** What the person stated of its denoiser where its files do not say it. */
  statedPrediction: PredictionType.nullable().default(null),
})
export type InstalledModel = z.infer<typeof InstalledModel>

export const ModelList = z.object({ version: z.literal(1), models: z.array(InstalledModel) })
export type ModelList = z.infer<typeof ModelList>
