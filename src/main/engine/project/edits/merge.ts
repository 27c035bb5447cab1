/**
 * Merging layers: down into the one below, a group into one layer, all into one.
 *
 * Invariant: what is merged is composed by the one compositor. Flattening changes no byte of the picture. Merging keeps
 * it within 1/255 where pixels can say it: with normal blending, or where the lower layer is opaque or has nothing below
 * it; elsewhere a blend mode meant for what lies below both acts on the lower layer alone, as in other editors.
 */
import type { Change } from '../../../../shared/document/commands.ts'
import {
  childrenOf,
  type GroupLayer,
  type Layer,
  type RasterLayer,
  subtreeOf,
} from '../../../../shared/document/model.ts'
import { intersect, isEmpty, ORIGIN, translate, union } from '../../../../shared/geometry.ts'
import type { IntentOf } from '../../../../shared/intents.ts'
import { tileKey, tileMapBounds, tileRect } from '../../../../shared/tiles.ts'
import { refuseLockedLayer } from '../locked.ts'
import type { Edit, EditWork } from './context.ts'
import { bare, composeTile, contentBounds, isolated } from './isolate.ts'
import { conflict, editableRaster, layerOf, newRaster, placeOfLayer } from './layers.ts'
import { canvasRect } from './limits.ts'
import { makeTiles, patchChange } from './tile-changes.ts'

export async function mergeDown(work: EditWork, { layer: id }: IntentOf<'merge-down'>): Promise<Edit> {
  const layer = layerOf(work.document, id)
  refuseLockedLayer(work.document, id)
  return layer.kind === 'group' ? mergeGroup(work, layer) : mergeOnto(work, layer)
}

/** Composes a layer onto the one below, which keeps its id, name, blend mode and place. */
async function mergeOnto(work: EditWork, upper: RasterLayer): Promise<Edit> {
  const { document, tiles, pace } = work
  const place = placeOfLayer(document, upper.id)
  const lowerId = childrenOf(document, place.parent)?.[place.index - 1]
  if (lowerId === undefined) throw conflict('There is no layer below to merge into.')
  if (layerOf(document, lowerId).kind === 'group')
    throw conflict(`"${layerOf(document, lowerId).name}" below is a group. Merge it into one layer first.`)
  const lower = editableRaster(document, lowerId)
  for (const layer of [upper, lower]) if (!layer.visible) throw hidden(layer)
  const pair = isolated(document, [{ ...lower, blendMode: 'normal' }, upper])
  const { offset } = lower
  const above = tileMapBounds(upper.tiles, { x: upper.offset.x - offset.x, y: upper.offset.y - offset.y })
  const plain = lower.opacity === 1 && !lower.mask
  const bounds = union(above, tileMapBounds(lower.tiles, ORIGIN))
  const merged = await makeTiles(bounds, tiles, pace, (tx, ty) =>
    plain && isEmpty(intersect(above, tileRect(tx, ty)))
      ? (lower.tiles[tileKey(tx, ty)] ?? null)
      : composeTile(pair, tiles, tx, ty, offset),
  )
  const settle: Change[] = plain
    ? []
    : [
        {
          type: 'layer.set',
          v: 1,
          id: lowerId,
          before: { opacity: lower.opacity, mask: lower.mask },
          after: { opacity: 1, mask: null },
        },
      ]
  return {
    label: 'Merge down',
    origin: 'layer',
    changes: [
      { type: 'layer.delete', v: 1, place, layers: [upper] },
      ...patchChange(lowerId, 'pixels', lower.tiles, merged),
      ...settle,
    ],
  }
}

/** Composes a group's children into one layer in its place, with the group's name, opacity, blend mode and mask. */
async function mergeGroup(work: EditWork, group: GroupLayer): Promise<Edit> {
  const { document, tiles, pace } = work
  const layers = subtreeOf(document, group.id)
  for (const layer of layers) refuseLockedLayer(document, layer.id)
  const alone = isolated(document, [bare(group)])
  const { name, visible, opacity, mask, offset } = group
  const bounds = translate(contentBounds(document, group.id), { x: -offset.x, y: -offset.y })
  const merged = await makeTiles(bounds, tiles, pace, (tx, ty) => composeTile(alone, tiles, tx, ty, offset))
  const blendMode = group.passThrough ? 'normal' : group.blendMode
  const layer = newRaster(work.newLayerId(), name, merged, { visible, opacity, mask, offset, blendMode })
  const place = placeOfLayer(document, group.id)
  return {
    label: 'Merge group',
    origin: 'layer',
    changes: [
      { type: 'layer.delete', v: 1, place, layers },
      { type: 'layer.insert', v: 1, place, layers: [layer] },
    ],
  }
}

/** Composes all that shows on the canvas into one layer; what is hidden or outside the canvas is dropped. */
export async function flatten(work: EditWork): Promise<Edit | null> {
  const { document, tiles, pace } = work
  if (document.root.length === 0) return null
  const canvas = canvasRect(document)
  for (const layer of Object.values(document.layers) as Layer[]) refuseLockedLayer(document, layer.id)
  const flat = await makeTiles(canvas, tiles, pace, (tx, ty) => {
    const square = tileRect(tx, ty)
    const inside = intersect(square, canvas)
    const pixels = composeTile(document, tiles, tx, ty, ORIGIN)
    return inside.width === square.width && inside.height === square.height
      ? pixels
      : cutToCorner(pixels, inside.width, inside.height)
  })
  const removals = document.root
    .map(
      (id, index): Change => ({
        type: 'layer.delete',
        v: 1,
        place: { parent: null, index },
        layers: subtreeOf(document, id),
      }),
    )
    .reverse()
  const layer = newRaster(work.newLayerId(), 'Background', flat)
  return {
    label: 'Flatten',
    origin: 'layer',
    changes: [
      ...removals,
      { type: 'layer.insert', v: 1, place: { parent: null, index: 0 }, layers: [layer] },
    ],
  }
}

/** A tile of which only the top left width x height pixels are kept. */
function cutToCorner(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(pixels.length)
  const stride = Math.sqrt(pixels.length / 4) * 4
  for (let y = 0; y < height; y++) out.set(pixels.subarray(y * stride, y * stride + width * 4), y * stride)
  return out
}

function hidden(layer: Layer): Error {
  return conflict(`The layer "${layer.name}" is hidden. Show it first, or delete it.`)
}
