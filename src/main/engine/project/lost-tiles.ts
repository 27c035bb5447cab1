/**
 * Commands without the tiles that are lost.
 *
 * Invariant: a lost tile becomes an empty one wherever it is named, on both sides of every change. As the same hash is
 * replaced by the same thing everywhere, a chain of commands that fitted still fits.
 */
import type { Change, ChangeOf, TileChanges } from '../../../shared/document/commands.ts'
import type { Layer } from '../../../shared/document/model.ts'
import type { TileHash } from '../../../shared/ids.ts'
import { type TileMap, tileEntries } from '../../../shared/tiles.ts'

type Lost = ReadonlySet<TileHash>

export function withoutLost(change: Change, lost: Lost): Change {
  switch (change.type) {
    case 'layer.insert':
    case 'layer.delete':
      return { ...change, layers: change.layers.map((layer) => layerWithoutLost(layer as Layer, lost)) }
    case 'layer.set':
      return {
        ...change,
        before: maskWithoutLost(change.before, lost),
        after: maskWithoutLost(change.after, lost),
      }
    case 'pixels.patch':
    case 'selection.patch':
      return { ...change, tiles: pairsWithoutLost(change.tiles, lost) }
    case 'layer.move':
    case 'canvas.set':
      return change
  }
}

function layerWithoutLost(layer: Layer, lost: Lost): Layer {
  const masked = maskWithoutLost(layer, lost)
  return masked.kind === 'raster' ? { ...masked, tiles: mapWithoutLost(masked.tiles, lost) } : masked
}

function maskWithoutLost<T extends Layer | ChangeOf<'layer.set'>['before']>(holder: T, lost: Lost): T {
  return holder.mask
    ? { ...holder, mask: { ...holder.mask, tiles: mapWithoutLost(holder.mask.tiles, lost) } }
    : holder
}

function mapWithoutLost(map: TileMap, lost: Lost): TileMap {
  return Object.fromEntries(tileEntries(map).filter(([, hash]) => !lost.has(hash)))
}

function pairsWithoutLost(changes: TileChanges, lost: Lost): TileChanges {
  const kept = (hash: TileHash | null): TileHash | null => (hash && lost.has(hash) ? null : hash)
  const pairs = Object.entries(changes) as [string, readonly [TileHash | null, TileHash | null]][]
  return Object.fromEntries(pairs.map(([key, [before, after]]) => [key, [kept(before), kept(after)]]))
}
