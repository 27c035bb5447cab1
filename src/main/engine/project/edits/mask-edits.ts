/**
 * Adding, inverting and applying layer masks.
 *
 * Invariant: a mask's tiles lie on its layer's own grid; where it has none it has the value `outside`.
 */

import type { Change } from '../../../../shared/document/commands.ts'
import type { LayerMask } from '../../../../shared/document/model.ts'
import type { LayerId } from '../../../../shared/ids.ts'
import type { IntentOf } from '../../../../shared/intents.ts'
import { parseTileKey, tileEntries, tileKey } from '../../../../shared/tiles.ts'
import { writeMaskTiles } from '../../imaging/mask-tiles.ts'
import { refuseLockedLayer } from '../locked.ts'
import type { Edit, EditWork } from './context.ts'
import { conflict, editableMask, editableRaster, layerOf } from './layers.ts'
import { fromLayer, selectionSource } from './limits.ts'
import { type OpenTileMap, patchChange, selectionChange } from './tile-changes.ts'

/** A mask made from the selection takes its place: nothing is selected afterwards. */
export async function addMask(work: EditWork, { layer: id, from }: IntentOf<'add-mask'>): Promise<Edit> {
  const { document, tiles, pace } = work
  const layer = layerOf(document, id)
  refuseLockedLayer(document, id)
  if (layer.mask) throw conflict(`The layer "${layer.name}" has a mask already. Delete it first.`)
  if (from !== 'selection') {
    const mask: LayerMask = { tiles: {}, outside: from === 'reveal-all' ? 255 : 0, enabled: true }
    return { label: 'Add layer mask', origin: 'mask', changes: [setMask(id, null, mask)] }
  }
  const selected = selectionSource(document, tiles)
  if (!selected) throw conflict('Nothing is selected. Select what the mask shall show first.')
  const written = await writeMaskTiles(fromLayer(selected, layer.offset), tiles, pace)
  const mask: LayerMask = { tiles: written.tiles, outside: 0, enabled: true }
  return {
    label: 'Layer mask from selection',
    origin: 'mask',
    changes: [setMask(id, null, mask), ...selectionChange(document, null)],
  }
}

export async function invertMask(work: EditWork, { layer: id }: IntentOf<'invert-mask'>): Promise<Edit> {
  const { tiles, pace } = work
  const { mask } = editableMask(work.document, id)
  const outside = mask.outside === 255 ? 0 : 255
  const inverted: OpenTileMap = {}
  for (const [key, hash] of tileEntries(mask.tiles)) {
    if (pace.due()) await pace.rest()
    const written = tiles.write(
      'gray8',
      tiles.read(hash).map((value) => 255 - value),
      outside,
    )
    if (written) inverted[key] = written
  }
  const after: LayerMask = { ...mask, tiles: inverted, outside }
  return { label: 'Invert mask', origin: 'mask', changes: [setMask(id, mask, after)] }
}

/** Multiplies the mask into alpha, even one that is switched off, and drops it. */
export async function applyMask(work: EditWork, { layer: id }: IntentOf<'apply-mask'>): Promise<Edit> {
  const { document, tiles, pace } = work
  const { mask } = editableMask(document, id)
  if (document.layers[id]?.kind === 'group')
    throw conflict("A group's mask cannot be applied. Merge the group into one layer first.")
  const layer = editableRaster(document, id)
  const after: OpenTileMap = {}
  for (const [key, hash] of tileEntries(layer.tiles)) {
    if (pace.due()) await pace.rest()
    const { tx, ty } = parseTileKey(key)
    const maskHash = mask.tiles[tileKey(tx, ty)]
    if (!maskHash && mask.outside === 0) continue
    if (!maskHash) {
      after[key] = hash
      continue
    }
    const written = tiles.write('rgba8', multiplyAlpha(tiles.read(hash), tiles.read(maskHash)))
    if (written) after[key] = written
  }
  return {
    label: 'Apply layer mask',
    origin: 'mask',
    changes: [...patchChange(id, 'pixels', layer.tiles, after), setMask(id, mask, null)],
  }
}

function multiplyAlpha(rgba: Uint8Array, mask: Uint8Array): Uint8Array {
  const out = rgba.slice()
  for (let i = 0; i < mask.length; i++) out[4 * i + 3] = Math.floor((out[4 * i + 3]! * mask[i]!) / 255 + 0.5)
  return out
}

function setMask(id: LayerId, before: LayerMask | null, after: LayerMask | null): Change {
  return { type: 'layer.set', v: 1, id, before: { mask: before }, after: { mask: after } }
}
