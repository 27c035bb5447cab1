/**
 * A generation with a mask from a file in place of a painted one, or with none: what the command line does.
 *
 * Invariant: the project is as it was until a result is applied; each that is applied is one history entry more. The project's
 * own selection plays no part (an applied result clears it, as in the window).
 */
import { randomUUID } from 'node:crypto'
import type { Command } from '../../../shared/document/commands.ts'
import { InlayError } from '../../../shared/errors.ts'
import type { GenerationRequest, Sides } from '../../../shared/generation.ts'
import type { Candidate } from '../../../shared/rpc/contract.ts'
import type { MaskPicture } from '../imaging/image-file.ts'
import { perform } from '../project/edits/perform.ts'
import type { ProjectSession } from '../project/project-session.ts'
import { CandidateStore } from './candidate-store.ts'
import { type GenerationOptions, runGeneration } from './generation-job.ts'
import type { JobProgress } from './job-queue.ts'
import { noOtherFile, requireMaskFor, selectionOf } from './mask-from-file.ts'

export interface MaskGenerationOptions extends Pick<GenerationOptions, 'generator' | 'placeOf'> {
  readonly signal?: AbortSignal
  /** Of all candidates together. */
  readonly onProgress?: (progress: Pick<JobProgress, 'fraction' | 'stage' | 'secondsLeft'>) => void
}

/** A result that has not become a layer yet. */
export interface MadePicture {
  readonly candidate: Candidate
  /** Adds it as a layer: one history entry. @throws InlayError as `perform` does */
  apply(): Promise<Command>
}

/**
 * Makes all candidates of a request.
 * @param mask any value above 0 is made anew; null for a task that needs none
 * @returns at least one, in their order
 * @throws InlayError `mask.size`, `mask.empty`, `project.read-only`, and those of `runGeneration`
 */
export async function generateWithMask(
  session: ProjectSession,
  mask: MaskPicture | null,
  request: GenerationRequest,
  { generator, placeOf, signal, onProgress }: MaskGenerationOptions,
): Promise<readonly MadePicture[]> {
  requireMaskFor(session, mask)
  const selection = mask && selectionOf(mask, session.tiles, 'made anew')
  const candidates = new CandidateStore(session)
  const masked = {
    tiles: session.tiles,
    document: { ...session.document, selection },
    blob: session.blob.bind(session),
  }
  const made: MadePicture[] = []
  for await (const event of runGeneration(masked, request, { candidates, generator, placeOf, signal }))
    if (event.type === 'progress') onProgress?.(event)
    else if (event.type === 'candidate') {
      const { candidate } = event
      made.push({ candidate, apply: () => applied(session, candidates, candidate) })
    }
  return made
}

/**
 * Makes the canvas larger and fills what is new: `apply` does both in one history entry.
 * @param sides pixels to add
 * @throws InlayError `usage` where nothing is added, `image.too-large`, and those of `generateWithMask`
 */
export function outpaint(
  session: ProjectSession,
  sides: Sides,
  request: GenerationRequest,
  options: MaskGenerationOptions,
): Promise<readonly MadePicture[]> {
  return generateWithMask(session, null, { ...request, outpaint: sides }, options)
}

async function applied(
  session: ProjectSession,
  candidates: CandidateStore,
  candidate: Candidate,
): Promise<Command> {
  const command = await perform(
    session,
    { kind: 'apply-candidate', candidate: candidate.id },
    { candidates, newId: randomUUID, fileBytes: noOtherFile },
  )
  if (command) return command
  throw new InlayError('internal', 'The generation ended without a result.')
}
