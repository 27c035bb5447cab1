/**
 * What is selected of a layer or of the whole picture, as a PNG for the clipboard.
 *
 * Invariant: numbers and profile are the document's, so that what comes back by paste is byte for byte what was copied. The
 * picture is cut to what has pixels.
 */
import { InlayError } from '../../../shared/errors.ts'
import { intersect, isEmpty, type Rect } from '../../../shared/geometry.ts'
import type { LayerId } from '../../../shared/ids.ts'
import { composeRect } from '../imaging/composite.ts'
import { encodeImage } from '../imaging/image-encode.ts'
import { grayAt, type MaskSource } from '../imaging/mask-source.ts'
import { createPace } from '../imaging/pace.ts'
import { bare, contentBounds, isolated } from './edits/isolate.ts'
import { canvasRect, selectionSource } from './edits/limits.ts'
import type { ProjectSession } from './project-session.ts'

/**
 * @returns the PNG and where its top left corner lies in the document
 * @throws InlayError `document.conflict` when there is nothing to copy
 */
export async function copyPicture(
  session: ProjectSession,
  source: { readonly layer: LayerId } | 'merged',
  signal?: AbortSignal,
): Promise<{ readonly png: Uint8Array; readonly x: number; readonly y: number }> {
  const { document, tiles } = session
  const layer = source === 'merged' ? null : document.layers[source.layer]
  if (source !== 'merged' && !layer)
    throw new InlayError('document.conflict', 'The layer is no longer there.')
  const shown = layer ? isolated(document, [bare(layer)]) : document
  const selection = selectionSource(document, tiles)
  const content = layer ? contentBounds(document, layer.id) : canvasRect(document)
  const area = intersect(content, selection?.bounds ?? canvasRect(document))
  const rgba = isEmpty(area) ? new Uint8Array() : composeRect(shown, tiles, area)
  if (selection) await limitAlpha(rgba, area, selection, signal)
  const used = opaqueBounds(rgba, area.width, area.height)
  if (isEmpty(used))
    throw new InlayError(
      'document.conflict',
      'There are no pixels in what is selected. Select another part or layer.',
    )
  const png = await encodeImage(cut(rgba, area.width, used), {
    width: used.width,
    height: used.height,
    format: 'png',
    icc: document.profile.hash ? session.blob(document.profile.hash) : null,
    metadata: null,
  })
  return { png, x: area.x + used.x, y: area.y + used.y }
}

async function limitAlpha(
  rgba: Uint8Array,
  area: Rect,
  selection: MaskSource,
  signal: AbortSignal | undefined,
): Promise<void> {
  const gray = await selection.read(area, createPace(signal))
  if (gray === 255) return
  for (let i = 0; i < area.width * area.height; i++) {
    const alpha = Math.floor((rgba[4 * i + 3]! * grayAt(gray, i)) / 255 + 0.5)
    if (alpha === 0) rgba.fill(0, 4 * i, 4 * i + 4)
    else rgba[4 * i + 3] = alpha
  }
}

/** The smallest rectangle around all pixels that are not fully transparent. */
function opaqueBounds(rgba: Uint8Array, width: number, height: number): Rect {
  let [x0, y0, x1, y1] = [width, height, -1, -1]
  for (let y = 0, at = 3; y < height; y++)
    for (let x = 0; x < width; x++, at += 4) {
      if (rgba[at] === 0) continue
      if (x < x0) x0 = x
      if (x > x1) x1 = x
      if (y < y0) y0 = y
      y1 = y
    }
  return x1 < 0
    ? { x: 0, y: 0, width: 0, height: 0 }
    : { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 }
}

function cut(rgba: Uint8Array, width: number, used: Rect): Uint8Array {
  if (used.width === width && rgba.length === 4 * width * used.height) return rgba
  const out = new Uint8Array(used.width * used.height * 4)
  for (let y = 0; y < used.height; y++) {
    const from = ((used.y + y) * width + used.x) * 4
    out.set(rgba.subarray(from, from + used.width * 4), y * used.width * 4)
  }
  return out
}
