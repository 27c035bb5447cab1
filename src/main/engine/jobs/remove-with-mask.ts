/**
 * A removal with a mask from a file in place of a painted one: what the command line does.
 *
 * Invariant: on success the project has exactly one more history entry; otherwise it is as it was. The project's own
 * selection plays no part (the new entry clears it, as every removal does).
 */
import { randomUUID } from 'node:crypto'
import type { Command } from '../../../shared/document/commands.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { RemovalRequest } from '../../../shared/removal.ts'
import type { MaskPicture } from '../imaging/image-file.ts'
import { perform } from '../project/edits/perform.ts'
import type { ProjectSession } from '../project/project-session.ts'
import { CandidateStore } from './candidate-store.ts'
import { noOtherFile, requireMaskFor, selectionOf } from './mask-from-file.ts'
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
  requireMaskFor(session, mask)
  const selection = selectionOf(mask, session.tiles, 'removed')
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
      { candidates, newId: randomUUID, fileBytes: noOtherFile, signal },
    )
    if (command) return command
  }
  throw new InlayError('internal', 'The removal ended without a result.')
}
