/**
 * Builders of structure edits: from a document and a wish to the changes that fulfil it.
 *
 * Invariant: pure. A builder returns null when the wish makes no sense on this document (nothing above to move over, a
 * locked layer, a name that is the same); otherwise `apply` accepts its changes on the document it was given.
 */
import type { Change, LayerProperties } from '../../shared/document/commands.ts'
import {
  childrenOf,
  type Document,
  type GroupLayer,
  LAYER_DEFAULTS,
  type Layer,
  type LayerPlace,
  placeOf,
  subtreeOf,
} from '../../shared/document/model.ts'
import { LayerId } from '../../shared/ids.ts'
import { type NamedChanges, newId } from './document-client.ts'

export interface Edit extends NamedChanges {
  /** The layer to work on afterwards, where the edit suggests one. */
  readonly active?: LayerId
}

/** An empty layer above `above` (inside it at the top when that is a group), or at the top of the stack. */
export function newLayer(document: Document, above: LayerId | null, id = freshId()): Edit {
  const layer: Layer = {
    kind: 'raster',
    id,
    name: freeName(document, 'Layer'),
    ...LAYER_DEFAULTS,
    tiles: {},
    request: null,
  }
  return {
    label: 'New layer',
    active: id,
    changes: [{ type: 'layer.insert', v: 1, place: placeAbove(document, above), layers: [layer] }],
  }
}

/** Puts a layer into a new group in its place; an empty group at the top where there is no layer. */
export function groupLayer(document: Document, id: LayerId | null, groupId = freshId()): Edit | null {
  const group: GroupLayer = {
    kind: 'group',
    id: groupId,
    name: freeName(document, 'Group'),
    ...LAYER_DEFAULTS,
    children: [],
    passThrough: true,
  }
  const insertAt = (place: LayerPlace): Change => ({ type: 'layer.insert', v: 1, place, layers: [group] })
  if (id === null) {
    return {
      label: 'New group',
      active: groupId,
      changes: [insertAt({ parent: null, index: document.root.length })],
    }
  }
  const place = placeOf(document, id)
  if (!place || isFixed(document, id)) return null
  return {
    label: 'Group layer',
    active: groupId,
    changes: [
      insertAt({ parent: place.parent, index: place.index + 1 }),
      { type: 'layer.move', v: 1, id, before: place, after: { parent: groupId, index: 0 } },
    ],
  }
}

/** Takes the children out of a group, in their order, and drops the group with its mask and opacity. */
export function ungroup(document: Document, id: LayerId): Edit | null {
  const group = document.layers[id]
  const place = placeOf(document, id)
  if (group?.kind !== 'group' || !place || isFixed(document, id)) return null
  const moves = group.children.map(
    (child, i): Change => ({
      type: 'layer.move',
      v: 1,
      id: child,
      before: { parent: id, index: 0 },
      after: { parent: place.parent, index: place.index + i },
    }),
  )
  const top = group.children.at(-1)
  return {
    label: 'Ungroup',
    ...(top ? { active: top } : {}),
    changes: [
      ...moves,
      {
        type: 'layer.delete',
        v: 1,
        place: { parent: place.parent, index: place.index + group.children.length },
        layers: [{ ...group, children: [] }],
      },
    ],
  }
}

export function deleteLayer(document: Document, id: LayerId): Edit | null {
  const place = placeOf(document, id)
  if (!place || isFixed(document, id)) return null
  const siblings = childrenOf(document, place.parent) ?? []
  const next = siblings[place.index - 1] ?? siblings[place.index + 1] ?? place.parent
  const layers = subtreeOf(document, id)
  return {
    label: layers.length > 1 ? 'Delete group' : 'Delete layer',
    ...(next ? { active: next } : {}),
    changes: [{ type: 'layer.delete', v: 1, place, layers }],
  }
}

/** Sets properties of one layer; null when it has those values already. */
export function setProperties(
  document: Document,
  id: LayerId,
  after: LayerProperties,
  label: string,
): Edit | null {
  const layer = document.layers[id]
  if (!layer) return null
  const current = layer as unknown as Record<string, unknown>
  const changed = Object.entries(after).filter(([key, value]) => current[key] !== value)
  if (changed.length === 0) return null
  const before = Object.fromEntries(changed.map(([key]) => [key, current[key]])) as LayerProperties
  const set = Object.fromEntries(changed) as LayerProperties
  return { label, changes: [{ type: 'layer.set', v: 1, id, before, after: set }] }
}

export function rename(document: Document, id: LayerId, name: string): Edit | null {
  const trimmed = name.trim().slice(0, 200)
  return trimmed === '' ? null : setProperties(document, id, { name: trimmed }, 'Rename layer')
}

/** Moves a layer to a place, which is counted once the layer has been taken out. */
export function moveTo(document: Document, id: LayerId, after: LayerPlace): Edit | null {
  const before = placeOf(document, id)
  if (!before || isFixed(document, id)) return null
  if (before.parent === after.parent && before.index === after.index) return null
  if (after.parent !== null && subtreeOf(document, id).some((layer) => layer.id === after.parent)) return null
  const target = after.parent === null ? null : document.layers[after.parent]
  if (target !== null && (target?.kind !== 'group' || target.locked)) return null
  return { label: 'Move layer', changes: [{ type: 'layer.move', v: 1, id, before, after }] }
}

/**
 * One step up (+1) or down (-1) in the stack as the panel lists it: past a layer, into a neighbouring group that is
 * open, or out of the group at its end.
 */
export function step(document: Document, id: LayerId, by: 1 | -1, folded: ReadonlySet<LayerId>): Edit | null {
  const place = placeOf(document, id)
  if (!place) return null
  const neighbour = childrenOf(document, place.parent)?.[place.index + by]
  if (neighbour === undefined) {
    const parent = place.parent === null ? undefined : placeOf(document, place.parent)
    if (!parent) return null
    return moveTo(document, id, { parent: parent.parent, index: by > 0 ? parent.index + 1 : parent.index })
  }
  const layer = document.layers[neighbour]
  if (layer?.kind === 'group' && !layer.locked && !folded.has(neighbour)) {
    return moveTo(document, id, { parent: neighbour, index: by > 0 ? 0 : layer.children.length })
  }
  return moveTo(document, id, { parent: place.parent, index: place.index + by })
}

/** Shows one layer alone (with what it hangs in and what it holds); shows all again when it is alone already. */
export function solo(document: Document, id: LayerId): Edit | null {
  const kept = new Set<LayerId>([...ancestorsOf(document, id), ...subtreeOf(document, id).map((l) => l.id)])
  const others = (Object.values(document.layers) as Layer[]).filter((layer) => !kept.has(layer.id))
  const alone = others.every((layer) => !layer.visible)
  const path = [...ancestorsOf(document, id), id]
  const wish: [LayerId, boolean][] = [
    ...others.map((layer): [LayerId, boolean] => [layer.id, alone]),
    ...path.map((each): [LayerId, boolean] => [each, true]),
  ]
  const label = alone ? 'Show all layers' : 'Show only this layer'
  const changes = wish.flatMap(
    ([each, visible]) => setProperties(document, each, { visible }, label)?.changes ?? [],
  )
  return changes.length > 0 ? { label, changes } : null
}

/** Where a new layer goes: above the given one, or at the top inside it when it is an unlocked group. */
function placeAbove(document: Document, above: LayerId | null): LayerPlace {
  const layer = above === null ? undefined : document.layers[above]
  const place = above === null ? undefined : placeOf(document, above)
  if (!layer || !place) return { parent: null, index: document.root.length }
  if (layer.kind === 'group' && !layer.locked) return { parent: layer.id, index: layer.children.length }
  return { parent: place.parent, index: place.index + 1 }
}

/** The groups a layer hangs in, nearest first. */
export function ancestorsOf(document: Document, id: LayerId): LayerId[] {
  const parent = placeOf(document, id)?.parent ?? null
  return parent === null ? [] : [parent, ...ancestorsOf(document, parent)]
}

/** A locked layer keeps its place, and so does a group that holds one or hangs in one. */
export function isFixed(document: Document, id: LayerId): boolean {
  return (
    subtreeOf(document, id).some((layer) => layer.locked) ||
    ancestorsOf(document, id).some((each) => document.layers[each]?.locked)
  )
}

/** "Layer 3": the first number no layer has yet. */
function freeName(document: Document, word: string): string {
  const names = new Set((Object.values(document.layers) as Layer[]).map((layer) => layer.name))
  let n = 1
  while (names.has(`${word} ${n}`)) n++
  return `${word} ${n}`
}

function freshId(): LayerId {
  return LayerId.parse(newId())
}
