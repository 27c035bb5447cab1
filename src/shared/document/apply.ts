/**
 * Applying and inverting commands: pure functions, the same in the renderer and in the engine.
 *
 * Invariant (law 3): `apply(apply(d, c), invert(c))` equals `d`, and replaying a log gives the document it was made
 * with. A change whose *before* does not match the document is refused with `document.conflict`: nothing is guessed.
 */
import { InlayError } from '../errors.ts'
import type { LayerId } from '../ids.ts'
import { type TileKey, type TileMap, tileEntries } from '../tiles.ts'
import type { Change, ChangeOf, Command, TileChanges } from './commands.ts'
import {
  childrenOf,
  type Document,
  type GroupLayer,
  type Layer,
  type LayerPlace,
  placeOf,
  subtreeOf,
} from './model.ts'

export function apply(document: Document, command: Pick<Command, 'changes'>): Document {
  return command.changes.reduce(applyChange, document)
}

/** The changes that take `command` back, last one first. */
export function invert(command: Pick<Command, 'changes'>): { readonly changes: readonly Change[] } {
  return { changes: command.changes.map(invertChange).reverse() }
}

function applyChange(document: Document, change: Change): Document {
  switch (change.type) {
    case 'layer.insert':
      return insertLayers(document, change.place, change.layers)
    case 'layer.delete':
      return deleteLayers(document, change)
    case 'layer.move':
      return moveLayer(document, change)
    case 'layer.set':
      return setLayer(document, change)
    case 'pixels.patch':
      return patchPixels(document, change)
    case 'selection.patch':
      return patchSelection(document, change)
    case 'canvas.set':
      check(sameJson(document.canvas, change.before), 'The canvas has another size than the command says.')
      return { ...document, canvas: change.after }
  }
}

function invertChange(change: Change): Change {
  switch (change.type) {
    case 'layer.insert':
      return { ...change, type: 'layer.delete' }
    case 'layer.delete':
      return { ...change, type: 'layer.insert' }
    case 'layer.move':
      return { ...change, before: change.after, after: change.before }
    case 'layer.set':
      return { ...change, before: change.after, after: change.before }
    case 'canvas.set':
      return { ...change, before: change.after, after: change.before }
    case 'pixels.patch':
      return { ...change, tiles: invertTiles(change.tiles) }
    case 'selection.patch':
      return { ...change, before: change.after, after: change.before, tiles: invertTiles(change.tiles) }
  }
}

function insertLayers(document: Document, place: LayerPlace, layers: readonly Layer[]): Document {
  const top = layers[0]
  check(top !== undefined, 'There is no layer to insert.')
  check(isOneTree(layers), 'The layers to insert are not one tree.')
  for (const layer of layers) check(!document.layers[layer.id], `The layer "${layer.name}" is there already.`)
  // Asked of the document as it was: a group among the inserted ones cannot hold itself.
  check(childrenOf(document, place.parent) !== undefined, 'There is no such group to insert into.')
  const added = Object.fromEntries(layers.map((layer) => [layer.id, layer]))
  const whole = { ...document, layers: { ...document.layers, ...added } }
  return withChildren(whole, place.parent, (children) => insertAt(children, place.index, top.id))
}

/** Whether a list is a layer and all below it in the order of `subtreeOf`, so that taking it out finds it unchanged. */
function isOneTree(layers: readonly Layer[]): boolean {
  let next = 0
  const visit = (id: LayerId): boolean => {
    const layer = layers[next++]
    return layer?.id === id && (layer.kind === 'raster' || layer.children.every(visit))
  }
  const distinct = new Set(layers.map((layer) => layer.id)).size === layers.length
  return distinct && layers[0] !== undefined && visit(layers[0].id) && next === layers.length
}

function deleteLayers(document: Document, change: ChangeOf<'layer.delete'>): Document {
  const top = change.layers[0]
  check(top !== undefined, 'There is no layer to delete.')
  check(childrenOf(document, change.place.parent)?.[change.place.index] === top.id, 'The layer is elsewhere.')
  check(sameJson(subtreeOf(document, top.id), change.layers), `The layer "${top.name}" has changed.`)
  const layers = { ...document.layers }
  for (const layer of change.layers) delete layers[layer.id]
  return withChildren({ ...document, layers }, change.place.parent, (children) =>
    children.filter((id) => id !== top.id),
  )
}

function moveLayer(document: Document, { id, before, after }: ChangeOf<'layer.move'>): Document {
  check(sameJson(placeOf(document, id), before), 'The layer to move is elsewhere.')
  const into = after.parent
  check(into === null || !subtreeOf(document, id).some((l) => l.id === into), 'A group cannot hold itself.')
  const without = withChildren(document, before.parent, (children) => children.filter((c) => c !== id))
  return withChildren(without, into, (children) => insertAt(children, after.index, id))
}

function setLayer(document: Document, { id, before, after }: ChangeOf<'layer.set'>): Document {
  const layer = layerOf(document, id)
  const current = layer as unknown as Record<string, unknown>
  check(sameJson(Object.keys(before).sort(), Object.keys(after).sort()), 'The command does not match itself.')
  for (const [key, value] of Object.entries(before)) {
    check(Object.hasOwn(layer, key), `The layer "${layer.name}" has no ${key}.`)
    check(value !== undefined && after[key as keyof typeof after] !== undefined, 'A property needs a value.')
    check(
      sameJson(current[key], value),
      `The layer "${layer.name}" has another ${key} than the command says.`,
    )
  }
  return withLayer(document, { ...layer, ...after } as Layer)
}

function patchPixels(document: Document, { id, plane, tiles }: ChangeOf<'pixels.patch'>): Document {
  const layer = layerOf(document, id)
  if (plane === 'mask') {
    check(layer.mask !== null, `The layer "${layer.name}" has no mask.`)
    return withLayer(document, {
      ...layer,
      mask: { ...layer.mask, tiles: patchTiles(layer.mask.tiles, tiles) },
    })
  }
  check(layer.kind === 'raster', `The group "${layer.name}" has no pixels of its own.`)
  return withLayer(document, { ...layer, tiles: patchTiles(layer.tiles, tiles) })
}

function patchSelection(document: Document, change: ChangeOf<'selection.patch'>): Document {
  check(sameJson(document.selection?.bounds ?? null, change.before), 'The selection has changed.')
  const tiles = patchTiles(document.selection?.tiles ?? {}, change.tiles)
  if (change.after === null) {
    check(tileEntries(tiles).length === 0, 'An empty selection keeps no tiles.')
    return { ...document, selection: null }
  }
  return { ...document, selection: { tiles, bounds: change.after } }
}

/** Replaces tiles in a map; each *before* must be what the map holds. */
function patchTiles(map: TileMap, changes: TileChanges): TileMap {
  const next: { [key in TileKey]?: TileMap[TileKey] } = { ...map }
  for (const [key, pair] of Object.entries(changes) as [TileKey, NonNullable<TileChanges[TileKey]>][]) {
    check((next[key] ?? null) === pair[0], `The tile ${key} has changed.`)
    if (pair[1] === null) delete next[key]
    else next[key] = pair[1]
  }
  return next
}

function invertTiles(changes: TileChanges): TileChanges {
  const entries = Object.entries(changes) as [TileKey, NonNullable<TileChanges[TileKey]>][]
  return Object.fromEntries(entries.map(([key, [before, after]]) => [key, [after, before]])) as TileChanges
}

function withLayer(document: Document, layer: Layer): Document {
  return { ...document, layers: { ...document.layers, [layer.id]: layer } }
}

function withChildren(
  document: Document,
  parent: LayerId | null,
  edit: (children: readonly LayerId[]) => readonly LayerId[],
): Document {
  if (parent === null) return { ...document, root: edit(document.root) }
  const group = layerOf(document, parent)
  check(group.kind === 'group', `"${group.name}" is not a group.`)
  const next: GroupLayer = { ...group, children: edit(group.children) }
  return withLayer(document, next)
}

function insertAt(children: readonly LayerId[], index: number, id: LayerId): readonly LayerId[] {
  check(index <= children.length, 'There is no such place in the stack.')
  return [...children.slice(0, index), id, ...children.slice(index)]
}

function layerOf(document: Document, id: LayerId): Layer {
  const layer = document.layers[id]
  check(layer !== undefined, 'The layer is no longer there.')
  return layer
}

function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InlayError('document.conflict', message)
}

/** Structural equality of JSON values; key order does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every(
    (key) =>
      Object.hasOwn(b, key) &&
      sameJson((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
  )
}
