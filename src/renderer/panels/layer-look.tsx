/** How the active layer is laid over what is below: blend mode, opacity, lock. Shown while it is being changed. */
import type { Layer } from '../../shared/document/model.ts'
import { attempt, edit } from '../editor/action-context.ts'
import { type BuildEdit, shownDocument } from '../editor/document-client.ts'
import { type Edit, setProperties } from '../editor/layer-edits.ts'
import { ActionIconButton } from '../ui/buttons.tsx'
import { useContextOf, useDocumentClient, useDocumentState, useEditorState } from '../ui/editor-context.ts'
import { PercentInput } from '../ui/number-input.tsx'
import { SelectInput } from '../ui/select-input.tsx'
import { BareSlider } from '../ui/slider-input.tsx'
import { type BlendChoice, blendChoices, blendOf, blendProperties } from './blend-modes.ts'

export function LayerLook() {
  const id = useEditorState((state) => state.activeLayer)
  const layer = useDocumentState((state) => (id === null ? undefined : shownDocument(state).layers[id]))
  const kept = useDocumentState((state) => (id === null ? undefined : state.document.layers[id]))
  const readOnly = useDocumentState((state) => state.readOnly)
  const { preview, commit } = usePreview()
  const off = readOnly || !layer || !kept

  const opacity =
    (value: number): BuildEdit<Edit> =>
    (document) =>
      kept
        ? setProperties(document, kept.id, { opacity: Math.round(value * 100) / 100 }, 'Layer opacity')
        : null
  const blend =
    (choice: BlendChoice): BuildEdit<Edit> =>
    (document) =>
      kept ? setProperties(document, kept.id, blendProperties(kept, choice), 'Blend mode') : null

  return (
    <div className="layer-look">
      <SelectInput
        label="Blend mode"
        value={kept ? blendOf(kept) : 'normal'}
        groups={blendChoices(kept ?? NO_LAYER)}
        disabled={off}
        onChange={(choice) => commit(blend(choice))}
        onConsider={(choice) => preview(choice === null ? null : blend(choice))}
      />
      <BareSlider
        label="Opacity"
        value={(layer?.opacity ?? 1) * 100}
        min={0}
        max={100}
        step={1}
        disabled={off}
        onChange={(value) => preview(opacity(value / 100))}
        onCommit={(value) => commit(opacity(value / 100))}
      />
      <PercentInput
        label="Opacity in per cent"
        hideLabel
        width={52}
        value={layer?.opacity ?? 1}
        disabled={off}
        onChange={(value) => preview(opacity(value))}
        onCommit={(value) => commit(opacity(value))}
      />
      <ActionIconButton id="layer.toggle-lock" label="Lock" />
    </div>
  )
}

/** Shows an edit while it is being found, and makes one command of it at the end. */
function usePreview() {
  const ctx = useContextOf()
  const client = useDocumentClient()
  return {
    preview(build: BuildEdit<Edit> | null) {
      client.preview(build)
    },
    async commit(build: BuildEdit<Edit>) {
      await attempt(ctx, () => edit(ctx, build))
    },
  }
}

/** Stands in where no layer is chosen. */
const NO_LAYER = { kind: 'raster' } as Layer
