/**
 * A stroke as data: the brush and where the pen went. `brush.ts` turns it into dabs.
 *
 * Invariant: everything that determines the painted pixels is in here; the same stroke paints the same pixels in the
 * preview and in the engine, today and after a replay.
 */
import { z } from 'zod'

/** A whole stroke may not be longer than this many samples: the renderer ends it and begins another. */
export const MAX_SAMPLES = 20_000

export const Brush = z
  .object({
    /** Diameter at full pressure, in document pixels. */
    size: z.number().min(0.5).max(5000),
    /** 0: falls off from the centre; 1: a hard edge (antialiased over one pixel). */
    hardness: z.number().min(0).max(1),
    /** How much each dab adds, 0..1. */
    flow: z.number().min(0.01).max(1),
    /** The most the whole stroke can cover, 0..1. */
    opacity: z.number().min(0.01).max(1),
    /** Distance between dabs as a fraction of the diameter. */
    spacing: z.number().min(0.01).max(2),
    /** How far the line lags behind the pen to smooth it, 0..1. */
    smoothing: z.number().min(0).max(1),
    pressureSize: z.boolean(),
    pressureFlow: z.boolean(),
  })
  .readonly()
export type Brush = z.infer<typeof Brush>

export const DEFAULT_BRUSH: Brush = {
  size: 40,
  hardness: 0.8,
  flow: 1,
  opacity: 1,
  spacing: 0.1,
  smoothing: 0.2,
  pressureSize: true,
  pressureFlow: false,
}

/** One reading of the pointer: document pixels (fractions allowed), pressure 0..1, milliseconds since the stroke began. */
export const StrokeSample = z
  .object({
    x: z.number().min(-1e6).max(1e6),
    y: z.number().min(-1e6).max(1e6),
    pressure: z.number().min(0).max(1),
    time: z.number().min(0).max(1e9),
  })
  .readonly()
export type StrokeSample = z.infer<typeof StrokeSample>
