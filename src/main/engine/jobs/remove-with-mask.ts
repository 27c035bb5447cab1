/**
 * A removal with a mask from a file in place of a painted one: what the command line does.
 *
 * Invariant: on success the project has exactly one more history entry; otherwise it is as it was. The project's own
 * selection plays no part (the new entry clears it, as every removal does).
 */
import { randomUUID } from 'node:crypto'
import type { Command } from '../../../shared/document/commands.ts'
import type { Selection } from '../../../shared/document/model.ts'
import { InlayError } from '../../../shared/errors.ts'
import { isEmpty } from '../../../shared/geometry.ts'
import type { TileHash } from '../../../shared/ids.ts'
import type { RemovalRequest } from '../../../shared/removal.ts'
import { TILE_SIZE, type TileKey, tileBytes, tileKey } from '../../../shared/tiles.ts'
import type { MaskPicture } from '../imaging/image-file.ts'
import { maskBounds } from '../imaging/mask.ts'
import type { TileWriter } from '../imaging/tile-access.ts'
import { perform } from '../project/edits/perform.ts'
import type { ProjectSession } from '../project/project-session.ts'
import { CandidateStore } from './candidate-store.ts'
import { runRemoval } from './removal-job.ts'

export interface MaskRemovalOptions {
  readonly signal?: AbortSignal
  /** Called with 0..1, never falling. */
  readonly onProgress?: (fraction: number) => void
  readonly threads?: number
}

/**
 * Removes what the mask covers (any value above 0 is hole) and adds the result as a layer.
 * @throws InlayError `mask.size`, `mask.empty`, `project.read-only`, and those of `runRemoval`
 */
export async function removeWithMask(
  session: ProjectSession,
  mask: MaskPicture,
  request: RemovalRequest,
  options: MaskRemovalOptions = {},
): Promise<Command> {
  const { canvas } = session.document
  if (mask.width !== canvas.width || mask.height !== canvas.height)
    throw new InlayError(
      'mask.size',
      `The mask has ${mask.width} × ${mask.height} pixels and the picture ${canvas.width} × ${canvas.height}; give a mask of the picture's size.`,
    )
  if (session.readOnly)
    throw new InlayError(
      'project.read-only',
      session.notices[0] ?? 'The project may only be read; write the result to another file with -o.',
    )
  const selection = writeSelection(mask, session.tiles)
  const candidates = new CandidateStore(session)
  const masked = { tiles: session.tiles, document: { ...session.document, selection } }
  const { signal, onProgress, threads } = options
  const events = runRemoval(masked, request, { candidates, signal, ...(threads ? { threads } : {}) })
  for await (const event of events) {
    if (event.type === 'progress') {
      onProgress?.(event.fraction)
      continue
    }
    const command = await perform(
      session,
      { kind: 'apply-candidate', candidate: event.candidate.id },
      { candidates, newId: randomUUID, fileBytes: noFiles, signal },
    )
    if (command) return command
  }
  throw new InlayError('internal', 'The removal ended without a result.')
}

/** @throws InlayError `mask.empty` when no pixel is above 0 */
function writeSelection(mask: MaskPicture, tiles: TileWriter): Selection {
  const bounds = maskBounds({
    rect: { x: 0, y: 0, width: mask.width, height: mask.height },
    pixels: mask.data,
  })
  if (isEmpty(bounds))
    throw new InlayError('mask.empty', 'The mask is black everywhere; make white what is to be removed.')
  const map: { [key in TileKey]?: TileHash } = {}
  for (let ty = 0; ty * TILE_SIZE < mask.height; ty++)
    for (let tx = 0; tx * TILE_SIZE < mask.width; tx++) {
      const pixels = new Uint8Array(tileBytes('gray8'))
      const columns = Math.min(TILE_SIZE, mask.width - tx * TILE_SIZE)
      const rows = Math.min(TILE_SIZE, mask.height - ty * TILE_SIZE)
      for (let y = 0; y < rows; y++) {
        const from = (ty * TILE_SIZE + y) * mask.width + tx * TILE_SIZE
        for (let x = 0; x < columns; x++) if (mask.data[from + x]! > 0) pixels[y * TILE_SIZE + x] = 255
      }
      const hash = tiles.write('gray8', pixels)
      if (hash) map[tileKey(tx, ty)] = hash
    }
  return { tiles: map, bounds }
}

function noFiles(): never {
  throw new InlayError('internal', 'A removal reads no other file.')
}
