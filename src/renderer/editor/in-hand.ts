/**
 * What is being made and what waits for a yes, by Remove or by Generate: idle → working → choosing → idle.
 *
 * Invariant: at most one thing is in hand. Cancelling closes the stream, which stops the work in the host; candidates that
 * have come by then stay and wait. A candidate is no part of the document until it is applied; discarding leaves no trace.
 */
import type { Candidate, GenerationEvent } from '../../shared/rpc/contract.ts'
import { type ActionContext, attempt, perform, report } from './action-context.ts'
import { changeSettings } from './actions-view.ts'
import { IDLE, type InHand, type Maker, settled, type Working } from './in-hand-state.ts'

/**
 * Makes what `open` streams; resolves when there are candidates to choose from, an error or nothing (cancelled).
 * @param keep candidates from before that stay beside the new ones
 */
export async function work(
  ctx: ActionContext,
  by: Maker,
  open: (signal: AbortSignal) => Promise<AsyncIterable<GenerationEvent>>,
  keep: readonly Candidate[] = [],
): Promise<void> {
  const { store } = ctx.editor
  const abort = new AbortController()
  const mine = () => {
    const { inHand } = store.getState()
    return inHand.phase === 'working' && inHand.abort === abort ? inHand : null
  }
  const change = (part: Partial<Working>) => {
    const now = mine()
    if (now) store.setState({ inHand: { ...now, ...part } })
  }
  const begun = { fraction: 0, stage: 'Starting', secondsLeft: null, preview: null, chosen: null }
  store.setState({
    inHand: { phase: 'working', by, abort, candidates: keep, ...begun },
    openPanel: by,
  })
  try {
    for await (const event of await open(abort.signal)) {
      const now = mine()
      if (!now) return
      if (event.type === 'progress') {
        const { fraction, stage, secondsLeft } = event
        change({ fraction, stage, secondsLeft })
      } else if (event.type === 'candidate')
        change({ candidates: [...now.candidates, event.candidate], preview: null })
      else if (event.type === 'preview') {
        const preview = { picture: await bitmapOf(event.png), at: event.at }
        change({ preview })
      }
    }
  } catch (error) {
    if (!abort.signal.aborted) report(ctx, error)
  }
  const last = mine()
  if (last) store.setState({ inHand: settled(last, keep.length) })
}

/** Stops the work; what has come by then can still be chosen. */
export function cancelWork(ctx: ActionContext): void {
  const { inHand } = ctx.editor.store.getState()
  if (inHand.phase !== 'working') return
  ctx.editor.store.setState({ inHand: settled(inHand, 0) })
  inHand.abort.abort()
}

/** Looks at one of the candidates; while the work goes on, at the one already looked at: back to the work. */
export function choose(ctx: ActionContext, index: number): void {
  const { inHand } = ctx.editor.store.getState()
  if (inHand.phase === 'idle' || !inHand.candidates[index]) return
  const chosen = inHand.phase === 'working' && inHand.chosen === index ? null : index
  ctx.editor.store.setState({ inHand: { ...inHand, chosen } as InHand })
}

/** The next candidate, or with -1 the one before; round and round. @returns whether there are several */
export function step(ctx: ActionContext, by: 1 | -1): boolean {
  const { inHand } = ctx.editor.store.getState()
  if (inHand.phase !== 'choosing' || inHand.candidates.length < 2) return false
  const count = inHand.candidates.length
  choose(ctx, (inHand.chosen + by + count) % count)
  return true
}

/** Makes the chosen candidate a layer and drops the others. When that fails, all stay where they are. */
export async function applyChosen(ctx: ActionContext): Promise<void> {
  const { store } = ctx.editor
  const { inHand } = store.getState()
  const chosen = chosenCandidate(ctx)
  if (inHand.phase !== 'choosing' || !chosen) return
  await attempt(ctx, async () => {
    await perform(ctx, { kind: 'apply-candidate', candidate: chosen.id })
    store.setState({ inHand: IDLE })
    await drop(
      ctx,
      inHand.candidates.filter((each) => each !== chosen),
    )
    if (!store.getState().settings.hintSeen) await changeSettings(ctx, { hintSeen: true })
  })
}

export async function discardAll(ctx: ActionContext): Promise<void> {
  const { inHand } = ctx.editor.store.getState()
  if (inHand.phase !== 'choosing') return
  ctx.editor.store.setState({ inHand: IDLE })
  await attempt(ctx, () => drop(ctx, inHand.candidates))
}

/** While held, the picture is shown as it was. */
export function showOriginal(ctx: ActionContext, shown: boolean): void {
  const { inHand } = ctx.editor.store.getState()
  if (inHand.phase === 'choosing' && inHand.showOriginal !== shown)
    ctx.editor.store.setState({ inHand: { ...inHand, showOriginal: shown } })
}

/** Ends whatever is in hand, when the project is left: its candidates go with it. */
export function dropInHand(ctx: ActionContext): void {
  const { inHand } = ctx.editor.store.getState()
  ctx.editor.store.setState({ inHand: IDLE })
  if (inHand.phase === 'working') inHand.abort.abort()
}

export function chosenCandidate(ctx: ActionContext): Candidate | null {
  const { inHand } = ctx.editor.store.getState()
  return inHand.phase === 'choosing' ? (inHand.candidates[inHand.chosen] ?? null) : null
}

async function drop(ctx: ActionContext, candidates: readonly Candidate[]): Promise<void> {
  const { document, project } = ctx.editor
  if (!document) return
  const { session } = document
  for (const { id } of candidates) await project.discardCandidate({ session, candidate: id })
}

async function bitmapOf(base64: string): Promise<ImageBitmap> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return createImageBitmap(new Blob([bytes], { type: 'image/png' }))
}
