/**
 * Locked layers.
 *
 * Invariant: a locked layer, or one inside a locked group, keeps its pixels, its mask and its place (its offset, and
 * where it hangs). Name, visibility, opacity, blend mode and the lock itself stay free. Undo and redo are not asked:
 * they lead back to what was allowed then.
 */
import { apply } from '../../../shared/document/apply.ts'
import type { Change, Command } from '../../../shared/document/commands.ts'
import { type Document, placeOf, subtreeOf } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { LayerId } from '../../../shared/ids.ts'

/** @throws InlayError `document.conflict` naming the locked layer a command would change. */
export function refuseLocked(document: Document, command: Pick<Command, 'changes'>): void {
  let now = document
  for (const change of command.changes) {
    for (const id of touchedBy(change, now)) refuseLockedLayer(now, id)
    now = apply(now, { changes: [change] })
  }
}

/** @throws InlayError `document.conflict` when a layer or a group around it is locked. */
export function refuseLockedLayer(document: Document, id: LayerId): void {
  for (let at: LayerId | null = id; at; at = placeOf(document, at)?.parent ?? null) {
    const layer = document.layers[at]
    if (layer?.locked)
      throw new InlayError('document.conflict', `The layer "${layer.name}" is locked. Unlock it first.`)
  }
}

/** The layers whose pixels, mask or place a change would alter. */
function touchedBy(change: Change, document: Document): readonly LayerId[] {
  switch (change.type) {
    case 'layer.insert':
      return change.place.parent ? [change.place.parent] : []
    case 'layer.delete':
      return change.layers[0] ? subtreeOf(document, change.layers[0].id).map((layer) => layer.id) : []
    case 'layer.move':
      return change.after.parent ? [change.id, change.after.parent] : [change.id]
    case 'layer.set':
      return 'offset' in change.after || 'mask' in change.after ? [change.id] : []
    case 'pixels.patch':
      return [change.id]
    case 'selection.patch':
    case 'canvas.set':
      return []
  }
}
