/**
 * From the browser's events to the tools' plain ones.
 *
 * Invariant: the only place that knows DOM events of the canvas. A gesture's pointer is captured, so that it ends here
 * wherever the button goes up; every reading the device made (coalesced events too) becomes one tool event. Keys are
 * taken only when nothing else has a better claim to them: a text field, an open dialog or menu, a focused control.
 */
import type { Modifiers, Spot, ToolEvent, ToolKey } from '../tools/tool.ts'
import { createPinch, type PinchView } from './pointer-pinch.ts'

export interface PointerTarget {
  toDocument(screen: Spot): Spot
  pointer(event: ToolEvent): void
  key(key: ToolKey): boolean
  modifiers(modifiers: Modifiers): void
  /** The gesture ended without its end: the browser took the pointer, or the window lost the focus. */
  interrupt(): void
  /** A second finger came down: what the first one began was not meant. */
  cancel(): void
  /** Where the pointer is while it is over the canvas, in CSS pixels; null when it has left. */
  hover(screen: Spot | null): void
  wheel(event: WheelStep): void
  readonly pinch: PinchView
}

/** One turn of the wheel, in CSS pixels. */
export interface WheelStep {
  readonly at: Spot
  readonly dx: number
  readonly dy: number
  readonly zoom: boolean
}

/** Listens on the canvas's element (and for keys on its window) until the returned function is called. */
export function listenToPointer(element: HTMLElement, target: PointerTarget): () => void {
  const stop = new AbortController()
  const view = element.ownerDocument.defaultView!
  const mac = /Mac|iP(hone|ad)/.test(view.navigator.platform)
  const pinch = createPinch(target)
  let space = false
  let over = false
  let captured: number | null = null

  function modifiersOf(event: MouseEvent | KeyboardEvent): Modifiers {
    const mod = mac ? event.metaKey : event.ctrlKey
    return { shift: event.shiftKey, alt: event.altKey, mod, space }
  }

  function screenOf(event: MouseEvent, box = element.getBoundingClientRect()): Spot {
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }

  function send(type: ToolEvent['type'], event: PointerEvent | MouseEvent, box?: DOMRect): void {
    const screen = screenOf(event, box)
    const pen = 'pointerType' in event && event.pointerType === 'pen'
    target.pointer({
      type,
      point: target.toDocument(screen),
      screen,
      pressure: pen ? (event as PointerEvent).pressure : 1,
      button: type === 'move' ? -1 : event.button,
      buttons: event.buttons,
      modifiers: modifiersOf(event),
      time: event.timeStamp,
      pointerId: 'pointerId' in event ? event.pointerId : -1,
    })
  }

  function onDown(event: PointerEvent): void {
    if (event.button === 1) event.preventDefault()
    if (pinch.down(event, screenOf(event))) {
      captured = null
      return
    }
    if (captured !== null) return
    element.setPointerCapture(event.pointerId)
    captured = event.pointerId
    send('down', event)
  }

  function onMove(event: PointerEvent): void {
    const box = element.getBoundingClientRect()
    over = true
    target.hover(screenOf(event, box))
    if (pinch.move(event, screenOf(event, box))) return
    const inGesture = captured === event.pointerId
    if (captured !== null && !inGesture) return
    const readings = inGesture ? (event.getCoalescedEvents?.() ?? []) : []
    for (const reading of readings.length > 0 ? readings : [event]) send('move', reading, box)
  }

  function onUp(event: PointerEvent): void {
    if (pinch.up(event) || captured !== event.pointerId) return
    captured = null
    send('up', event)
    if (event.pointerType === 'touch') target.hover(null)
  }

  function onLost(event: PointerEvent): void {
    pinch.up(event)
    if (captured !== event.pointerId) return
    captured = null
    target.interrupt()
  }

  function onWheel(event: WheelEvent): void {
    event.preventDefault()
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? element.clientHeight : 1
    const sideways = event.shiftKey && event.deltaX === 0
    target.wheel({
      at: screenOf(event),
      dx: (sideways ? event.deltaY : event.deltaX) * unit,
      dy: sideways ? 0 : event.deltaY * unit,
      zoom: event.ctrlKey || event.metaKey || event.altKey,
    })
  }

  function onKey(event: KeyboardEvent): void {
    const type = event.type === 'keydown' ? 'down' : 'up'
    if (event.defaultPrevented || (type === 'down' && !isOurs(event, element, over))) return
    if (event.key === ' ') {
      // A space that was not ours when it went down may be about to press a button.
      if (type === 'up' && !space) return
      space = type === 'down'
      event.preventDefault()
    }
    // Alt alone would open the browser's menu bar in the middle of a stroke.
    if (event.key === 'Alt' && (over || captured !== null)) event.preventDefault()
    if (event.key === ' ' || MODIFIER_KEYS.has(event.key)) return target.modifiers(modifiersOf(event))
    if (target.key({ type, key: event.key, modifiers: modifiersOf(event) })) event.preventDefault()
  }

  function onBlur(): void {
    space = false
    captured = null
    target.interrupt()
  }

  const { signal } = stop
  element.addEventListener('pointerdown', onDown, { signal })
  element.addEventListener('pointermove', onMove, { signal })
  element.addEventListener('pointerup', onUp, { signal })
  element.addEventListener('pointercancel', onLost, { signal })
  element.addEventListener('lostpointercapture', onLost, { signal })
  element.addEventListener('dblclick', (event) => send('double', event), { signal })
  element.addEventListener('contextmenu', (event) => event.preventDefault(), { signal })
  element.addEventListener('wheel', onWheel, { signal, passive: false })
  element.addEventListener(
    'pointerleave',
    () => {
      over = false
      target.hover(null)
    },
    { signal },
  )
  view.addEventListener('keydown', onKey, { signal })
  view.addEventListener('keyup', onKey, { signal })
  view.addEventListener('blur', onBlur, { signal })
  return () => stop.abort()
}

const MODIFIER_KEYS: ReadonlySet<string> = new Set(['Shift', 'Alt', 'Control', 'Meta'])

/** What keeps every key for itself while it has the focus. */
const OTHERS = 'input, textarea, select, [data-own-keys], [role=dialog], [role=menu], [role=listbox]'

/** Whether a key that goes down is for the canvas. */
function isOurs(event: KeyboardEvent, canvas: HTMLElement, over: boolean): boolean {
  const at = event.target
  if (!(at instanceof HTMLElement) || at === canvas || at === at.ownerDocument.body || canvas.contains(at))
    return true
  if (at.isContentEditable || at.closest(OTHERS)) return false
  if (MODIFIER_KEYS.has(event.key) || event.key === 'Escape') return true
  // A control reached with the keyboard keeps its keys; one that was merely clicked does not.
  return over && !at.matches(':focus-visible')
}
