/**
 * Hand: drags the view. Also what the space bar and the middle button lend to every other tool.
 *
 * States: idle → panning. Cancel puts the view back; an interruption leaves it where it is, for nothing is at stake.
 */
import { system } from './overlay-shape.ts'
import type { Spot, Tool, ToolContext, ToolEvent } from './tool.ts'

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'panning'; readonly from: Spot; readonly pan: (dx: number, dy: number) => void }

export function createHand(context: ToolContext): Tool {
  let state: State = { name: 'idle' }

  function go(next: State): void {
    state = next
    context.redraw()
  }

  return {
    id: 'hand',
    get state() {
      return state.name
    },
    pointer(event: ToolEvent) {
      if (event.type === 'down') go({ name: 'panning', from: event.screen, pan: context.view.startPan() })
      else if (state.name === 'panning') {
        state.pan(event.screen.x - state.from.x, event.screen.y - state.from.y)
        if (event.type === 'up') go({ name: 'idle' })
      }
    },
    cancel() {
      if (state.name === 'idle') return false
      state.pan(0, 0)
      go({ name: 'idle' })
      return true
    },
    interrupt() {
      if (state.name !== 'idle') go({ name: 'idle' })
    },
    cursor: () => system(state.name === 'panning' ? 'grabbing' : 'grab'),
    overlay: () => [],
  }
}
