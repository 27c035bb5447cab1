/**
 * Small pictures of a layer, a mask or the whole document.
 *
 * Invariant: everything is composed at the coarsest mipmap level that still has a pixel for every pixel wanted, so the
 * cost follows the thumbnail and not the document. All thumbnails show the canvas, so they line up in a list. A picture of
 * thousands of tiles that were not read yet takes seconds, so the event loop runs between small pieces of it.
 */
import sharp from 'sharp'
import type { Document, Layer } from '../../../shared/document/model.ts'
import { offsetAt, sideAt, stackOf } from '../../../shared/document/stack.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { Size } from '../../../shared/geometry.ts'
import type { LayerId } from '../../../shared/ids.ts'
import { mipLevelFor, mipSide } from '../../../shared/tiles.ts'
import { composeInto } from './composite.ts'
import { gather } from './composite-source.ts'
import type { MipReader } from './mipmap.ts'
import { createPace, eachRow } from './pace.ts'
import type { TileReader } from './tile-access.ts'

/** A layer's own pixels (hidden or not, without its mask and opacity), a layer's mask, or all that is visible. */
export type ThumbnailSubject = { readonly layer: LayerId } | { readonly mask: LayerId } | 'picture'

/** Milliseconds of composing between two rests: a stroke that is to be committed waits no longer than that. */
const SLICE_MS = 8

/**
 * A PNG whose longer side is at most `size` pixels; never larger than the canvas.
 * @throws InlayError `document.conflict` when the layer or its mask is not there, `cancelled`
 */
export async function thumbnailPng(
  document: Document,
  tiles: TileReader | MipReader,
  of: ThumbnailSubject,
  size: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const { width, height } = document.canvas
  const scale = Math.min(1, size / Math.max(width, height))
  const level = mipLevelFor(scale)
  const rect = { x: 0, y: 0, width: sideAt(width, level), height: sideAt(height, level) }
  const mask = of !== 'picture' && 'mask' in of
  const pixels = mask
    ? maskPixels(layerOf(document, of.mask), tiles, level, rect)
    : await compose(
        of === 'picture' ? document : alone(document, layerOf(document, of.layer)),
        tiles,
        level,
        rect,
        signal,
      )
  return await sharp(pixels, { raw: { ...rect, channels: mask ? 1 : 4 } })
    .resize(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)), { fit: 'fill' })
    .png({ compressionLevel: 3 })
    .toBuffer()
}

/** Composes a rectangle at a level piece by piece; a piece is as large as one tile is at that level. */
async function compose(
  document: Document,
  tiles: TileReader | MipReader,
  level: number,
  rect: Size,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const { width, height } = rect
  const stack = stackOf(document)
  const data = new Uint8Array(width * height * 4)
  const side = mipSide(level)
  const columns = Math.ceil(width / side)
  await eachRow(columns * Math.ceil(height / side), createPace(signal, SLICE_MS), (index) => {
    const x = (index % columns) * side
    const y = Math.floor(index / columns) * side
    const piece = { x, y, width: Math.min(side, width - x), height: Math.min(side, height - y) }
    composeInto(stack, { tiles, level }, piece, { data, at: (y * width + x) * 4, stride: width * 4 })
  })
  return data
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
