/** The bottom line: zoom, facts about the picture, and what is going on. */

import { useStore } from 'zustand'
import { openModels } from '../editor/models.ts'
import { ActionIconButton, Button } from '../ui/buttons.tsx'
import { useContextOf, useDocumentState, useEditorState } from '../ui/editor-context.ts'
import { NumberInput } from '../ui/number-input.tsx'
import { Landmark } from '../ui/popup-host.tsx'

export function StatusBar() {
  const { canvas } = useContextOf().editor
  const zoom = useEditorState((state) => state.zoom)
  const busy = useEditorState((state) => state.busy)
  const { width, height } = useDocumentState((state) => state.document.canvas)
  const profile = useDocumentState((state) => state.document.profile)
  const selection = useDocumentState((state) => state.document.selection?.bounds ?? null)
  const layers = useDocumentState((state) => Object.keys(state.document.layers).length)
  const draft = useDocumentState((state) => state.draft)
  const readOnly = useDocumentState((state) => state.readOnly)
  return (
    <Landmark as="footer" className="status-bar" data-region="status">
      <div className="zoom-tools">
        <ActionIconButton id="view.zoom-out" />
        <NumberInput
          label="Zoom"
          hideLabel
          unit="%"
          width={68}
          digits={1}
          value={Math.round((zoom ?? 1) * 1000) / 10}
          min={1}
          max={6400}
          step={10}
          disabled={!canvas}
          onCommit={(value) => canvas?.zoomTo(value / 100)}
        />
        <ActionIconButton id="view.zoom-in" />
        <ActionIconButton id="view.fit" />
      </div>
      <span className="fact number">
        {width} × {height} px
      </span>
      <span className="fact number">{((width * height) / 1e6).toFixed(1)} MP</span>
      <span className="fact">{profile.hash === null ? `${profile.name} (untagged)` : profile.name}</span>
      <span className="fact number">{layers === 1 ? '1 layer' : `${layers} layers`}</span>
      {selection && (
        <span className="fact number">
          Selected {selection.width} × {selection.height}
        </span>
      )}
      <Fetching />
      <span className="fact now" role="status">
        {busy ? `${busy}…` : readOnly ? 'Read-only' : draft ? 'Draft, saved' : 'Saved'}
      </span>
    </Landmark>
  )
}

/** A download in hand while its dialog is closed; leads back to it. */
function Fetching() {
  const ctx = useContextOf()
  const fetching = useStore(ctx.editor.modelsStore, ({ download }) =>
    download.phase === 'working'
      ? `Fetching ${download.plan.name}, ${Math.floor((100 * download.bytes) / Math.max(1, download.plan.bytes))} %`
      : null,
  )
  if (fetching === null) return null
  return (
    <Button kind="quiet" className="fact number" onClick={() => void openModels(ctx)}>
      {fetching}
    </Button>
  )
}
