/**
 * Commands: the entries of the history.
 *
 * Invariant: a command is a list of changes, and every change holds what was *before* and what is *after*, so that its
 * inverse needs no document. Pixels appear only as tile hashes, so undoing a stroke moves no pixels. One gesture makes
 * one command. A released change type and version is readable for ever (`upcast.ts`).
 */
import { z } from 'zod'
import { Point, Rect } from '../geometry.ts'
import { CommandId, LayerId, TileHash } from '../ids.ts'
import { TILE_KEY, type TileKey } from '../tiles.ts'
import { BlendMode, CanvasSize, Layer, LayerMask, LayerPlace } from './model.ts'

/** Tile coordinate to [before, after]; null is an empty tile. */
export type TileChanges = { readonly [key in TileKey]?: readonly [TileHash | null, TileHash | null] }
const TileChanges = z.record(
  z.string().regex(TILE_KEY),
  z.tuple([TileHash.nullable(), TileHash.nullable()]),
) as unknown as z.ZodType<TileChanges>

/** Puts a layer with all its descendants into the stack. `layers[0]` is the one that lands at the place. */
export const LayerInsert = z.object({
  type: z.literal('layer.insert'),
  v: z.literal(1),
  place: LayerPlace,
  layers: z.array(Layer).min(1).readonly(),
})

/** Takes a layer with all its descendants out: the mirror of an insert. */
export const LayerDelete = z.object({
  type: z.literal('layer.delete'),
  v: z.literal(1),
  place: LayerPlace,
  layers: z.array(Layer).min(1).readonly(),
})

/** Moves a layer in the stack; `after` is counted once the layer has been taken out. */
export const LayerMove = z.object({
  type: z.literal('layer.move'),
  v: z.literal(1),
  id: LayerId,
  before: LayerPlace,
  after: LayerPlace,
})

export const LayerProperties = z
  .object({
    name: z.string().max(200),
    visible: z.boolean(),
    locked: z.boolean(),
    opacity: z.number().min(0).max(1),
    blendMode: BlendMode,
    passThrough: z.boolean(),
    offset: Point,
    mask: LayerMask.nullable(),
  })
  .partial()
  .readonly()
export type LayerProperties = z.infer<typeof LayerProperties>

/** Sets properties of a layer; `before` and `after` have the same keys. */
export const LayerSet = z.object({
  type: z.literal('layer.set'),
  v: z.literal(1),
  id: LayerId,
  before: LayerProperties,
  after: LayerProperties,
})

/** Replaces tiles of a raster layer's pixels or of any layer's mask. */
export const PixelsPatch = z.object({
  type: z.literal('pixels.patch'),
  v: z.literal(1),
  id: LayerId,
  plane: z.enum(['pixels', 'mask']),
  tiles: TileChanges,
})

/** Replaces the selection: its tiles by difference, its bounds whole (null is "nothing selected"). */
export const SelectionPatch = z.object({
  type: z.literal('selection.patch'),
  v: z.literal(1),
  before: Rect.nullable(),
  after: Rect.nullable(),
  tiles: TileChanges,
})

export const CanvasSet = z.object({
  type: z.literal('canvas.set'),
  v: z.literal(1),
  before: CanvasSize,
  after: CanvasSize,
})

export const Change = z.discriminatedUnion('type', [
  LayerInsert,
  LayerDelete,
  LayerMove,
  LayerSet,
  PixelsPatch,
  SelectionPatch,
  CanvasSet,
])
export type Change = Readonly<z.infer<typeof Change>>
export type ChangeOf<T extends Change['type']> = Extract<Change, { type: T }>

export const Command = z
  .object({
    id: CommandId,
    /** What the history panel says: "Brush stroke", "Rename layer". */
    label: z.string().min(1).max(200),
    /** The action or tool that made it; chooses the icon: "brush", "layer", "remove". */
    origin: z.string().regex(/^[a-z][a-z-]{0,31}$/),
    changes: z.array(Change).min(1).readonly(),
  })
  .readonly()
export interface Command {
  readonly id: CommandId
  readonly label: string
  readonly origin: string
  readonly changes: readonly Change[]
}
