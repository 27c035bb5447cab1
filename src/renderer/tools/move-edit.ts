/**
 * Moving a layer as an edit of the document: pure.
 *
 * Invariant: a group moves with all that is in it (its own offset moves only its mask), in one command; nothing moves
 * when anything that would have to is locked.
 */
import type { Change } from '../../shared/document/commands.ts'
import { type Document, type Layer, placeOf, subtreeOf } from '../../shared/document/model.ts'
import type { Point } from '../../shared/geometry.ts'
import type { LayerId } from '../../shared/ids.ts'
import type { BuildEdit } from '../editor/document-client.ts'

/** Moves a layer by whole pixels, from where it is then; nothing where it is gone or locked by then. */
export function moveEdit(id: LayerId, by: Point): BuildEdit {
  return (document) => {
    if (moveRefusal(document, id)) return null
    const changes = subtreeOf(document, id).map(
      (layer): Change => ({
        type: 'layer.set',
        v: 1,
        id: layer.id,
        before: { offset: layer.offset },
        after: { offset: { x: layer.offset.x + by.x, y: layer.offset.y + by.y } },
      }),
    )
    return { label: document.layers[id]?.kind === 'group' ? 'Move group' : 'Move layer', changes }
  }
}

/** Why the layer cannot be moved, in a sentence; null when it can. */
export function moveRefusal(document: Document, id: LayerId | null): string | null {
  const layer = id === null ? undefined : document.layers[id]
  if (!layer) return 'No layer is chosen; choose one in the layers panel to move it.'
  const locked = subtreeOf(document, layer.id).find((l) => l.locked)
  if (!locked) return null
  return locked.id === layer.id
    ? `“${layer.name}” is locked; unlock it to move it.`
    : `“${locked.name}” in “${layer.name}” is locked; unlock it to move the group.`
}

/** Layers that could be seen, the topmost first, each with the groups around it visible. */
export function layersFromTop(document: Document): readonly Layer[] {
  const result: Layer[] = []
  const visit = (ids: readonly LayerId[]) => {
    for (const id of ids.toReversed()) {
      const layer = document.layers[id]
      if (!layer?.visible || layer.opacity === 0) continue
      if (layer.kind === 'group') visit(layer.children)
      else result.push(layer)
    }
  }
  visit(document.root)
  return result
}

/** The layer itself and the groups around it, inmost first. */
export function lineage(document: Document, layer: Layer): readonly Layer[] {
  const parent = placeOf(document, layer.id)?.parent
  const group = parent == null ? undefined : document.layers[parent]
  return group ? [layer, ...lineage(document, group)] : [layer]
}
