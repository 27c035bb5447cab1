/**
 * The project service's calls that change a project or move in its history.
 *
 * Invariant: all of them go through the session's sequence, so an undo cannot fall into the middle of a stroke whose pixels
 * are still being made.
 */
import type { Command } from '../../shared/document/commands.ts'
import { inSequence, type ProjectSession, perform } from '../engine/index.ts'
import type { OpenProject } from './open-project.ts'
import type { ProjectImplementer, ProjectParts } from './project-services.ts'

export function editCalls(os: ProjectImplementer, { files, projects }: ProjectParts) {
  return {
    dispatch: os.dispatch.handler(({ input, context }) =>
      inTurn(projects.get(input.session, context.port), (session) =>
        session.dispatch(input.command as Command),
      ),
    ),
    perform: os.perform.handler(async ({ input, context, signal }) => {
      const project = projects.get(input.session, context.port)
      const command = await perform(project.session, input.intent, {
        candidates: project.candidates,
        fileBytes: async (file) => files.toRead(file).path,
        signal,
      })
      return { command: command?.id ?? null, revision: project.revision }
    }),
    undo: os.undo.handler(({ input, context }) =>
      inTurn(projects.get(input.session, context.port), (session) => session.undo()),
    ),
    redo: os.redo.handler(({ input, context }) =>
      inTurn(projects.get(input.session, context.port), (session) => session.redo()),
    ),
    jump: os.jump.handler(({ input, context }) =>
      inTurn(projects.get(input.session, context.port), (session) => session.jump(input.to)),
    ),
    setView: os.setView.handler(({ input, context }) =>
      projects.get(input.session, context.port).session.setView(input.view),
    ),
  }
}

function inTurn(
  project: OpenProject,
  change: (session: ProjectSession) => void,
): Promise<{ revision: number }> {
  return inSequence(project.session, () => {
    change(project.session)
    return { revision: project.revision }
  })
}
