/**
 * Generate, from settings to candidates; and what has to be known before: the models there are, and what a run would need.
 *
 * Invariant: the settings change through `setRequest` and `chooseGenerator`; what is on its way belongs to `in-hand.ts`.
 */
import { toWireError } from '../../shared/errors.ts'
import { DEFAULT_GENERATION, type GenerationRequest } from '../../shared/generation.ts'
import type { LayerId } from '../../shared/ids.ts'
import type { Candidate, GeneratingModel } from '../../shared/rpc/contract.ts'
import { type ActionContext, attempt, hasSelection, perform, say, writable } from './action-context.ts'
import { fitted, type GenerationState, lackOf, modelOf, type SettingGroup } from './generation-state.ts'
import { chosenCandidate, work } from './in-hand.ts'

export function canGenerate(ctx: ActionContext): boolean {
  const { generation, inHand } = ctx.editor.store.getState()
  if (!writable(ctx) || inHand.phase !== 'idle') return false
  return modelOf(generation) !== null && lackOf(generation.request, hasSelection(ctx)) === null
}

/** Makes what is set; `keep` are candidates from before that stay to be compared. */
export async function startGeneration(ctx: ActionContext, keep: readonly Candidate[] = []): Promise<void> {
  const { project, document, store } = ctx.editor
  if (!document || !writable(ctx)) return
  if (!store.getState().generation.seedLocked) rollGenerationSeed(ctx)
  const { request } = store.getState().generation
  await work(
    ctx,
    'generate',
    (signal) => project.generate({ session: document.session, request }, { signal }),
    keep,
  )
}

/** More of the same with another seed, beside those that are there. */
export async function generateAgain(ctx: ActionContext): Promise<void> {
  const { inHand, generation } = ctx.editor.store.getState()
  if (inHand.phase !== 'choosing') return
  if (generation.seedLocked) rollGenerationSeed(ctx)
  await startGeneration(ctx, inHand.candidates)
}

export function setRequest(ctx: ActionContext, change: Partial<GenerationRequest>): void {
  setGeneration(ctx, ({ request }) => ({ request: { ...request, ...change } }))
}

export function setSeedLocked(ctx: ActionContext, seedLocked: boolean): void {
  setGeneration(ctx, () => ({ seedLocked }))
}

export function unfoldSettings(ctx: ActionContext, group: SettingGroup, open: boolean): void {
  setGeneration(ctx, ({ unfolded }) => {
    if (unfolded.has(group) === open) return {}
    const next = new Set(unfolded)
    if (open) next.add(group)
    else next.delete(group)
    return { unfolded: next }
  })
}

export function rollGenerationSeed(ctx: ActionContext): void {
  setRequest(ctx, { seed: randomSeed() })
}

/** Small enough to be read out and typed again. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! % 1_000_000
}

export function chooseGenerator(ctx: ActionContext, model: GeneratingModel): void {
  setGeneration(ctx, ({ request }) => ({ request: fitted(request, model) }))
}

/** Asks which models can make pictures; a request for one that is gone is handed to the first. */
export async function readGenerators(ctx: ActionContext): Promise<void> {
  const { project, store } = ctx.editor
  await attempt(ctx, async () => {
    const models = await project.generators()
    const before = store.getState().generation
    setGeneration(ctx, () => ({ models }))
    const model = modelOf(store.getState().generation) ?? models[0]
    // Known for the first time, or another one: what was set before was set without knowing it.
    if (model && (before.models === null || modelOf(before)?.name !== model.name)) chooseGenerator(ctx, model)
    const { removalModel } = store.getState()
    if (removalModel !== null && !models.some(({ name }) => name === removalModel))
      store.setState({ removalModel: null })
  })
}

/** Asks what a run would see and need; null forgets what was asked before. */
export async function estimate(
  ctx: ActionContext,
  request: GenerationRequest | null,
  signal: AbortSignal,
): Promise<void> {
  const { project, document } = ctx.editor
  if (!document || !request) return setGeneration(ctx, () => ({ estimate: null, trouble: null }))
  try {
    const found = await project.estimate({ session: document.session, request }, { signal })
    if (!signal.aborted) setGeneration(ctx, () => ({ estimate: found, trouble: null }))
  } catch (error) {
    if (signal.aborted) return
    const { code, message } = toWireError(error)
    const trouble = code === 'mask.empty' || code === 'cancelled' ? null : message
    setGeneration(ctx, () => ({ estimate: null, trouble }))
  }
}

/**
 * Fills the panel from the request that a layer came from, and selects what the layer covers where nothing is selected.
 * It is a person's to change something and to start.
 */
export async function generateAgainFrom(ctx: ActionContext, layer: LayerId): Promise<void> {
  const { project, document, store } = ctx.editor
  if (!document) return
  const request = await project.requestOf({ session: document.session, layer })
  if (!request) return say(ctx, 'What this layer was made with is not recorded; set it in Generate.')
  const covers = !hasSelection(ctx)
  // What the layer covers has been grown already.
  const grow = covers ? 0 : request.grow
  if (request.kind === 'removal') {
    store.setState({ removalRequest: { ...request, grow }, removalModel: null, openPanel: 'remove' })
  } else {
    // A canvas that was grown is so already: now its new part is the layer's place.
    const again = { ...DEFAULT_GENERATION, ...request, grow, outpaint: null, candidates: 1 }
    setGeneration(ctx, () => ({ request: again, seedLocked: true }))
    store.setState({ openPanel: 'generate' })
  }
  if (covers)
    await perform(ctx, {
      kind: 'select',
      shape: { kind: 'layer', layer },
      combine: 'replace',
      feather: 0,
    })
}

/** Shows what the chosen candidate's decoders make of it, side by side. */
export function canCompare(ctx: ActionContext): boolean {
  return chosenCandidate(ctx)?.report != null
}

function setGeneration(
  { editor: { store } }: ActionContext,
  change: (state: GenerationState) => Partial<GenerationState>,
): void {
  store.setState(({ generation }) => ({ generation: { ...generation, ...change(generation) } }))
}
