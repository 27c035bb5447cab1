/** Keeps the list of models true while a panel shows it: read when it unfolds and when the list of models changes. */
import { useEffect } from 'react'
import { useStore } from 'zustand'
import { readGenerators } from '../../editor/generate.ts'
import { useContextOf } from '../../ui/editor-context.ts'

export function useGenerators(): void {
  const ctx = useContextOf()
  const installed = useStore(ctx.editor.modelsStore, (state) => state.list)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list of models says when to ask again.
  useEffect(() => void readGenerators(ctx), [ctx, installed])
}
