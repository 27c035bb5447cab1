/**
 * Cropping and resizing the canvas.
 *
 * Invariant: layers and the selection keep their place on the picture: what moves is the canvas under them. A lock does
 * not hold here, because nothing moves against anything else.
 */
import type { Change } from '../../../../shared/document/commands.ts'
import type { CanvasSize, Document, Layer } from '../../../../shared/document/model.ts'
import { InlayError } from '../../../../shared/errors.ts'
import { contains, isEmpty, type Point, type Rect, rectOf } from '../../../../shared/geometry.ts'
import type { IntentOf } from '../../../../shared/intents.ts'
import { MAX_PIXELS, MAX_SIDE } from '../../../../shared/pixels.ts'
import { tileMapBounds } from '../../../../shared/tiles.ts'
import { combineSources, invertSource, rectSource } from '../../imaging/mask-source.ts'
import { writeMaskTiles } from '../../imaging/mask-tiles.ts'
import { refuseLockedLayer } from '../locked.ts'
import type { Edit, EditWork } from './context.ts'
import { clearedTiles } from './fill.ts'
import { conflict } from './layers.ts'
import { fromLayer, selectionSource } from './limits.ts'
import { patchChange, selectionChange } from './tile-changes.ts'

export async function crop(work: EditWork, { rect, discard }: IntentOf<'crop'>): Promise<Edit | null> {
  if (isEmpty(rect)) throw conflict('The crop rectangle is empty. Draw one over the picture.')
  const cut = discard ? await discardOutside(work, rect) : []
  const moved = await reframe(work, rect)
  const changes = [...cut, ...moved]
  return changes.length === 0 ? null : { label: 'Crop', origin: 'crop', changes }
}

export async function resizeCanvas(
  work: EditWork,
  { width, height, anchor }: IntentOf<'resize-canvas'>,
): Promise<Edit | null> {
  const { canvas } = work.document
  const rect = {
    x: -share(width - canvas.width, anchor.x),
    y: -share(height - canvas.height, anchor.y),
    width,
    height,
  }
  const changes = await reframe(work, rect)
  return changes.length === 0 ? null : { label: 'Canvas size', origin: 'canvas', changes }
}

/** Half pixels are rounded away from 0, so that growing and shrinking by the same amount cancel out. */
function share(difference: number, part: number): number {
  return Math.sign(difference) * Math.round(Math.abs(difference) * part)
}

/** Makes a rectangle of the document the new canvas. @throws InlayError `image.too-large` */
export async function reframe(work: EditWork, rect: Rect): Promise<readonly Change[]> {
  const { document, tiles, pace } = work
  const after: CanvasSize = { width: rect.width, height: rect.height }
  if (rect.width > MAX_SIDE || rect.height > MAX_SIDE || rect.width * rect.height > MAX_PIXELS)
    throw new InlayError(
      'image.too-large',
      'The canvas would be larger than 100 megapixels. Choose a smaller size.',
    )
  const by: Point = { x: 0 - rect.x, y: 0 - rect.y }
  const moves = by.x === 0 && by.y === 0 ? [] : offsetChanges(document, by)
  const { canvas } = document
  const resized = canvas.width !== after.width || canvas.height !== after.height
  if (!resized && moves.length === 0) return []
  const selected = selectionSource(document, tiles)
  const shifted =
    selected && combineSources(fromLayer(selected, rect), rectSource(rectOf(after)), 'intersect')
  const selection = shifted && (await writeMaskTiles(shifted, tiles, pace))
  return [
    ...(resized ? [{ type: 'canvas.set', v: 1, before: canvas, after } as const] : []),
    ...moves,
    ...selectionChange(document, selection),
  ]
}

/** What takes away all pixels outside a rectangle. @throws InlayError `document.conflict` for a locked layer */
async function discardOutside(work: EditWork, rect: Rect): Promise<readonly Change[]> {
  const { document } = work
  const rasters = (Object.values(document.layers) as Layer[]).filter((layer) => layer.kind === 'raster')
  const changes: Change[] = []
  for (const layer of rasters) {
    const bounds = tileMapBounds(layer.tiles, layer.offset)
    if (contains(rect, bounds)) continue
    refuseLockedLayer(document, layer.id)
    const after = await clearedTiles(work, layer, invertSource(rectSource(rect), bounds))
    changes.push(...patchChange(layer.id, 'pixels', layer.tiles, after))
  }
  return changes
}

function offsetChanges(document: Document, by: Point): readonly Change[] {
  return (Object.values(document.layers) as Layer[]).map((layer) => ({
    type: 'layer.set',
    v: 1,
    id: layer.id,
    before: { offset: layer.offset },
    after: { offset: { x: layer.offset.x + by.x, y: layer.offset.y + by.y } },
  }))
}
