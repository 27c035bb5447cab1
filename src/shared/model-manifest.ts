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

export const InstalledModel = z.object({
  /** Unique among the installed ones; what the command line takes. */
  name: z.string().min(1).max(200),
  /** A folder or a file, absolute. */
  path: z.string().min(1),
  files: z.array(InstalledFile).min(1),
})
export type InstalledModel = z.infer<typeof InstalledModel>

export const ModelList = z.object({ version: z.literal(1), models: z.array(InstalledModel) })
export type ModelList = z.infer<typeof ModelList>
