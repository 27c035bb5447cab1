/**
 * Eyedropper: takes the picture's colour as the foreground, with Alt as the background.
 *
 * States: idle → picking. Cancel puts the colour back; an interruption keeps the colour picked so far.
 */
import { createColourPick } from './colour-pick.ts'
import type { Tool, ToolContext } from './tool.ts'

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'picking'; readonly as: 'foreground' | 'background' }

export function createEyedropper(context: ToolContext): Tool {
  let state: State = { name: 'idle' }
  const pick = createColourPick(context)

  function go(next: State): void {
    state = next
    context.redraw()
  }

  return {
    id: 'eyedropper',
    get state() {
      return state.name
    },
    pointer(event) {
      if (event.type === 'down' && event.button === 0)
        go({ name: 'picking', as: event.modifiers.alt ? 'background' : 'foreground' })
      if (state.name !== 'picking') return
      pick.at(event.point, state.as)
      if (event.type !== 'up') return
      pick.end()
      go({ name: 'idle' })
    },
    cancel() {
      if (state.name === 'idle') return false
      pick.revert()
      go({ name: 'idle' })
      return true
    },
    interrupt() {
      pick.end()
      if (state.name !== 'idle') go({ name: 'idle' })
    },
    cursor: () => ({ kind: 'drawn', name: 'eyedropper' }),
    overlay: () => pick.overlay(),
  }
}
