/**
 * Finding layers and places for edits, with a sentence for every "no".
 *
 * Invariant: pure; a function that returns has found what it was asked for.
 */
import type { Change } from '../../../../shared/document/commands.ts'
import {
  type Document,
  LAYER_DEFAULTS,
  type Layer,
  type LayerMask,
  type LayerPlace,
  placeOf,
  type RasterLayer,
} from '../../../../shared/document/model.ts'
import { InlayError } from '../../../../shared/errors.ts'
import type { LayerId } from '../../../../shared/ids.ts'
import type { TileMap } from '../../../../shared/tiles.ts'
import { refuseLockedLayer } from '../locked.ts'

export function conflict(message: string): InlayError {
  return new InlayError('document.conflict', message)
}

/** @throws InlayError `document.conflict` when the layer is gone */
export function layerOf(document: Document, id: LayerId): Layer {
  const layer = document.layers[id]
  if (!layer) throw conflict('The layer is no longer there. Choose another one.')
  return layer
}

/** A raster layer that may be changed. @throws InlayError `document.conflict` for a group or a locked layer */
export function editableRaster(document: Document, id: LayerId): RasterLayer {
  const layer = layerOf(document, id)
  if (layer.kind === 'group')
    throw conflict(`"${layer.name}" is a group and has no pixels of its own. Choose a layer in it.`)
  refuseLockedLayer(document, id)
  return layer
}

/** A mask that may be changed. @throws InlayError `document.conflict` without a mask or for a locked layer */
export function editableMask(document: Document, id: LayerId): { layer: Layer; mask: LayerMask } {
  const layer = layerOf(document, id)
  if (!layer.mask) throw conflict(`The layer "${layer.name}" has no mask. Add one first.`)
  refuseLockedLayer(document, id)
  return { layer, mask: layer.mask }
}

/** Where a layer hangs. @throws InlayError `document.conflict` when it is gone */
export function placeOfLayer(document: Document, id: LayerId): LayerPlace {
  const place = placeOf(document, id)
  if (!place) throw conflict('The layer is no longer there. Choose another one.')
  return place
}

/** Just above a layer; at the top inside it when it is an open group; at the top of the stack for null. */
export function placeAbove(document: Document, above: LayerId | null): LayerPlace {
  if (above === null || !document.layers[above]) return { parent: null, index: document.root.length }
  const layer = layerOf(document, above)
  if (layer.kind === 'group' && !layer.locked) return { parent: above, index: layer.children.length }
  const place = placeOfLayer(document, above)
  return { parent: place.parent, index: place.index + 1 }
}

/** The change that puts layers into the stack. @throws InlayError `document.conflict` when the group there is locked */
export function insertion(document: Document, place: LayerPlace, layers: readonly Layer[]): Change {
  if (place.parent !== null) refuseLockedLayer(document, place.parent)
  return { type: 'layer.insert', v: 1, place, layers: [...layers] }
}

export function newRaster(
  id: LayerId,
  name: string,
  tiles: TileMap,
  properties: Partial<RasterLayer> = {},
): RasterLayer {
  return { ...LAYER_DEFAULTS, kind: 'raster', id, name, tiles, request: null, ...properties }
}

/** The name itself, or with the lowest number behind it that no layer has yet. */
export function freeName(document: Document, name: string): string {
  const taken = new Set((Object.values(document.layers) as Layer[]).map((layer) => layer.name))
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name} ${number}`
  return free
}
