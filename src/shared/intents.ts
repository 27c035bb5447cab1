/**
 * Intents: edits whose pixels only the engine can make. The renderer sends what is meant; the project host makes the
 * pixels and the one command that records them.
 *
 * Invariant: an intent names its target and holds all it needs, so that it can be validated, logged and repeated.
 * Edits without new pixels (rename, reorder, opacity, visibility…) are not intents: they are dispatched as commands.
 */
import { z } from 'zod'
import { Point, Rect } from './geometry.ts'
import { CandidateId, FileToken, LayerId } from './ids.ts'
import { MAX_SIDE } from './pixels.ts'
import { Brush, MAX_SAMPLES, StrokeSample } from './stroke.ts'

/** An sRGB colour, components 0..1; the engine converts it to the document's profile. */
export const RgbColour = z
  .object({ r: z.number().min(0).max(1), g: z.number().min(0).max(1), b: z.number().min(0).max(1) })
  .readonly()
export type RgbColour = z.infer<typeof RgbColour>

/** Where a stroke lands: a layer's pixels, a layer's mask, or the selection (quick mask). */
export const PaintTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pixels'), layer: LayerId }),
  z.object({ kind: z.literal('mask'), layer: LayerId }),
  z.object({ kind: z.literal('selection') }),
])
export type PaintTarget = z.infer<typeof PaintTarget>

/**
 * Paints or erases. On pixels: `paint` lays `colour` over, `erase` lowers alpha; a selection limits both.
 * On a mask or the selection: `paint` raises towards 255 (in), `erase` lowers towards 0 (out).
 */
export const StrokeIntent = z.object({
  kind: z.literal('stroke'),
  target: PaintTarget,
  mode: z.enum(['paint', 'erase']),
  brush: Brush,
  colour: RgbColour,
  samples: z.array(StrokeSample).min(1).max(MAX_SAMPLES).readonly(),
})

export const SelectionShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rect'), rect: Rect }),
  /** A closed outline, even-odd, antialiased. */
  z.object({
    kind: z.literal('lasso'),
    points: z
      .array(z.object({ x: z.number().min(-1e6).max(1e6), y: z.number().min(-1e6).max(1e6) }))
      .min(3)
      .max(20_000)
      .readonly(),
  }),
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('none') }),
  /** What the layer covers: its alpha. */
  z.object({ kind: z.literal('layer'), layer: LayerId }),
])
export type SelectionShape = z.infer<typeof SelectionShape>

export const SelectIntent = z.object({
  kind: z.literal('select'),
  shape: SelectionShape,
  combine: z.enum(['replace', 'add', 'subtract', 'intersect']),
  /** Softens the edge of the new shape, in pixels. */
  feather: z.number().min(0).max(250),
})

/** Changes the selection that is there. `amount` is in pixels; invert and fill-holes ignore it. */
export const ModifySelectionIntent = z.object({
  kind: z.literal('modify-selection'),
  change: z.enum(['invert', 'grow', 'shrink', 'feather', 'fill-holes']),
  amount: z.number().min(0).max(500),
})

/** Empties the selected part of a layer (all of it when nothing is selected). */
export const ClearIntent = z.object({ kind: z.literal('clear'), layer: LayerId })

/** Fills the selected part of a layer (all of the canvas when nothing is selected) with a colour. */
export const FillColourIntent = z.object({
  kind: z.literal('fill-colour'),
  layer: LayerId,
  colour: RgbColour,
})

/** Puts an uploaded or chosen picture on a new layer above `above`, its centre at `centre` or the canvas's middle. */
export const PasteIntent = z.object({
  kind: z.literal('paste'),
  file: FileToken,
  name: z.string().min(1).max(200),
  above: LayerId.nullable(),
  centre: Point.nullable(),
})

/** Copies the selected part of a layer (or of the whole picture) to a new layer in place; `cut` also clears it there. */
export const LayerFromSelectionIntent = z.object({
  kind: z.literal('layer-from-selection'),
  source: z.union([z.object({ layer: LayerId }), z.literal('merged')]),
  cut: z.boolean(),
})

/** Adds a mask: all shown, all hidden, or the selection (inside shown). */
export const AddMaskIntent = z.object({
  kind: z.literal('add-mask'),
  layer: LayerId,
  from: z.enum(['reveal-all', 'hide-all', 'selection']),
})

export const InvertMaskIntent = z.object({ kind: z.literal('invert-mask'), layer: LayerId })

/** Multiplies the mask into the layer's alpha and drops it. */
export const ApplyMaskIntent = z.object({ kind: z.literal('apply-mask'), layer: LayerId })

/** Copies a layer (with all below it) just above itself. */
export const DuplicateIntent = z.object({ kind: z.literal('duplicate'), layer: LayerId })

/** Composes a layer and the one below it into one; a group is composed into one raster layer. */
export const MergeDownIntent = z.object({ kind: z.literal('merge-down'), layer: LayerId })

/** Composes everything visible into one layer. */
export const FlattenIntent = z.object({ kind: z.literal('flatten') })

/** Cuts the canvas to a rectangle of the document; pixels outside are kept in their layers unless `discard`. */
export const CropIntent = z.object({ kind: z.literal('crop'), rect: Rect, discard: z.boolean() })

/** Gives the canvas another size; the present content keeps its place relative to the anchor (0, 0.5 or 1 on each axis). */
export const ResizeCanvasIntent = z.object({
  kind: z.literal('resize-canvas'),
  width: z.int().min(1).max(MAX_SIDE),
  height: z.int().min(1).max(MAX_SIDE),
  anchor: z.object({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) }),
})

/** Turns a candidate into a new layer with a mask. */
export const ApplyCandidateIntent = z.object({ kind: z.literal('apply-candidate'), candidate: CandidateId })

export const Intent = z.discriminatedUnion('kind', [
  StrokeIntent,
  SelectIntent,
  ModifySelectionIntent,
  ClearIntent,
  FillColourIntent,
  PasteIntent,
  LayerFromSelectionIntent,
  AddMaskIntent,
  InvertMaskIntent,
  ApplyMaskIntent,
  DuplicateIntent,
  MergeDownIntent,
  FlattenIntent,
  CropIntent,
  ResizeCanvasIntent,
  ApplyCandidateIntent,
])
export type Intent = Readonly<z.infer<typeof Intent>>
export type IntentOf<K extends Intent['kind']> = Extract<Intent, { kind: K }>
