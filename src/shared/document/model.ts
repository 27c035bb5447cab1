/**
 * The document: an immutable tree of layers. It is what undo and redo move through and what a project file keeps.
 *
 * Invariant: plain readonly JSON without pixels; a raster layer holds a map from tile coordinate to tile hash. Every id
 * in `root` and in a group's `children` is in `layers` exactly once, and nothing else is. Lists run from the bottom of
 * the stack to its top. A change makes a new document that shares all it did not touch.
 */
import { z } from 'zod'
import { Point, Rect } from '../geometry.ts'
import { BlobHash, CandidateId, LayerId } from '../ids.ts'
import { MAX_PIXELS, MAX_SIDE } from '../pixels.ts'
import { TileMap } from '../tiles.ts'

/** The W3C blend modes ("Compositing and Blending Level 1"), and pass-through for groups. */
export const BLEND_MODES = [
  'normal',
  'multiply',
  'screen',
  'overlay',
  'darken',
  'lighten',
  'color-dodge',
  'color-burn',
  'hard-light',
  'soft-light',
  'difference',
  'exclusion',
  'hue',
  'saturation',
  'color',
  'luminosity',
] as const
export const BlendMode = z.enum(BLEND_MODES)
export type BlendMode = z.infer<typeof BlendMode>

/**
 * Hides parts of a layer. Its tiles are gray8 in the layer's own coordinates (the layer's offset moves both);
 * where it has no tile every pixel has the value `outside`.
 */
export const LayerMask = z
  .object({ tiles: TileMap, outside: z.union([z.literal(0), z.literal(255)]), enabled: z.boolean() })
  .readonly()
export type LayerMask = z.infer<typeof LayerMask>

const layerBase = {
  id: LayerId,
  name: z.string().max(200),
  visible: z.boolean(),
  /** A locked layer refuses every change of its pixels, its mask and its place. */
  locked: z.boolean(),
  opacity: z.number().min(0).max(1),
  blendMode: BlendMode,
  /** Where the layer-local pixel (0, 0) lies in the document. For a group it moves the group's mask only. */
  offset: Point,
  mask: LayerMask.nullable(),
}

export const RasterLayer = z
  .object({
    kind: z.literal('raster'),
    ...layerBase,
    /** rgba8 tiles in layer-local coordinates. */
    tiles: TileMap,
    /** The recorded request this layer came from, if a removal or a generation made it. */
    request: CandidateId.nullable(),
  })
  .readonly()
export type RasterLayer = z.infer<typeof RasterLayer>

export const GroupLayer = z
  .object({
    kind: z.literal('group'),
    ...layerBase,
    children: z.array(LayerId).readonly(),
    /** Children blend straight into what lies below the group; its own blend mode is then not used. */
    passThrough: z.boolean(),
  })
  .readonly()
export type GroupLayer = z.infer<typeof GroupLayer>

export const Layer = z.discriminatedUnion('kind', [RasterLayer.unwrap(), GroupLayer.unwrap()])
export type Layer = RasterLayer | GroupLayer

/** Which pixels an edit may touch, and the hole for Remove: gray8 tiles in document coordinates, 0 where there is none. */
export const Selection = z.object({ tiles: TileMap, bounds: Rect }).readonly()
export type Selection = z.infer<typeof Selection>

/** The RGB colour space of the numbers. Untagged pictures have no hash and are taken for sRGB. */
export const ColourProfile = z.object({ name: z.string().max(200), hash: BlobHash.nullable() }).readonly()
export type ColourProfile = z.infer<typeof ColourProfile>

export const CanvasSize = z
  .object({ width: z.int().min(1).max(MAX_SIDE), height: z.int().min(1).max(MAX_SIDE) })
  .refine(({ width, height }) => width * height <= MAX_PIXELS)
  .readonly()
export type CanvasSize = z.infer<typeof CanvasSize>

export const Document = z
  .object({
    canvas: CanvasSize,
    profile: ColourProfile,
    root: z.array(LayerId).readonly(),
    layers: z.record(z.string(), Layer).readonly(),
    selection: Selection.nullable(),
  })
  .readonly()
export interface Document {
  readonly canvas: CanvasSize
  readonly profile: ColourProfile
  readonly root: readonly LayerId[]
  readonly layers: Readonly<Record<LayerId, Layer>>
  readonly selection: Selection | null
}

/** A canvas with nothing on it, where every project's history begins. */
export function emptyDocument(canvas: CanvasSize, profile: ColourProfile): Document {
  return { canvas, profile, root: [], layers: {}, selection: null }
}

/** What every new layer starts with. */
export const LAYER_DEFAULTS = {
  visible: true,
  locked: false,
  opacity: 1,
  blendMode: 'normal',
  offset: { x: 0, y: 0 },
  mask: null,
} as const satisfies Partial<Layer>

/** The ids in a group, or at the root for null; undefined when there is no such group. */
export function childrenOf(document: Document, parent: LayerId | null): readonly LayerId[] | undefined {
  if (parent === null) return document.root
  const group = document.layers[parent]
  return group?.kind === 'group' ? group.children : undefined
}

/** Where a layer hangs; undefined when the document has no such layer. */
export function placeOf(document: Document, id: LayerId): LayerPlace | undefined {
  const parents: (LayerId | null)[] = [null]
  for (const layer of Object.values(document.layers) as Layer[])
    if (layer.kind === 'group') parents.push(layer.id)
  for (const parent of parents) {
    const index = childrenOf(document, parent)?.indexOf(id) ?? -1
    if (index >= 0) return { parent, index }
  }
  return undefined
}

/** A layer and all below it in the tree, the layer itself first. */
export function subtreeOf(document: Document, id: LayerId): Layer[] {
  const layer = document.layers[id]
  if (!layer) return []
  if (layer.kind === 'raster') return [layer]
  return [layer, ...layer.children.flatMap((child) => subtreeOf(document, child))]
}

/** A place in the stack: index 0 is the bottom. */
export const LayerPlace = z
  .object({ parent: LayerId.nullable(), index: z.int().min(0).max(100_000) })
  .readonly()
export type LayerPlace = z.infer<typeof LayerPlace>
