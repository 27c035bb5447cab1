/**
 * Remove, from the wish to the layer: idle → working → ready → idle.
 *
 * Invariant: at most one removal is in hand. Cancelling closes the stream, which stops the work in the host. A result
 * that is ready is no part of the document until it is applied; discarding it leaves no trace.
 */
import type { Candidate } from '../../shared/rpc/contract.ts'
import { type ActionContext, attempt, hasSelection, perform, report, writable } from './action-context.ts'
import { changeSettings } from './actions-view.ts'

const IDLE = { phase: 'idle' } as const

export function canRemove(ctx: ActionContext): boolean {
  return writable(ctx) !== null && hasSelection(ctx) && ctx.editor.store.getState().removal.phase === 'idle'
}

/** Fills what is painted; resolves when there is a result, an error or nothing (cancelled). */
export async function startRemoval(ctx: ActionContext): Promise<void> {
  const { store, project, document } = ctx.editor
  if (!document || !canRemove(ctx)) return
  const abort = new AbortController()
  const mine = () => {
    const { removal } = store.getState()
    return removal.phase === 'working' && removal.abort === abort
  }
  store.setState({ removal: { phase: 'working', fraction: 0, stage: 'Starting', secondsLeft: null, abort } })
  try {
    const events = await project.remove(
      { session: document.session, request: store.getState().removalRequest },
      { signal: abort.signal },
    )
    for await (const event of events) {
      if (!mine()) return
      if (event.type === 'progress') {
        const { fraction, stage, secondsLeft } = event
        store.setState({ removal: { phase: 'working', fraction, stage, secondsLeft, abort } })
      } else {
        store.setState({ removal: { phase: 'ready', candidate: event.candidate, showOriginal: false } })
      }
    }
  } catch (error) {
    if (!abort.signal.aborted) report(ctx, error)
  }
  if (mine()) store.setState({ removal: IDLE })
}

export function cancelRemoval(ctx: ActionContext): void {
  const { removal } = ctx.editor.store.getState()
  if (removal.phase !== 'working') return
  ctx.editor.store.setState({ removal: IDLE })
  removal.abort.abort()
}

/** Makes the result a layer. When that fails, the result stays where it is. */
export async function applyRemoval(ctx: ActionContext): Promise<void> {
  const candidate = readyCandidate(ctx)
  if (!candidate) return
  await attempt(ctx, async () => {
    await perform(ctx, { kind: 'apply-candidate', candidate: candidate.id })
    ctx.editor.store.setState({ removal: IDLE })
    if (!ctx.editor.store.getState().settings.hintSeen) await changeSettings(ctx, { hintSeen: true })
  })
}

export async function discardRemoval(ctx: ActionContext): Promise<void> {
  const candidate = readyCandidate(ctx)
  const { document, project, store } = ctx.editor
  if (!candidate || !document) return
  store.setState({ removal: IDLE })
  await attempt(ctx, () => project.discardCandidate({ session: document.session, candidate: candidate.id }))
}

/** Drops the result and fills again with another seed. */
export async function tryAnotherSeed(ctx: ActionContext): Promise<void> {
  await discardRemoval(ctx)
  rollSeed(ctx)
  await startRemoval(ctx)
}

export function rollSeed(ctx: ActionContext): void {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]! % 10_000
  ctx.editor.store.setState(({ removalRequest }) => ({ removalRequest: { ...removalRequest, seed } }))
}

/** While held, the picture is shown as it was. */
export function showOriginal(ctx: ActionContext, shown: boolean): void {
  const { removal } = ctx.editor.store.getState()
  if (removal.phase === 'ready' && removal.showOriginal !== shown)
    ctx.editor.store.setState({ removal: { ...removal, showOriginal: shown } })
}

/** Ends whatever is in hand, when the project is left. */
export function dropRemoval(ctx: ActionContext): void {
  cancelRemoval(ctx)
  ctx.editor.store.setState({ removal: IDLE })
}

function readyCandidate(ctx: ActionContext): Candidate | null {
  const { removal } = ctx.editor.store.getState()
  return removal.phase === 'ready' ? removal.candidate : null
}
