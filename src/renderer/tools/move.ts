/**
 * Move: drags the active layer by whole pixels; the arrow keys move it by one pixel, with Shift by ten.
 *
 * States: idle → seeking (which layer is under the pointer, when it is to be chosen) → pointing → moving, or nudging
 * while arrow keys are held. One gesture makes one command. Cancel puts the layer back; an interrupted drag too, but an
 * interrupted nudge is kept, for each of its steps was meant.
 */
import { isEmpty, type Point, type Rect, translate } from '../../shared/geometry.ts'
import type { LayerId } from '../../shared/ids.ts'
import { looksAtResult } from '../editor/in-hand-state.ts'
import { layerAt } from './layer-at.ts'
import { layerBounds } from './layer-bounds.ts'
import { moveEdit, moveRefusal } from './move-edit.ts'
import { type OverlayShape, system } from './overlay-shape.ts'
import { READ_ONLY, RESULT_WAITS } from './paint-target.ts'
import { alongAxis, isDrag } from './pointing.ts'
import type { Tool, ToolContext, ToolEvent, ToolKey } from './tool.ts'

interface Grip {
  readonly layer: LayerId
  /** What the layer covers; null until it is known. */
  outline: Rect | null
}

type State =
  | { readonly name: 'idle' }
  | { readonly name: 'seeking'; readonly down: ToolEvent; latest: ToolEvent }
  | { readonly name: 'pointing'; readonly down: ToolEvent; readonly grip: Grip }
  | {
      readonly name: 'moving'
      readonly down: ToolEvent
      readonly grip: Grip
      readonly by: Point
      readonly pointer: ToolEvent
    }
  | { readonly name: 'nudging'; readonly grip: Grip; readonly by: Point; readonly keys: ReadonlySet<string> }

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

export function createMove(context: ToolContext): Tool {
  let state: State = { name: 'idle' }

  function go(next: State): void {
    state = next
    context.redraw()
  }

  function refusal(): string | null {
    if (context.readOnly()) return READ_ONLY
    if (looksAtResult(context.store.getState().inHand)) return RESULT_WAITS
    return moveRefusal(context.document(), context.store.getState().activeLayer)
  }

  /** Takes hold of the active layer; says why when it cannot. */
  function grip(): Grip | null {
    const reason = refusal()
    if (reason) context.say(reason)
    const { activeLayer } = context.store.getState()
    if (reason || activeLayer === null) return null
    const held: Grip = { layer: activeLayer, outline: null }
    // The outline is a help only: when its tiles cannot be had, the drag goes on without it.
    layerBounds(context.document(), held.layer, context.fetchTiles).then(
      (bounds) => {
        held.outline = bounds
        context.redraw()
      },
      () => undefined,
    )
    return held
  }

  function down(event: ToolEvent): void {
    if (event.button !== 0 || state.name !== 'idle') return
    if (context.store.getState().autoSelect !== event.modifiers.mod) {
      const seeking: State = { name: 'seeking', down: event, latest: event }
      go(seeking)
      void seek(seeking)
      return
    }
    const held = grip()
    if (held) go({ name: 'pointing', down: event, grip: held })
  }

  async function seek(seeking: State & { name: 'seeking' }): Promise<void> {
    let found: LayerId | null = null
    try {
      found = await layerAt(context.document(), seeking.down.point, context.fetchTiles)
    } catch (error) {
      context.say(error instanceof Error ? error.message : String(error), 'error')
    }
    if (state !== seeking) return
    if (found) context.store.setState({ activeLayer: found })
    const held = found && seeking.latest.type !== 'up' ? grip() : null
    if (!held) return go({ name: 'idle' })
    go({ name: 'pointing', down: seeking.down, grip: held })
    move(seeking.latest)
  }

  function move(event: ToolEvent): void {
    if (state.name === 'pointing' && !isDrag(state.down, event)) return
    if (state.name !== 'pointing' && state.name !== 'moving') return
    const { down, grip } = state
    const shift = { x: event.point.x - down.point.x, y: event.point.y - down.point.y }
    const { x, y } = event.modifiers.shift ? alongAxis(shift) : shift
    const by = { x: Math.round(x), y: Math.round(y) }
    context.preview(moveEdit(grip.layer, by))
    go({ name: 'moving', down, grip, by, pointer: event })
  }

  function commit({ grip, by }: { grip: Grip; by: Point }): void {
    go({ name: 'idle' })
    if (by.x === 0 && by.y === 0) context.preview(null)
    else void context.edit('move', moveEdit(grip.layer, by))
  }

  function drop(): boolean {
    if (state.name === 'idle') return false
    go({ name: 'idle' })
    context.preview(null)
    return true
  }

  function nudge({ type, key, modifiers }: ToolKey): boolean {
    const arrow = ARROWS[key]
    if (!arrow || modifiers.mod || modifiers.alt) return false
    if (type === 'up') return release(key)
    // The arrows go from one candidate to the next then.
    if (looksAtResult(context.store.getState().inHand)) return false
    if (state.name !== 'idle' && state.name !== 'nudging') return true
    const held = state.name === 'nudging' ? state.grip : grip()
    if (!held) return true
    const before = state.name === 'nudging' ? state : { by: { x: 0, y: 0 }, keys: [] }
    const step = modifiers.shift ? 10 : 1
    const by = { x: before.by.x + arrow.x * step, y: before.by.y + arrow.y * step }
    context.preview(moveEdit(held.layer, by))
    go({ name: 'nudging', grip: held, by, keys: new Set([...before.keys, key]) })
    return true
  }

  function release(key: string): boolean {
    if (state.name !== 'nudging') return false
    const keys = new Set(state.keys)
    keys.delete(key)
    if (keys.size === 0) commit(state)
    else go({ ...state, keys })
    return true
  }

  function overlay(): readonly OverlayShape[] {
    if (state.name !== 'moving' && state.name !== 'nudging') return []
    const { grip, by } = state
    const shapes: OverlayShape[] = []
    if (grip.outline && !isEmpty(grip.outline))
      shapes.push({ kind: 'area', area: translate(grip.outline, by), style: 'line' })
    if (state.name === 'moving')
      shapes.push({ kind: 'label', at: state.pointer.point, text: `${signed(by.x)}, ${signed(by.y)}` })
    return shapes
  }

  return {
    id: 'move',
    get state() {
      return state.name
    },
    pointer(event) {
      if (event.type === 'down') return down(event)
      if (state.name === 'seeking') state.latest = event
      else if (event.type === 'move') move(event)
      else if (event.type === 'up') {
        move(event)
        if (state.name === 'moving') commit(state)
        else drop()
      }
    },
    key: nudge,
    cancel: drop,
    interrupt() {
      if (state.name === 'nudging') commit(state)
      else drop()
    },
    cursor: () => system(state.name === 'idle' && refusal() ? 'not-allowed' : 'move'),
    overlay,
  }
}

/** A number with its sign, as a shift is read. */
function signed(value: number): string {
  return value > 0 ? `+${value}` : value < 0 ? `−${-value}` : '0'
}
