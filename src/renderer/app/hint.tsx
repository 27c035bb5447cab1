/** What to do first, shown over the canvas until it has been understood once. */
import { changeSettings } from '../editor/actions-view.ts'
import { Button, Keys } from '../ui/buttons.tsx'
import { useContextOf, useDocumentState, useEditorState } from '../ui/editor-context.ts'

export function Hint() {
  const ctx = useContextOf()
  const seen = useEditorState((state) => state.settings.hintSeen)
  const painted = useDocumentState((state) => state.document.selection !== null)
  const readOnly = useDocumentState((state) => state.readOnly)
  const ready = useEditorState((state) => state.inHand.phase === 'choosing')
  if (seen || readOnly) return null
  const step = ready ? 2 : painted ? 1 : 0
  return (
    <aside className="hint" aria-label="First steps">
      <ol>
        <li className="hint-step" data-now={step === 0 || undefined}>
          Paint over what should go
        </li>
        <li className="hint-step" data-now={step === 1 || undefined}>
          Press Remove <Keys of="Shift+Delete" />
        </li>
        <li className="hint-step" data-now={step === 2 || undefined}>
          Apply it as a new layer <Keys of="Enter" />
        </li>
      </ol>
      <Button kind="quiet" onClick={() => void changeSettings(ctx, { hintSeen: true })}>
        Got it
      </Button>
    </aside>
  )
}
