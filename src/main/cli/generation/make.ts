/**
 * From a picture in a project to results that can be added to it.
 *
 * Invariant: nothing is added before `apply` is called, so work that fails or is cancelled leaves the project as it was.
 */
import type { Command } from '../../../shared/document/commands.ts'
import type { GenerationReport } from '../../../shared/generation.ts'
import {
  generateWithMask,
  outpaint,
  type ProjectSession,
  type readMask,
  removeWithMask,
} from '../../engine/index.ts'
import { marginsOf, modelOf, removalRequest } from './recipe.ts'
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
  { models, signal, onProgress }: JobHandling,
): Promise<readonly Made[]> {
  if (modelOf(recipe, given) === null) {
    const request = removalRequest(given)
    const onFraction = (fraction: number) => onProgress({ fraction, stage: 'Removing', secondsLeft: null })
    const apply = () => removeWithMask(session, mask!, request, { signal, onProgress: onFraction })
    return [{ report: null, apply }]
  }
  const request = await models.requestOf(recipe, given)
  const options = {
    generator: models.generator,
    placeOf: (name: string) => models.placeOf(name),
    signal,
    onProgress,
  }
  const made =
    recipe.name === 'outpaint'
      ? await outpaint(session, marginsOf(given), request, options)
      : await generateWithMask(session, mask, request, options)
  return made.map(({ candidate, apply }) => ({ report: candidate.report, apply }))
}
