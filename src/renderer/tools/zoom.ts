/**
 * Zoom: a click zooms in about the pointer, with Alt out; a drag shows the dragged area.
 *
 * States: idle → pointing → marquee. Cancel and interruption leave the view as it is.
 */
import { type Area, system } from './overlay-shape.ts'
import { areaBetween, isDrag } from './pointing.ts'
import type { Tool, ToolContext, ToolEvent } from './tool.ts'

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'pointing'; readonly down: ToolEvent }
  | { readonly name: 'marquee'; readonly down: ToolEvent; readonly area: Area }

/** One click's step. */
const STEP = 2

export function createZoom(context: ToolContext): Tool {
  let state: State = { name: 'idle' }
  let out = false

  function go(next: State): void {
    state = next
    context.redraw()
  }

  function finish(event: ToolEvent): void {
    if (state.name === 'marquee') context.view.zoomTo(state.area)
    else if (state.name === 'pointing')
      context.view.zoomAbout(event.screen, event.modifiers.alt ? 1 / STEP : STEP)
    go({ name: 'idle' })
  }

  function end(): boolean {
    if (state.name === 'idle') return false
    go({ name: 'idle' })
    return true
  }

  return {
    id: 'zoom',
    get state() {
      return state.name
    },
    pointer(event) {
      out = event.modifiers.alt
      if (event.type === 'down' && event.button === 0) go({ name: 'pointing', down: event })
      else if (event.type === 'up') finish(event)
      else if (state.name !== 'idle' && (state.name === 'marquee' || isDrag(state.down, event)))
        go({ name: 'marquee', down: state.down, area: areaBetween(state.down.point, event.point) })
    },
    modifiers(modifiers) {
      out = modifiers.alt
      context.redraw()
    },
    cancel: end,
    interrupt: end,
    cursor: () => system(out ? 'zoom-out' : 'zoom-in'),
    overlay: () => (state.name === 'marquee' ? [{ kind: 'area', area: state.area, style: 'line' }] : []),
  }
}
