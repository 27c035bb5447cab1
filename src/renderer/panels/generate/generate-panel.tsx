/** Generate: what a model shall make, how, and its candidates before one becomes a layer. */

import { generateAgain } from '../../editor/generate.ts'
import type { Choosing } from '../../editor/in-hand-state.ts'
import { useContextOf, useEditorState } from '../../ui/editor-context.ts'
import { AtWork } from '../making/at-work.tsx'
import { ToChoose } from '../making/to-choose.tsx'
import { useEstimate } from '../making/use-estimate.ts'
import { useGenerators } from '../making/use-generators.ts'
import { usePanel } from '../making/use-panel.ts'
import { Panel } from '../panel.tsx'
import { Settings } from './settings.tsx'
import '../making/making.css'

export function GeneratePanel() {
  const { open, onOpen } = usePanel('generate')
  return (
    <Panel title="Generate" className="making generate" open={open} onOpen={onOpen}>
      {open && <Inside />}
    </Panel>
  )
}

function Inside() {
  const inHand = useEditorState((state) => state.inHand)
  const request = useEditorState((state) => state.generation.request)
  useGenerators()
  useEstimate(request)
  if (inHand.phase === 'idle' || inHand.by !== 'generate') return <Settings />
  return inHand.phase === 'working' ? <AtWork working={inHand} /> : <Candidates choosing={inHand} />
}

function Candidates({ choosing }: { readonly choosing: Choosing }) {
  const ctx = useContextOf()
  const { candidates, chosen } = choosing
  const { request, seconds } = candidates[chosen]!
  const which = candidates.length > 1 ? `Candidate ${chosen + 1} of ${candidates.length}, made` : 'Made'
  return (
    <ToChoose choosing={choosing} again="Another seed" onAgain={() => void generateAgain(ctx)}>
      {which} in {seconds.toFixed(1)} s with seed {request.seed}. Applied, it becomes a layer.
    </ToChoose>
  )
}
