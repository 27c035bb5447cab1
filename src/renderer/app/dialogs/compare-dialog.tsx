/** What each decoder makes of the candidate that is looked at. */
import { CompareView } from '../../panels/compare/compare-view.tsx'
import { DialogFrame } from '../../ui/dialog-frame.tsx'
import { useEditorState } from '../../ui/editor-context.ts'
import type { DialogProps } from './dialogs.tsx'

export function CompareDialog({ onClose }: DialogProps) {
  const candidate = useEditorState(({ inHand }) =>
    inHand.phase === 'choosing' ? (inHand.candidates[inHand.chosen] ?? null) : null,
  )
  return (
    <DialogFrame title="Compare decoders" width={960} onClose={onClose}>
      {candidate ? <CompareView candidate={candidate} /> : <p className="quiet">There is no candidate.</p>}
    </DialogFrame>
  )
}
