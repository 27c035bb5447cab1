/** The project service's calls about making pictures with models. */
import { InlayError } from '../../shared/errors.ts'
import type { GenerationEvent } from '../../shared/rpc/contract.ts'
import { requestOfLayer } from '../engine/index.ts'
import type { ProjectImplementer, ProjectParts } from './project-services.ts'

export function generationCalls(os: ProjectImplementer, { projects }: ProjectParts) {
  return {
    generators: os.generators.handler(() => []),
    generate: os.generate.handler((): AsyncIteratorObject<GenerationEvent, void, void> => {
      throw none()
    }),
    estimate: os.estimate.handler(() => {
      throw none()
    }),
    compare: os.compare.handler(() => {
      throw none()
    }),
    requestOf: os.requestOf.handler(({ input, context }) =>
      requestOfLayer(projects.get(input.session, context.port).session, input.layer),
    ),
  }
}

function none(): InlayError {
  return new InlayError('model.unknown', 'There is no model to make pictures with; import one in Models.')
}
