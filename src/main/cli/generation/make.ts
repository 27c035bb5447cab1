/**
 * From a picture in a project to results that can be added to it.
 *
 * Invariant: nothing is added before `apply` is called, so work that fails or is cancelled leaves the project as it was.
 */
import type { Command } from '../../../shared/document/commands.ts'
import type { GenerationReport } from '../../../shared/generation.ts'
import { type ProjectSession, type readMask, removeWithMask } from '../../engine/index.ts'
import { modelOf, removalRequest } from './recipe.ts'
import type { Job, JobHandling } from './run-job.ts'

type MaskPicture = Awaited<ReturnType<typeof readMask>>

export interface Made {
  /** Null for a fill without a model. */
  readonly report: GenerationReport | null
  /** Adds it as a layer, and to the history. */
  readonly apply: () => Promise<Command>
}

/** @throws InlayError those of the mask, the model and the work */
export async function make(
  session: ProjectSession,
  mask: MaskPicture | null,
  { recipe, given }: Job,
  { signal, onProgress }: JobHandling,
): Promise<readonly Made[]> {
  if (modelOf(recipe, given) === null) {
    const request = removalRequest(given)
    const onFraction = (fraction: number) => onProgress({ fraction, stage: 'Removing', secondsLeft: null })
    const apply = () => removeWithMask(session, mask!, request, { signal, onProgress: onFraction })
    return [{ report: null, apply }]
  }
  throw new Error('not yet')
}
