/**
 * Small pictures of a layer, a mask or the whole document.
 *
 * Invariant: everything is composed at the coarsest mipmap level that still has a pixel for every pixel wanted, so the
 * cost follows the thumbnail and not the document. All thumbnails show the canvas, so they line up in a list.
 */
import sharp from 'sharp'
import type { Document, Layer } from '../../../shared/document/model.ts'
import { offsetAt, sideAt } from '../../../shared/document/stack.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { LayerId } from '../../../shared/ids.ts'
import { mipLevelFor } from '../../../shared/tiles.ts'
import { composeRect } from './composite.ts'
import { gather } from './composite-source.ts'
import type { MipReader } from './mipmap.ts'
import type { TileReader } from './tile-access.ts'

/** A layer's own pixels (hidden or not, without its mask and opacity), a layer's mask, or all that is visible. */
export type ThumbnailSubject = { readonly layer: LayerId } | { readonly mask: LayerId } | 'picture'

/**
 * A PNG whose longer side is at most `size` pixels; never larger than the canvas.
 * @throws InlayError `document.conflict` when the layer or its mask is not there
 */
export async function thumbnailPng(
  document: Document,
  tiles: TileReader | MipReader,
  of: ThumbnailSubject,
  size: number,
): Promise<Uint8Array> {
  const { width, height } = document.canvas
  const scale = Math.min(1, size / Math.max(width, height))
  const level = mipLevelFor(scale)
  const rect = { x: 0, y: 0, width: sideAt(width, level), height: sideAt(height, level) }
  const mask = of !== 'picture' && 'mask' in of
  const pixels = mask
    ? maskPixels(layerOf(document, of.mask), tiles, level, rect)
    : composeRect(of === 'picture' ? document : alone(document, layerOf(document, of.layer)), tiles, rect, {
        level,
      })
  return await sharp(pixels, { raw: { ...rect, channels: mask ? 1 : 4 } })
    .resize(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), { fit: 'fill' })
    .png({ compressionLevel: 3 })
    .toBuffer()
}

/** The document with nothing but one layer's own pixels. */
function alone(document: Document, layer: Layer): Document {
  const bare = { ...layer, visible: true, opacity: 1, blendMode: 'normal' as const, mask: null }
  return { ...document, root: [layer.id], layers: { ...document.layers, [layer.id]: bare } }
}

function maskPixels(
  layer: Layer,
  tiles: TileReader | MipReader,
  level: number,
  rect: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Uint8Array {
  const { mask } = layer
  if (!mask) throw new InlayError('document.conflict', `The layer "${layer.name}" has no mask to show.`)
  const { outside } = mask
  const samples = gather({ tiles, level }, mask.tiles, 'gray8', offsetAt(layer.offset, level), rect, outside)
  return samples ?? new Uint8Array(rect.width * rect.height).fill(outside)
}

function layerOf(document: Document, id: LayerId): Layer {
  const layer = document.layers[id]
  if (!layer) throw new InlayError('document.conflict', 'The layer to show is no longer there.')
  return layer
}
