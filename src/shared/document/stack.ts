/**
 * What takes part in composing a document, as the engine and the screen both walk it.
 *
 * Invariant: lists run from bottom to top and hold only what can show: hidden layers, layers of opacity 0, empty groups
 * and masks that are switched off are gone, and a pass-through group without opacity or mask is replaced by its
 * children, which is the same picture.
 */
import type { Point } from '../geometry.ts'
import type { LayerId } from '../ids.ts'
import type { TileMap } from '../tiles.ts'
import type { BlendMode, Document, Layer, LayerMask } from './model.ts'

export interface StackMask {
  readonly tiles: TileMap
  /** The mask's value, 0 or 255, where it has no tile. */
  readonly outside: number
}

interface StackBase {
  readonly id: LayerId
  readonly opacity: number
  readonly blendMode: BlendMode
  readonly offset: Point
  /** Null where there is no mask, or none that is switched on. */
  readonly mask: StackMask | null
}

export interface StackRaster extends StackBase {
  readonly kind: 'raster'
  readonly tiles: TileMap
}

export interface StackGroup extends StackBase {
  readonly kind: 'group'
  readonly passThrough: boolean
  readonly children: readonly StackEntry[]
}

export type StackEntry = StackRaster | StackGroup

/**
 * @param only when given, only these layers take part, a group among them with all it holds; groups around them keep
 * their opacity, mask and blend mode.
 */
export function stackOf(document: Document, only?: ReadonlySet<LayerId>): readonly StackEntry[] {
  return entriesOf(document, document.root, only)
}

function entriesOf(
  document: Document,
  ids: readonly LayerId[],
  only: ReadonlySet<LayerId> | undefined,
): StackEntry[] {
  return ids.flatMap((id) => {
    const layer = document.layers[id]
    return layer ? entryOf(document, layer, only?.has(id) ? undefined : only) : []
  })
}

function entryOf(document: Document, layer: Layer, only: ReadonlySet<LayerId> | undefined): StackEntry[] {
  if (!layer.visible || layer.opacity <= 0) return []
  const { id, opacity, blendMode, offset } = layer
  const base = { id, opacity, blendMode, offset, mask: activeMask(layer.mask) }
  if (layer.kind === 'raster') return only ? [] : [{ ...base, kind: 'raster', tiles: layer.tiles }]
  const children = entriesOf(document, layer.children, only)
  if (children.length === 0) return []
  if (layer.passThrough && opacity === 1 && !base.mask) return children
  return [{ ...base, kind: 'group', passThrough: layer.passThrough, children }]
}

function activeMask(mask: LayerMask | null): StackMask | null {
  return mask?.enabled ? { tiles: mask.tiles, outside: mask.outside } : null
}

/** An offset in whole pixels of a mipmap level, so that engine and screen move a layer alike. */
export function offsetAt(offset: Point, level: number): Point {
  const scale = 2 ** level
  return { x: Math.floor(offset.x / scale + 0.5), y: Math.floor(offset.y / scale + 0.5) }
}

/** Pixels along a document side at a mipmap level; the last one may reach beyond the canvas. */
export function sideAt(side: number, level: number): number {
  return Math.ceil(side / 2 ** level)
}
