/** The project service's calls about removals: filling what is selected, and results that wait for a yes. */
import type { JobEvent } from '../../shared/rpc/contract.ts'
import { JobQueue, runRemoval } from '../engine/index.ts'
import type { ProjectImplementer, ProjectParts } from './project-services.ts'

export function removalCalls(os: ProjectImplementer, { projects }: ProjectParts) {
  const queue = new JobQueue()
  return {
    remove: os.remove.handler(({ input, context, signal }) => {
      const { session, candidates, ended } = projects.get(input.session, context.port)
      const either = AbortSignal.any(signal ? [signal, ended] : [ended])
      const events = runRemoval(session, input.request, { candidates, queue, signal: either })
      // The library asks for a type that can also be disposed of by `await using`, and never does it.
      return events as AsyncIteratorObject<JobEvent, void, void>
    }),
    discardCandidate: os.discardCandidate.handler(({ input, context }) =>
      projects.get(input.session, context.port).candidates.drop(input.candidate),
    ),
  }
}
