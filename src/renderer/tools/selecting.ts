/**
 * The machine behind rectangle and lasso: drags out a shape and sends it as a `select` intent.
 *
 * States: idle → pointing → drawing. Shift, Alt or both when the button goes down add, subtract or intersect, whatever
 * the tool options say. While drawing, the space bar moves the shape; a modifier that is pressed anew changes the shape
 * instead (a square, from its middle). A click without a drag deselects. Cancel and interruption send nothing.
 */
import type { IntentOf, SelectionShape } from '../../shared/intents.ts'
import type { EditorState } from '../editor/editor-state.ts'
import { type OverlayShape, system, type ToolCursor } from './overlay-shape.ts'
import { READ_ONLY } from './paint-target.ts'
import { isDrag } from './pointing.ts'
import type { Modifiers, Spot, Tool, ToolContext, ToolEvent } from './tool.ts'
import { NO_MODIFIERS } from './tool.ts'

type Combine = IntentOf<'select'>['combine']

/** What differs between the selecting tools; a draft is the points drawn so far, the first one where it began. */
export interface Drawing {
  readonly id: 'rectangle-select' | 'lasso'
  extend(
    draft: readonly Spot[],
    to: Spot,
    how: { readonly square: boolean; readonly centred: boolean; readonly scale: number },
  ): readonly Spot[]
  /** Null when the draft holds nothing that could be selected. */
  shape(draft: readonly Spot[], context: ToolContext): SelectionShape | null
  overlay(draft: readonly Spot[], pointer: Spot): readonly OverlayShape[]
}

interface Drawn {
  readonly name: 'drawing'
  readonly combine: Combine
  readonly down: ToolEvent
  readonly draft: readonly Spot[]
  readonly pointer: Spot
  /** Where pointer and draft were when the space bar went down. */
  readonly carried: { readonly from: Spot; readonly draft: readonly Spot[] } | null
  /** Modifiers that chose the combination and have not been let go since. */
  readonly spent: { readonly shift: boolean; readonly alt: boolean }
}

type State = { readonly name: 'idle' } | { readonly name: 'pointing'; readonly down: ToolEvent } | Drawn

export function createSelecting(drawing: Drawing, context: ToolContext): Tool {
  let state: State = { name: 'idle' }
  let held: Modifiers = NO_MODIFIERS

  function go(next: State): void {
    state = next
    context.redraw()
  }

  function down(event: ToolEvent): void {
    if (event.button !== 0) return
    if (context.readOnly()) return context.say(READ_ONLY)
    go({ name: 'pointing', down: event })
  }

  function move(event: ToolEvent): void {
    if (state.name === 'pointing' && isDrag(state.down, event)) {
      const { down } = state
      state = {
        name: 'drawing',
        combine: combineOf(down.modifiers, context.store.getState().selectCombine),
        down,
        draft: [down.point],
        pointer: down.point,
        carried: null,
        spent: { shift: down.modifiers.shift, alt: down.modifiers.alt },
      }
    }
    if (state.name === 'drawing') go(draw(state, event))
  }

  function draw(now: Drawn, event: ToolEvent): Drawn {
    const { shift, alt, space } = event.modifiers
    const spent = { shift: now.spent.shift && shift, alt: now.spent.alt && alt }
    const common = { ...now, spent, pointer: event.point }
    if (space) {
      const carried = now.carried ?? { from: event.point, draft: now.draft }
      const dx = event.point.x - carried.from.x
      const dy = event.point.y - carried.from.y
      return { ...common, carried, draft: carried.draft.map(({ x, y }) => ({ x: x + dx, y: y + dy })) }
    }
    const how = { square: shift && !spent.shift, centred: alt && !spent.alt, scale: context.view.scale }
    return { ...common, carried: null, draft: drawing.extend(now.draft, event.point, how) }
  }

  function up(): void {
    const ended = state
    go({ name: 'idle' })
    if (ended.name === 'pointing') {
      const combine = combineOf(ended.down.modifiers, context.store.getState().selectCombine)
      if (combine === 'replace' && context.document().selection) send({ kind: 'none' }, 'replace')
    } else if (ended.name === 'drawing') {
      const shape = drawing.shape(ended.draft, context)
      if (shape) send(shape, ended.combine)
      else if (ended.combine === 'replace' && context.document().selection) send({ kind: 'none' }, 'replace')
    }
  }

  function send(shape: SelectionShape, combine: Combine): void {
    const feather = shape.kind === 'none' ? 0 : context.store.getState().selectFeather
    void context.perform({ kind: 'select', shape, combine, feather })
  }

  function end(): boolean {
    if (state.name === 'idle') return false
    go({ name: 'idle' })
    return true
  }

  function cursor(): ToolCursor {
    if (context.readOnly()) return system('not-allowed')
    const combine =
      state.name === 'drawing' ? state.combine : combineOf(held, context.store.getState().selectCombine)
    return combine === 'replace' ? system('crosshair') : { kind: 'drawn', name: `select-${combine}` }
  }

  return {
    id: drawing.id,
    get state() {
      return state.name
    },
    pointer(event) {
      if (state.name === 'idle' && differs(held, event.modifiers)) context.redraw()
      held = event.modifiers
      if (event.type === 'down' && state.name === 'idle') down(event)
      else if (event.type === 'move') move(event)
      else if (event.type === 'up') up()
    },
    modifiers(modifiers) {
      held = modifiers
      context.redraw()
    },
    cancel: end,
    interrupt: end,
    cursor,
    overlay: () => (state.name === 'drawing' ? drawing.overlay(state.draft, state.pointer) : []),
  }
}

function combineOf({ shift, alt }: Modifiers, chosen: EditorState['selectCombine']): Combine {
  if (shift && alt) return 'intersect'
  if (shift) return 'add'
  if (alt) return 'subtract'
  return chosen
}

function differs(a: Modifiers, b: Modifiers): boolean {
  return a.shift !== b.shift || a.alt !== b.alt
}
