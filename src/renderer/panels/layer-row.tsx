/** One layer in the list: eye, indentation, thumbnails, name, lock. */
import { ChevronDown, ChevronRight, Eye, EyeOff, Folder, FolderOpen, Lock, Sparkles } from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, type PointerEvent, useEffect, useRef } from 'react'
import type { Layer } from '../../shared/document/model.ts'
import { attempt, edit } from '../editor/action-context.ts'
import { generateAgainFrom } from '../editor/generate.ts'
import { rename, setProperties, solo } from '../editor/layer-edits.ts'
import type { LayerRow } from '../editor/layer-rows.ts'
import { useContextOf, useDocumentClient, useDocumentState, useEditorState } from '../ui/editor-context.ts'
import { Thumbnail, usePicture } from '../ui/thumbnail.tsx'
import { WithTip } from '../ui/tooltip.tsx'
import { toggleFolded } from './layer-folding.ts'

export const INDENT = 14
const THUMBNAIL = 56

interface LayerRowViewProps {
  readonly row: LayerRow
  readonly active: boolean
  readonly focusable: boolean
  readonly dragged: boolean
  readonly target: boolean
  onPress(event: PointerEvent): void
}

export function LayerRowView({ row, active, focusable, dragged, target, onPress }: LayerRowViewProps) {
  const { layer, depth } = row
  const { store } = useContextOf().editor
  const renaming = useEditorState((state) => state.renaming === layer.id)
  const plane = useEditorState((state) => (active ? state.plane : 'pixels'))
  const inner = focusable ? 0 : -1
  return (
    <div
      role="treeitem"
      id={`layer-${layer.id}`}
      aria-level={depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={active}
      aria-expanded={layer.kind === 'group' ? !row.folded : undefined}
      aria-label={describeLayer(layer)}
      tabIndex={inner}
      className="layer-row"
      data-hidden={!row.shown || undefined}
      data-dragged={dragged || undefined}
      data-target={target || undefined}
      data-layer={layer.id}
      onPointerDown={onPress}
    >
      <EyeButton layer={layer} tabIndex={inner} />
      <span style={{ width: depth * INDENT }} />
      {layer.kind === 'group' ? <FoldButton row={row} /> : <span className="fold" />}
      <LayerPicture layer={layer} folded={row.folded} marked={active && plane === 'pixels'} />
      {layer.mask && <MaskPicture layer={layer} marked={active && plane === 'mask'} tabIndex={inner} />}
      {renaming ? (
        <NameField layer={layer} />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: F2 does the same from the keyboard
        <span className="layer-name" onDoubleClick={() => store.setState({ renaming: layer.id })}>
          {layer.name}
        </span>
      )}
      {layer.kind === 'raster' && layer.request !== null && <MadeMark layer={layer} tabIndex={inner} />}
      {layer.locked && <Lock size={12} className="layer-lock" aria-hidden="true" />}
    </div>
  )
}

function EyeButton({ layer, tabIndex }: { readonly layer: Layer; readonly tabIndex: number }) {
  const ctx = useContextOf()
  const Icon = layer.visible ? Eye : EyeOff
  const toggle = (event: MouseEvent) => {
    const visible = !layer.visible
    const alone = event.altKey
    void attempt(ctx, () =>
      edit(ctx, (document) =>
        alone
          ? solo(document, layer.id)
          : setProperties(document, layer.id, { visible }, visible ? 'Show layer' : 'Hide layer'),
      ),
    )
  }
  return (
    <button
      type="button"
      className="layer-eye"
      tabIndex={tabIndex}
      aria-label={`${layer.visible ? 'Hide' : 'Show'} ${layer.name}`}
      title="Alt-click shows only this layer"
      onClick={toggle}
    >
      <Icon size={14} strokeWidth={1.5} aria-hidden="true" />
    </button>
  )
}

function FoldButton({ row }: { readonly row: LayerRow }) {
  const { store } = useContextOf().editor
  const Icon = row.folded ? ChevronRight : ChevronDown
  return (
    <button
      type="button"
      className="fold"
      tabIndex={-1}
      aria-label={row.folded ? 'Unfold' : 'Fold'}
      onClick={() => toggleFolded(store, row.layer.id)}
    >
      <Icon size={12} aria-hidden="true" />
    </button>
  )
}

function LayerPicture({ layer, folded, marked }: { layer: Layer; folded: boolean; marked: boolean }) {
  const client = useDocumentClient()
  const { project } = useContextOf().editor
  const url = usePicture(layer.kind === 'raster' ? layer.tiles : null, () =>
    project.thumbnail({ session: client.session, of: { layer: layer.id }, size: THUMBNAIL }),
  )
  if (layer.kind === 'raster') {
    return (
      <span className="layer-picture" data-marked={marked || undefined}>
        <Thumbnail url={url} />
      </span>
    )
  }
  const Icon = folded ? Folder : FolderOpen
  return (
    <span className="layer-picture">
      <Icon size={16} strokeWidth={1.5} aria-hidden="true" />
    </span>
  )
}

function MaskPicture({ layer, marked, tabIndex }: { layer: Layer; marked: boolean; tabIndex: number }) {
  const ctx = useContextOf()
  const client = useDocumentClient()
  const { mask } = layer
  const url = usePicture(mask?.tiles ?? null, () =>
    ctx.editor.project.thumbnail({ session: client.session, of: { mask: layer.id }, size: THUMBNAIL }),
  )
  if (!mask) return null
  const click = (event: MouseEvent) => {
    if (!event.shiftKey) return ctx.editor.store.setState({ activeLayer: layer.id, plane: 'mask' })
    const label = mask.enabled ? 'Disable mask' : 'Enable mask'
    const turned = { mask: { ...mask, enabled: !mask.enabled } }
    if (layer.locked) return
    void attempt(ctx, () => edit(ctx, (document) => setProperties(document, layer.id, turned, label)))
  }
  return (
    <button
      type="button"
      className="layer-picture layer-mask"
      tabIndex={tabIndex}
      data-marked={marked || undefined}
      data-off={!mask.enabled || undefined}
      aria-pressed={marked}
      aria-label={`Paint on the mask of ${layer.name}`}
      title="Click to paint on the mask, Shift-click to switch it off or on"
      onClick={click}
    >
      <Thumbnail url={url} />
    </button>
  )
}

/** On layers that Remove or Generate has made: leads back to what they were made with. */
function MadeMark({ layer, tabIndex }: { readonly layer: Layer; readonly tabIndex: number }) {
  const ctx = useContextOf()
  const free = useEditorState((state) => state.inHand.phase === 'idle')
  const readOnly = useDocumentState((state) => state.readOnly)
  return (
    <WithTip tip={{ label: 'Generate again…', hint: 'Inlay made this layer and knows what with.' }}>
      <button
        type="button"
        className="layer-made"
        tabIndex={tabIndex}
        disabled={!free || readOnly}
        aria-label={`Generate ${layer.name} again`}
        onClick={() => void attempt(ctx, () => generateAgainFrom(ctx, layer.id))}
      >
        <Sparkles size={13} strokeWidth={1.5} aria-hidden="true" />
      </button>
    </WithTip>
  )
}

function NameField({ layer }: { readonly layer: Layer }) {
  const ctx = useContextOf()
  const field = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  useEffect(() => field.current?.select(), [])
  const end = (name: string | null) => {
    if (done.current) return
    done.current = true
    ctx.editor.store.setState({ renaming: null })
    if (name !== null) void attempt(ctx, () => edit(ctx, (document) => rename(document, layer.id, name)))
  }
  const key = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation()
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    end(event.key === 'Enter' ? event.currentTarget.value : null)
    document.getElementById(`layer-${layer.id}`)?.focus()
  }
  return (
    <input
      ref={field}
      className="text-box layer-name"
      aria-label={`Name of ${layer.name}`}
      defaultValue={layer.name}
      maxLength={200}
      onKeyDown={key}
      onBlur={(event) => end(event.currentTarget.value)}
      onPointerDown={(event) => event.stopPropagation()}
    />
  )
}

function describeLayer(layer: Layer): string {
  const facts = [layer.kind === 'group' ? 'group' : 'layer']
  if (!layer.visible) facts.push('hidden')
  if (layer.locked) facts.push('locked')
  if (layer.kind === 'raster' && layer.request !== null) facts.push('made by Inlay')
  if (layer.mask) facts.push(layer.mask.enabled ? 'with mask' : 'with mask switched off')
  return `${layer.name}, ${facts.join(', ')}`
}
