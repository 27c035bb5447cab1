/**
 * Remove: fills what is painted, from its surroundings or by a model that is told no words.
 *
 * Invariant: `removalModel` says which; null is patch fill, which needs no model. What is on its way belongs to `in-hand.ts`.
 */
import { BUILT_IN, DEFAULT_GENERATION, type GenerationRequest } from '../../shared/generation.ts'
import type { Candidate, GeneratingModel, GenerationEvent, JobEvent } from '../../shared/rpc/contract.ts'
import { type ActionContext, hasSelection, writable } from './action-context.ts'
import type { EditorState } from './editor-state.ts'
import { randomSeed, readGenerators } from './generate.ts'
import { work } from './in-hand.ts'

export function canRemove(ctx: ActionContext): boolean {
  return writable(ctx) !== null && hasSelection(ctx) && ctx.editor.store.getState().inHand.phase === 'idle'
}

/** Fills what is painted; `keep` are candidates from before that stay to be compared. */
export async function startRemoval(ctx: ActionContext, keep: readonly Candidate[] = []): Promise<void> {
  const { store, project, document } = ctx.editor
  if (!document || !writable(ctx)) return
  const state = store.getState()
  const { session } = document
  const request = removalByModel(state)
  await work(
    ctx,
    'remove',
    async (signal) =>
      request
        ? project.generate({ session, request }, { signal })
        : asGeneration(await project.remove({ session, request: state.removalRequest }, { signal })),
    keep,
  )
}

/** Fills with the model that comes with Inlay, whatever was chosen before. */
export async function fillWithBuiltIn(ctx: ActionContext): Promise<void> {
  ctx.editor.store.setState({ removalModel: BUILT_IN })
  if (ctx.editor.store.getState().generation.models === null) await readGenerators(ctx)
  // Also where it is not on the list: the host then says what is missing.
  ctx.editor.store.setState({ removalModel: BUILT_IN })
  await startRemoval(ctx)
}

/** Fills again with another seed, beside what is there. */
export async function tryAnotherSeed(ctx: ActionContext): Promise<void> {
  const { inHand } = ctx.editor.store.getState()
  if (inHand.phase !== 'choosing') return
  rollSeed(ctx)
  await startRemoval(ctx, inHand.candidates)
}

export function rollSeed(ctx: ActionContext): void {
  const seed = randomSeed()
  ctx.editor.store.setState(({ removalRequest }) => ({ removalRequest: { ...removalRequest, seed } }))
}

/** Models that can fill a hole without being told what goes there. */
export function fillers(models: readonly GeneratingModel[] | null): readonly GeneratingModel[] {
  return models?.filter(({ tasks }) => tasks.includes('inpaint')) ?? []
}

/** The request of a removal by the chosen model; null for patch fill. */
export function removalByModel({
  removalModel,
  removalRequest,
  removalCandidates,
  generation,
}: Pick<
  EditorState,
  'removalModel' | 'removalRequest' | 'removalCandidates' | 'generation'
>): GenerationRequest | null {
  if (removalModel === null) return null
  const model = generation.models?.find(({ name }) => name === removalModel)
  const { grow, feather, seed } = removalRequest
  return {
    ...DEFAULT_GENERATION,
    model: removalModel,
    grow,
    feather,
    seed,
    candidates: removalCandidates,
    ...(model && {
      steps: model.defaults.steps,
      guidance: Math.max(1, model.defaults.guidance),
      decoder: model.asymmetric ? 'asymmetric' : 'plain',
    }),
  }
}

async function* asGeneration(events: AsyncIterable<JobEvent>): AsyncGenerator<GenerationEvent, void, void> {
  for await (const event of events)
    yield event.type === 'done' ? { type: 'candidate', candidate: event.candidate } : event
}
