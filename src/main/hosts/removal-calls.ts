/** The project service's calls about removals: filling what is selected, and results that wait for a yes. */
import { InlayError } from '../../shared/errors.ts'
import type { ProjectImplementer, ProjectParts } from './project-services.ts'

export function removalCalls(os: ProjectImplementer, { projects }: ProjectParts) {
  return {
    remove: os.remove.handler(async function* ({ input, context }) {
      projects.get(input.session, context.port)
      yield { type: 'progress' as const, fraction: 0, stage: '', secondsLeft: null }
      throw new InlayError('internal', 'Remove is not there yet.')
    }),
    discardCandidate: os.discardCandidate.handler(({ input, context }) =>
      projects.get(input.session, context.port).candidates.drop(input.candidate),
    ),
  }
}
