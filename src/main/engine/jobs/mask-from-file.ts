/**
 * A mask from a file in place of a painted one.
 *
 * Invariant: it has the canvas's size and covers something; its softness is kept.
 */
import type { Selection } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import { isEmpty } from '../../../shared/geometry.ts'
import type { TileHash } from '../../../shared/ids.ts'
import { TILE_SIZE, type TileKey, tileBytes, tileKey } from '../../../shared/tiles.ts'
import type { MaskPicture } from '../imaging/image-file.ts'
import { maskBounds } from '../imaging/mask.ts'
import type { TileWriter } from '../imaging/tile-access.ts'
import type { ProjectSession } from '../project/project-session.ts'

/** @throws InlayError `mask.size`, `project.read-only` */
export function requireMaskFor(session: ProjectSession, mask: MaskPicture | null): void {
  const { canvas } = session.document
  if (mask && (mask.width !== canvas.width || mask.height !== canvas.height))
    throw new InlayError(
      'mask.size',
      `The mask has ${mask.width} × ${mask.height} pixels and the picture ${canvas.width} × ${canvas.height}; give a mask of the picture's size.`,
    )
  if (session.readOnly)
    throw new InlayError(
      'project.read-only',
      session.notices[0] ?? 'The project may only be read; write the result to another file with -o.',
    )
}

/**
 * The mask as a selection.
 * @param what is done to what it covers: "removed", "made anew"
 * @throws InlayError `mask.empty` when no pixel is above 0
 */
export function selectionOf(mask: MaskPicture, tiles: TileWriter, what: string): Selection {
  const { width, height, data } = mask
  const bounds = maskBounds({ rect: { x: 0, y: 0, width, height }, pixels: data })
  if (isEmpty(bounds))
    throw new InlayError('mask.empty', `The mask is black everywhere; make white what is to be ${what}.`)
  const map: { [key in TileKey]?: TileHash } = {}
  for (let ty = 0; ty * TILE_SIZE < height; ty++)
    for (let tx = 0; tx * TILE_SIZE < width; tx++) {
      const pixels = new Uint8Array(tileBytes('gray8'))
      const columns = Math.min(TILE_SIZE, width - tx * TILE_SIZE)
      const rows = Math.min(TILE_SIZE, height - ty * TILE_SIZE)
      for (let y = 0; y < rows; y++) {
        const from = (ty * TILE_SIZE + y) * width + tx * TILE_SIZE
        pixels.set(data.subarray(from, from + columns), y * TILE_SIZE)
      }
      const hash = tiles.write('gray8', pixels)
      if (hash) map[tileKey(tx, ty)] = hash
    }
  return { tiles: map, bounds }
}

/** Of an edit that needs no file. */
export function noOtherFile(): never {
  throw new InlayError('internal', 'This edit reads no other file.')
}
