/**
 * Dragging a layer in the list: a press becomes a drag after a few pixels; letting go moves the layer in one command.
 *
 * Invariant: nothing changes before the end; Escape and a lost pointer leave all as it was.
 */
import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react'
import type { LayerId } from '../../shared/ids.ts'
import { attempt, edit, writable } from '../editor/action-context.ts'
import { isFixed, moveTo } from '../editor/layer-edits.ts'
import { type DropTarget, dropTarget, type LayerRow } from '../editor/layer-rows.ts'
import { useContextOf, useDocumentClient } from '../ui/editor-context.ts'
import { INDENT } from './layer-row.tsx'

export const ROW_HEIGHT = 36
const DRAG_DISTANCE = 4
/** Where the indentation begins, after the eye. */
const INDENT_FROM = 44

interface Drag {
  readonly id: LayerId
  readonly target: DropTarget | null
}

export function useLayerDrag(list: RefObject<HTMLElement | null>, rows: readonly LayerRow[]) {
  const ctx = useContextOf()
  const client = useDocumentClient()
  const [drag, setDrag] = useState<Drag | null>(null)
  const stop = useRef<(() => void) | null>(null)
  useEffect(() => () => stop.current?.(), [])

  const begin = (id: LayerId, down: PointerEvent) => {
    if (down.button !== 0 || !writable(ctx) || isFixed(client.state.document, id)) return
    const listening = new AbortController()
    const { signal } = listening
    let dragging = false
    let current: DropTarget | null = null

    const end = () => {
      listening.abort()
      stop.current = null
      setDrag(null)
    }
    const move = (event: globalThis.PointerEvent) => {
      if (!dragging && Math.abs(event.clientY - down.clientY) < DRAG_DISTANCE) return
      dragging = true
      current = targetAt(event)
      setDrag({ id, target: current })
    }
    const targetAt = (event: globalThis.PointerEvent): DropTarget | null => {
      const element = list.current
      if (!element) return null
      const box = element.getBoundingClientRect()
      if (event.clientY < box.top + 20) element.scrollTop -= 8
      if (event.clientY > box.bottom - 20) element.scrollTop += 8
      const at = (event.clientY - box.top + element.scrollTop) / ROW_HEIGHT
      const depth = Math.max(0, Math.floor((event.clientX - box.left - INDENT_FROM) / INDENT))
      return dropTarget(client.state.document, rows, id, at, depth)
    }
    const up = () => {
      const target = current
      end()
      if (dragging && target)
        void attempt(ctx, () => edit(ctx, (document) => moveTo(document, id, target.place)))
    }
    stop.current = end
    window.addEventListener('pointermove', move, { signal })
    window.addEventListener('pointerup', up, { signal })
    window.addEventListener('pointercancel', end, { signal })
    window.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape') return
        event.preventDefault()
        event.stopPropagation()
        end()
      },
      { signal, capture: true },
    )
  }
  return { drag, begin }
}
