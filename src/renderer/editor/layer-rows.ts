/**
 * The layer tree as the list a person sees: top of the stack first, children below their group, indented.
 *
 * Invariant: pure. A drop place is counted once the dragged layer has been taken out, as `layer.move` wants it.
 */
import type { Document, Layer, LayerPlace } from '../../shared/document/model.ts'
import { childrenOf, placeOf, subtreeOf } from '../../shared/document/model.ts'
import type { LayerId } from '../../shared/ids.ts'

export interface LayerRow {
  readonly layer: Layer
  readonly depth: number
  /** 1-based place among its siblings as listed, and how many they are: for screen readers. */
  readonly position: number
  readonly siblings: number
  readonly folded: boolean
  /** Hidden itself or by a group around it. */
  readonly shown: boolean
}

export function layerRows(document: Document, folded: ReadonlySet<LayerId>): LayerRow[] {
  const rows: LayerRow[] = []
  const list = (children: readonly LayerId[], depth: number, shown: boolean) => {
    for (let i = children.length - 1; i >= 0; i--) {
      const layer = document.layers[children[i]!]
      if (!layer) continue
      const isFolded = layer.kind === 'group' && folded.has(layer.id)
      rows.push({
        layer,
        depth,
        position: children.length - i,
        siblings: children.length,
        folded: isFolded,
        shown: shown && layer.visible,
      })
      if (layer.kind === 'group' && !isFolded) list(layer.children, depth + 1, shown && layer.visible)
    }
  }
  list(document.root, 0, true)
  return rows
}

export interface DropTarget {
  readonly place: LayerPlace
  /** Index of the row whose upper edge the line marks; `rows.length` is below the last. */
  readonly line: number
  readonly depth: number
  /** The group the layer would go into, to be highlighted instead of a line. */
  readonly into: LayerId | null
}

/**
 * Where a dragged layer would land.
 * @param at pointer height in rows: 2.25 is a quarter down the third row
 * @param depth the indentation the pointer suggests, for leaving groups below their last child
 */
export function dropTarget(
  document: Document,
  rows: readonly LayerRow[],
  dragged: LayerId,
  at: number,
  depth: number,
): DropTarget | null {
  const moved = new Set(subtreeOf(document, dragged).map((layer) => layer.id))
  const index = Math.min(rows.length - 1, Math.max(0, Math.floor(at)))
  const row = rows[index]
  if (!row || moved.has(row.layer.id)) return null
  const part = at - index
  if (row.layer.kind === 'group' && part > 0.3 && part < 0.7) {
    return finish(
      document,
      dragged,
      row.layer.id,
      row.layer.children.length,
      index,
      row.depth + 1,
      row.layer.id,
    )
  }
  if (part < 0.5) {
    const place = placeOf(document, row.layer.id)
    return place ? finish(document, dragged, place.parent, place.index + 1, index, row.depth, null) : null
  }
  if (row.layer.kind === 'group' && !row.folded) {
    const { children } = row.layer
    return finish(document, dragged, row.layer.id, children.length, index + 1, row.depth + 1, null)
  }
  return below(document, dragged, row, rows[index + 1], index + 1, depth)
}

/** Below a row: beside it, or further out when it is the last of its group and the pointer is further left. */
function below(
  document: Document,
  dragged: LayerId,
  row: LayerRow,
  next: LayerRow | undefined,
  line: number,
  depth: number,
): DropTarget | null {
  const least = next?.depth ?? 0
  let id = row.layer.id
  let level = row.depth
  let place = placeOf(document, id)
  while (place && level > Math.max(least, depth) && place.parent !== null) {
    id = place.parent
    level--
    place = placeOf(document, id)
  }
  return place ? finish(document, dragged, place.parent, place.index, line, level, null) : null
}

function finish(
  document: Document,
  dragged: LayerId,
  parent: LayerId | null,
  index: number,
  line: number,
  depth: number,
  into: LayerId | null,
): DropTarget | null {
  if (parent !== null && document.layers[parent]?.locked) return null
  const own = (childrenOf(document, parent) ?? []).indexOf(dragged)
  const counted = own >= 0 && own < index ? index - 1 : index
  return { place: { parent, index: counted }, line, depth, into }
}
