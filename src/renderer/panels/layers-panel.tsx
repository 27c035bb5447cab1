/** Layers: the stack as a tree, and the tools to change it. */
import { ContextMenu } from '@base-ui/react/context-menu'
import { type KeyboardEvent, type MouseEvent, type PointerEvent, useEffect, useMemo, useRef } from 'react'
import { LayerId } from '../../shared/ids.ts'
import { run } from '../editor/actions.ts'
import { type LayerRow, layerRows } from '../editor/layer-rows.ts'
import { ActionMenuItems, type MenuEntry } from '../ui/action-menu.tsx'
import { ActionIconButton } from '../ui/buttons.tsx'
import { useContextOf, useDocumentState, useEditorState } from '../ui/editor-context.ts'
import { usePopupHost } from '../ui/popup-host.tsx'
import { setFolded } from './layer-folding.ts'
import { LayerLook } from './layer-look.tsx'
import { INDENT, LayerRowView } from './layer-row.tsx'
import { Panel } from './panel.tsx'
import { ROW_HEIGHT, useLayerDrag } from './use-layer-drag.ts'

const LAYER_MENU: readonly MenuEntry[] = [
  'layer.rename',
  'layer.duplicate',
  'layer.group',
  'layer.ungroup',
  'layer.delete',
  '-',
  'layer.toggle-visible',
  'layer.toggle-lock',
  'select.layer',
  '-',
  'layer.add-mask',
  'layer.generate-again',
  'layer.merge-down',
  'image.flatten',
]
const MASK_MENU: readonly MenuEntry[] = [
  'layer.edit-mask',
  'layer.toggle-mask',
  'layer.invert-mask',
  '-',
  'layer.apply-mask',
  'layer.delete-mask',
]

export function LayersPanel({ grow }: { readonly grow: number }) {
  const readOnly = useDocumentState((state) => state.readOnly)
  return (
    <Panel title="Layers" className="layers" grow={grow}>
      <LayerLook />
      <LayerTree />
      <div className="panel-tools" role="toolbar" aria-label="Layer tools">
        {readOnly && <span className="quiet">Read-only</span>}
        <ActionIconButton id="layer.add-mask" />
        <ActionIconButton id="layer.group" />
        <ActionIconButton id="layer.new" />
        <ActionIconButton id="layer.duplicate" />
        <ActionIconButton id="layer.delete" />
      </div>
    </Panel>
  )
}

function LayerTree() {
  const ctx = useContextOf()
  const { store } = ctx.editor
  const document = useDocumentState((state) => state.document)
  const folded = useEditorState((state) => state.collapsed)
  const active = useEditorState((state) => state.activeLayer)
  const onMask = useEditorState((state) => state.plane === 'mask')
  const rows = useMemo(() => layerRows(document, folded), [document, folded])
  const list = useRef<HTMLDivElement>(null)
  const host = usePopupHost()
  const { drag, begin } = useLayerDrag(list, rows)
  const at = rows.findIndex((row) => row.layer.id === active)

  useEffect(() => {
    if (active) element(active)?.scrollIntoView({ block: 'nearest' })
  }, [active])

  const activate = (id: LayerId) => store.setState({ activeLayer: id, plane: 'pixels' })
  const press = (row: LayerRow, event: PointerEvent) => {
    if ((event.target as Element).closest('button, input')) return
    if (row.layer.id !== active || onMask) activate(row.layer.id)
    begin(row.layer.id, event)
  }
  const go = (row: LayerRow | undefined) => {
    if (!row) return
    activate(row.layer.id)
    element(row.layer.id)?.focus()
  }
  const key = (event: KeyboardEvent) => {
    const row = rows[at]
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey) return
    if (treeKey(event, row)) event.preventDefault()
  }
  const treeKey = (event: KeyboardEvent, row: LayerRow | undefined): boolean => {
    if (event.altKey) {
      if (event.key === 'ArrowUp') return run(ctx, 'layer.raise') || true
      if (event.key === 'ArrowDown') return run(ctx, 'layer.lower') || true
      return false
    }
    const onRow = (event.target as Element).role === 'treeitem'
    switch (event.key) {
      case 'ArrowUp':
        go(rows[at - 1])
        return true
      case 'ArrowDown':
        go(rows[at + 1])
        return true
      case 'Home':
        go(rows[0])
        return true
      case 'End':
        go(rows.at(-1))
        return true
      case 'ArrowRight':
        if (row?.folded) setFolded(store, row.layer.id, false)
        else if (row?.layer.kind === 'group' && row.layer.children.length > 0) go(rows[at + 1])
        return true
      case 'ArrowLeft':
        if (row?.layer.kind === 'group' && !row.folded) setFolded(store, row.layer.id, true)
        else go(rows.slice(0, at).findLast((each) => each.depth < (row?.depth ?? 0)))
        return true
      case 'Delete':
      case 'Backspace':
        return !event.shiftKey && (run(ctx, 'layer.delete') || true)
      case 'Enter':
        return onRow && run(ctx, 'layer.rename')
      case ' ':
        return onRow && run(ctx, 'layer.toggle-visible')
      default:
        return false
    }
  }
  /** The menu is for what was clicked, so that becomes active first. */
  const beforeMenu = (event: MouseEvent) => {
    const target = event.target as Element
    const id = LayerId.safeParse(target.closest<HTMLElement>('[data-layer]')?.dataset['layer'])
    if (!id.success) return
    store.setState({ activeLayer: id.data, plane: target.closest('.layer-mask') ? 'mask' : 'pixels' })
  }

  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger
        ref={list}
        className="layer-list"
        role="tree"
        aria-label="Layers"
        onKeyDown={key}
        onContextMenuCapture={beforeMenu}
      >
        {rows.map((row, i) => (
          <LayerRowView
            key={row.layer.id}
            row={row}
            active={i === at}
            focusable={i === Math.max(0, at)}
            dragged={drag?.id === row.layer.id}
            target={drag?.target?.into === row.layer.id}
            onPress={(event) => press(row, event)}
          />
        ))}
        {drag?.target && drag.target.into === null && (
          <div
            className="drop-line"
            style={{ top: drag.target.line * ROW_HEIGHT, left: 28 + drag.target.depth * INDENT }}
          />
        )}
      </ContextMenu.Trigger>
      {rows.length === 0 && <p className="panel-empty">No layers yet. New layer makes one.</p>}
      <ContextMenu.Portal container={host}>
        <ContextMenu.Positioner className="positioner" positionMethod="fixed">
          <ContextMenu.Popup className="popup menu" data-own-keys="">
            <ActionMenuItems entries={onMask ? MASK_MENU : LAYER_MENU} />
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  )
}

function element(id: LayerId): HTMLElement | null {
  return document.getElementById(`layer-${id}`)
}
