/**
 * Crop: a frame over the picture; Enter or a double click cuts the canvas to it.
 *
 * States: idle (the frame waits) → drawing, moving or resizing it. Escape puts the frame back to where the gesture
 * began, and once more to the whole canvas. Choosing another tool drops the frame: nothing is cut that was not
 * confirmed.
 */
import { sameJson } from '../../shared/document/apply.ts'
import { intersect, isEmpty, type Rect, rectOf } from '../../shared/geometry.ts'
import { looksAtResult } from '../editor/in-hand-state.ts'
import { drawFrame, handleSpot, moveFrame, partAt, resizeFrame } from './crop-frame.ts'
import {
  HANDLES,
  type Handle,
  handleCursor,
  type OverlayShape,
  system,
  type ToolCursor,
} from './overlay-shape.ts'
import { READ_ONLY, RESULT_WAITS } from './paint-target.ts'
import { isDrag } from './pointing.ts'
import type { Spot, Tool, ToolContext, ToolEvent, ToolKey } from './tool.ts'

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'drawing' | 'moving'; readonly down: ToolEvent; readonly before: Rect }
  | { readonly name: 'resizing'; readonly down: ToolEvent; readonly before: Rect; readonly handle: Handle }

/** How near the pointer must come to a side, in CSS pixels. */
const REACH = 7

export function createCrop(context: ToolContext): Tool {
  let state: State = { name: 'idle' }
  /** The frame, and the canvas it was drawn on: on another canvas it means nothing. */
  let held: { readonly frame: Rect; readonly canvas: Rect } | null = null
  let hover: Spot | null = null

  function canvas(): Rect {
    return rectOf(context.document().canvas)
  }

  function frame(): Rect {
    if (held && sameJson(held.canvas, canvas())) return held.frame
    return canvas()
  }

  function set(next: Rect): void {
    held = { frame: next, canvas: canvas() }
    context.redraw()
  }

  function go(next: State): void {
    state = next
    context.redraw()
  }

  function down(event: ToolEvent): void {
    if (event.button !== 0 || state.name !== 'idle') return
    if (context.readOnly()) return context.say(READ_ONLY)
    const before = frame()
    const part = partAt(before, event.point, REACH / context.view.scale)
    const whole = sameJson(before, canvas())
    if (part === 'outside' || (part === 'inside' && whole)) go({ name: 'drawing', down: event, before })
    else if (part === 'inside') go({ name: 'moving', down: event, before })
    else go({ name: 'resizing', down: event, before, handle: part })
  }

  function drag(event: ToolEvent): void {
    if (state.name === 'idle') return
    const { down, before } = state
    const shift = { x: event.point.x - down.point.x, y: event.point.y - down.point.y }
    const { shift: aspect, alt: centred } = event.modifiers
    if (state.name === 'moving') set(moveFrame(before, shift, canvas()))
    else if (state.name === 'resizing')
      set(resizeFrame(before, state.handle, shift, { aspect, centred }, canvas()))
    else if (isDrag(down, event)) set(drawFrame(down.point, event.point, canvas()))
  }

  /** @returns false when there is nothing to cut. */
  function apply(): boolean {
    const rect = frame()
    if (sameJson(rect, canvas())) return false
    if (context.readOnly()) context.say(READ_ONLY)
    else if (looksAtResult(context.store.getState().inHand)) context.say(RESULT_WAITS)
    else void context.perform({ kind: 'crop', rect, discard: false })
    return true
  }

  function cancel(): boolean {
    if (state.name !== 'idle') {
      set(state.before)
      go({ name: 'idle' })
      return true
    }
    if (sameJson(frame(), canvas())) return false
    set(canvas())
    return true
  }

  function key({ type, key }: ToolKey): boolean {
    return type === 'down' && key === 'Enter' && state.name === 'idle' && apply()
  }

  function cursor(): ToolCursor {
    if (context.readOnly()) return system('not-allowed')
    if (state.name === 'resizing') return handleCursor(state.handle)
    if (state.name !== 'idle') return system(state.name === 'moving' ? 'move' : 'crosshair')
    const part = hover ? partAt(frame(), hover, REACH / context.view.scale) : 'outside'
    if (part === 'outside') return system('crosshair')
    if (part !== 'inside') return handleCursor(part)
    return system(sameJson(frame(), canvas()) ? 'crosshair' : 'move')
  }

  function overlay(): readonly OverlayShape[] {
    const area = frame()
    const shapes: OverlayShape[] = [
      { kind: 'shade', area },
      { kind: 'area', area, style: 'frame' },
      ...HANDLES.map((side): OverlayShape => ({ kind: 'handle', at: handleSpot(area, side), side })),
    ]
    if (state.name === 'idle') return shapes
    const corner = { x: area.x + area.width, y: area.y + area.height }
    const label: OverlayShape = { kind: 'label', at: corner, text: `${area.width} × ${area.height}` }
    return [...shapes, { kind: 'thirds', area }, label]
  }

  return {
    id: 'crop',
    get state() {
      return state.name
    },
    enter() {
      const selected = context.document().selection?.bounds
      const around = selected ? intersect(selected, canvas()) : canvas()
      set(isEmpty(around) ? canvas() : around)
    },
    exit() {
      held = null
    },
    pointer(event) {
      hover = event.point
      if (event.type === 'down') down(event)
      else if (event.type === 'double') {
        if (partAt(frame(), event.point, 0) === 'inside') apply()
      } else if (state.name === 'idle') context.redraw()
      else {
        drag(event)
        if (event.type === 'up') go({ name: 'idle' })
      }
    },
    key,
    cancel,
    interrupt() {
      if (state.name !== 'idle') cancel()
    },
    cursor,
    overlay,
  }
}
