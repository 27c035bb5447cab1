/**
 * Which tiles a command or a document names, and of which format each must be.
 *
 * Invariant: a layer's pixels are rgba8; masks and the selection are gray8. Nothing else names tiles.
 */
import type { Change } from '../../../shared/document/commands.ts'
import type { Document, Layer } from '../../../shared/document/model.ts'
import type { TileHash } from '../../../shared/ids.ts'
import type { PixelFormat } from '../../../shared/pixels.ts'
import type { TileMap } from '../../../shared/tiles.ts'

export type TileReferences = Map<TileHash, PixelFormat>

/** The tiles a document needs. */
export function tilesOfDocument(document: Document, into: TileReferences = new Map()): TileReferences {
  for (const layer of Object.values(document.layers) as Layer[]) tilesOfLayer(layer, into)
  if (document.selection) addMap(document.selection.tiles, 'gray8', into)
  return into
}

/** The tiles named on either side of changes: what redoing and undoing them needs. */
export function tilesOfChanges(changes: readonly Change[], into: TileReferences = new Map()): TileReferences {
  for (const change of changes) addChange(change, into)
  return into
}

function addChange(change: Change, into: TileReferences): void {
  switch (change.type) {
    case 'layer.insert':
    case 'layer.delete':
      for (const layer of change.layers) tilesOfLayer(layer as Layer, into)
      return
    case 'layer.set':
      for (const side of [change.before, change.after]) if (side.mask) addMap(side.mask.tiles, 'gray8', into)
      return
    case 'pixels.patch':
    case 'selection.patch': {
      const format = change.type === 'pixels.patch' && change.plane === 'pixels' ? 'rgba8' : 'gray8'
      for (const pair of Object.values(change.tiles))
        for (const hash of pair as readonly (TileHash | null)[]) if (hash) into.set(hash, format)
      return
    }
    case 'layer.move':
    case 'canvas.set':
      return
  }
}

function tilesOfLayer(layer: Layer, into: TileReferences): void {
  if (layer.kind === 'raster') addMap(layer.tiles, 'rgba8', into)
  if (layer.mask) addMap(layer.mask.tiles, 'gray8', into)
}

function addMap(map: TileMap, format: PixelFormat, into: TileReferences): void {
  for (const hash of Object.values(map) as TileHash[]) into.set(hash, format)
}
