/**
 * The request of a removal: all that determines its result, and no pixels.
 *
 * Invariant: the same request on the same document and fill version makes the same tiles (law 5).
 */
import { z } from 'zod'

export const RemovalRequest = z
  .object({
    kind: z.literal('removal'),
    /** Grows the drawn mask before anything else, in pixels. */
    grow: z.number().min(0).max(500),
    /** Width of the soft rim, in pixels; it lies inside the grown mask, so nothing outside ever changes. */
    feather: z.number().min(0).max(250),
    seed: z.int().min(0).max(0xffffffff),
    fill: z.literal('patch-fill'),
  })
  .readonly()
export type RemovalRequest = z.infer<typeof RemovalRequest>

export const DEFAULT_REMOVAL: RemovalRequest = {
  kind: 'removal',
  grow: 4,
  feather: 3,
  seed: 0,
  fill: 'patch-fill',
}
