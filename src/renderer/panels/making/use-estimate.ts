/**
 * Asks what a run would see and need whenever something that matters for it has changed and has come to rest.
 *
 * Invariant: while something is in hand nothing is asked, and the region that it was asked for stays to be seen.
 */
import { useEffect } from 'react'
import type { GenerationRequest } from '../../../shared/generation.ts'
import { estimate } from '../../editor/generate.ts'
import { lackOf } from '../../editor/generation-state.ts'
import { useContextOf, useDocumentState, useEditorState } from '../../ui/editor-context.ts'

const SETTLE = 250

/** @param request null where there is none to be made */
export function useEstimate(request: GenerationRequest | null): void {
  const ctx = useContextOf()
  const selection = useDocumentState((state) => state.document.selection)
  const canvas = useDocumentState((state) => state.document.canvas)
  const known = useEditorState((state) => state.generation.models)
  const idle = useEditorState((state) => state.inHand.phase === 'idle')
  // Words and seeds change nothing of it, and are typed key by key.
  const asked =
    request && known?.some(({ name }) => name === request.model)
      ? JSON.stringify({ ...request, prompt: '', negative: '', source: '', seed: 0 })
      : null
  const without = request?.task === 'inpaint' && lackOf(request, selection !== null) !== null
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is selected and how large the picture is matters too.
  useEffect(() => {
    if (!idle) return
    const abort = new AbortController()
    const wanted = asked === null || without ? null : (JSON.parse(asked) as GenerationRequest)
    const timer = setTimeout(() => void estimate(ctx, wanted, abort.signal), wanted ? SETTLE : 0)
    return () => {
      clearTimeout(timer)
      abort.abort()
    }
  }, [ctx, asked, without, selection, canvas, known, idle])
  useEffect(() => () => void estimate(ctx, null, new AbortController().signal), [ctx])
}
