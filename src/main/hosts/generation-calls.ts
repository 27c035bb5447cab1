/** The project service's calls about making pictures with models. */
import { InlayError } from '../../shared/errors.ts'
import { BUILT_IN } from '../../shared/generation.ts'
import type { GenerationEvent } from '../../shared/rpc/contract.ts'
import { JobQueue, ModelRegistry, planGeneration, requestOfLayer, runGeneration } from '../engine/index.ts'
import { generatingModels } from './generating-models.ts'
import { GenerationTimes } from './generation-times.ts'
import type { ProjectImplementer, ProjectParts } from './project-services.ts'

export function generationCalls(os: ProjectImplementer, { projects, config, generator }: ProjectParts) {
  // Apart from the removals': those need not wait for minutes of a model.
  const queue = new JobQueue()
  const registry = new ModelRegistry(config.dataFolder)
  const times = new GenerationTimes(config.dataFolder)
  const placeOf = async (model: string): Promise<string | null> =>
    model === BUILT_IN ? null : (await registry.find(model)).path
  return {
    generators: os.generators.handler(() => generatingModels(generator, registry)),
    generate: os.generate.handler(({ input, context, signal }) => {
      const { session, candidates, ended } = projects.get(input.session, context.port)
      const events = runGeneration(session, input.request, {
        candidates,
        generator,
        placeOf,
        queue,
        signal: AbortSignal.any(signal ? [signal, ended] : [ended]),
        watched: true,
        // What cannot be remembered is learned at the next run.
        onMade: (candidate) => void times.learn(candidate).catch(console.error),
      })
      // The library asks for a type that can also be disposed of by `await using`, and never does it.
      return events as AsyncIteratorObject<GenerationEvent, void, void>
    }),
    estimate: os.estimate.handler(async ({ input: { session, request }, context }) => {
      const { document } = projects.get(session, context.port).session
      const limits = await generator.limits(await placeOf(request.model))
      const { region, size } = planGeneration(document, request, limits)
      return { region, size, ...(await times.estimate(request, size)) }
    }),
    compare: os.compare.handler(({ input, context }) => {
      const found = projects.get(input.session, context.port).candidates.comparisonOf(input.candidate)
      if (!found)
        throw new InlayError(
          'document.conflict',
          'There is nothing to compare of this result. Make it again.',
        )
      const { original, made, plain, at } = found
      return { original: png(original), made: png(made), plain: plain && png(plain), at }
    }),
    requestOf: os.requestOf.handler(({ input, context }) =>
      requestOfLayer(projects.get(input.session, context.port).session, input.layer),
    ),
  }
}

function png(bytes: Uint8Array): Blob {
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' })
}
