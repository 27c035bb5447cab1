/**
 * What must be composed again after a document has changed: pure.
 *
 * Invariant: outside the rectangles given, both documents look the same. It rests on shared structure: what a change did
 * not touch is the same object in both.
 */
import type { Document, Layer } from '../../shared/document/model.ts'
import { subtreeOf } from '../../shared/document/model.ts'
import { EMPTY_RECT, type Point, type Rect, union } from '../../shared/geometry.ts'
import { parseTileKey, TILE_SIZE, type TileKey, type TileMap, tileMapBounds } from '../../shared/tiles.ts'

/** Document rectangles, or everything. */
export type Damage = readonly Rect[] | 'all'

export function pictureDamage(before: Document, after: Document): Damage {
  if (before === after) return []
  if (before.canvas !== after.canvas && !sameSize(before, after)) return 'all'
  const rects: Rect[] = []
  if (before.root !== after.root) rects.push(...listDamage(before, before.root, after, after.root))
  if (before.layers === after.layers) return rects
  for (const layer of Object.values(after.layers) as Layer[]) {
    const old = before.layers[layer.id]
    if (old && old !== layer) rects.push(...layerDamage(before, old, after, layer))
  }
  return rects
}

/** What has changed in the selection, in document coordinates. */
export function selectionDamage(before: Document, after: Document): Damage {
  if (before.selection === after.selection) return []
  return mapDamage(before.selection?.tiles ?? {}, after.selection?.tiles ?? {}, { x: 0, y: 0 })
}

function sameSize(a: Document, b: Document): boolean {
  return a.canvas.width === b.canvas.width && a.canvas.height === b.canvas.height
}

/** Children were added, removed or moved: all that came, went or changed its place. */
function listDamage(
  before: Document,
  old: readonly string[],
  after: Document,
  now: readonly string[],
): Rect[] {
  let first = 0
  while (first < old.length && first < now.length && old[first] === now[first]) first++
  let last = 0
  while (last < old.length - first && last < now.length - first && old.at(-1 - last) === now.at(-1 - last))
    last++
  return [
    ...old.slice(first, old.length - last).map((id) => boundsOf(before, id)),
    ...now.slice(first, now.length - last).map((id) => boundsOf(after, id)),
  ]
}

function layerDamage(before: Document, old: Layer, after: Document, now: Layer): Rect[] {
  const whole = () => [boundsOf(before, old.id), boundsOf(after, now.id)]
  if (old.kind !== now.kind || !sameLook(old, now)) return whole()
  const rects: Rect[] = []
  if (old.mask !== now.mask) {
    if (!old.mask || !now.mask) return whole()
    if (old.mask.outside !== now.mask.outside || old.mask.enabled !== now.mask.enabled) return whole()
    rects.push(...mapDamage(old.mask.tiles, now.mask.tiles, now.offset))
  }
  if (old.kind === 'raster' && now.kind === 'raster')
    rects.push(...mapDamage(old.tiles, now.tiles, now.offset))
  if (old.kind === 'group' && now.kind === 'group' && old.children !== now.children)
    rects.push(...listDamage(before, old.children, after, now.children))
  return rects
}

/** Whether two states of a layer differ at most in their pixels, their mask and their children. */
function sameLook(a: Layer, b: Layer): boolean {
  return (
    a.visible === b.visible &&
    a.opacity === b.opacity &&
    a.blendMode === b.blendMode &&
    a.offset.x === b.offset.x &&
    a.offset.y === b.offset.y &&
    (a.kind === 'group' && a.passThrough) === (b.kind === 'group' && b.passThrough)
  )
}

/** All that a layer can show. */
function boundsOf(document: Document, id: string): Rect {
  return subtreeOf(document, id as Layer['id'])
    .map((layer) => (layer.kind === 'raster' ? tileMapBounds(layer.tiles, layer.offset) : EMPTY_RECT))
    .reduce(union, EMPTY_RECT)
}

function mapDamage(before: TileMap, after: TileMap, offset: Point): Rect[] {
  if (before === after) return []
  const keys = new Set([...Object.keys(before), ...Object.keys(after)] as TileKey[])
  const rects: Rect[] = []
  for (const key of keys) {
    if (before[key] === after[key]) continue
    const { tx, ty } = parseTileKey(key)
    rects.push({
      x: tx * TILE_SIZE + offset.x,
      y: ty * TILE_SIZE + offset.y,
      width: TILE_SIZE,
      height: TILE_SIZE,
    })
  }
  return rects
}
