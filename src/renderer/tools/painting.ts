/**
 * Brush, eraser and mask brush: one machine, for they differ in what they paint on and with.
 *
 * States: idle → painting, resizing (Alt and the right button: left-right the size, up-down the hardness) or picking
 * (the brush with Alt: the eyedropper, until the button goes up). Cancel drops the stroke and the resizing; an
 * interruption commits what has been painted, for it is work already done.
 */
import { type Brush, MAX_SAMPLES, type StrokeSample } from '../../shared/stroke.ts'
import { type BrushTool, setBrush } from '../editor/editor-state.ts'
import { createColourPick } from './colour-pick.ts'
import { system, type ToolCursor } from './overlay-shape.ts'
import { paintTarget } from './paint-target.ts'
import type { OpenStroke, StrokeStart } from './stroke-sink.ts'
import type { Modifiers, Spot, Tool, ToolContext, ToolEvent } from './tool.ts'
import { NO_MODIFIERS } from './tool.ts'

type State =
  | { readonly name: 'idle' }
  | {
      readonly name: 'painting'
      readonly start: StrokeStart
      readonly began: number
      stroke: OpenStroke
      samples: number
      last: StrokeSample
    }
  | { readonly name: 'resizing'; readonly down: ToolEvent; readonly brush: Brush }
  | { readonly name: 'picking' }

/** The button of a pen that is turned over. */
const PEN_ERASER = 5
/** CSS pixels of an up-down drag that take the hardness from 0 to 1. */
const HARDNESS_TRAVEL = 200

export function createPainting(id: BrushTool, context: ToolContext): Tool {
  let state: State = { name: 'idle' }
  let held: Modifiers = NO_MODIFIERS
  /** Where the last stroke ended, and on what: Shift draws on from there. */
  let lastEnd: { readonly point: Spot; readonly on: string } | null = null
  const pick = createColourPick(context)

  function go(next: State): void {
    state = next
    context.redraw()
  }

  function brush(): Brush {
    return context.store.getState().brushes[id]
  }

  function answer() {
    return paintTarget(id, context.document(), context.readOnly(), context.store.getState())
  }

  function down(event: ToolEvent): void {
    if (state.name !== 'idle') return
    const { alt, mod } = event.modifiers
    if (alt && (event.button === 2 || (event.button === 0 && mod)))
      return go({ name: 'resizing', down: event, brush: brush() })
    if (event.button !== 0 && event.button !== PEN_ERASER) return
    if (id === 'brush' && alt) {
      go({ name: 'picking' })
      return pick.at(event.point)
    }
    begin(event)
  }

  function begin(event: ToolEvent): void {
    const found = answer()
    if ('refusal' in found) return context.say(found.refusal)
    const { foreground, plane } = context.store.getState()
    const onMask = plane === 'mask' && id === 'brush'
    const erases =
      id === 'eraser' ||
      event.button === PEN_ERASER ||
      (id === 'mask-brush' && event.modifiers.alt) ||
      (onMask && isDark(foreground))
    const start: StrokeStart = {
      target: found.target,
      mode: erases ? 'erase' : 'paint',
      brush: brush(),
      colour: foreground,
    }
    const on = JSON.stringify(found.target)
    const stroke = context.strokes.begin(start)
    const sample = sampleOf(event, event.time)
    state = { name: 'painting', start, began: event.time, stroke, samples: 0, last: sample }
    if (event.modifiers.shift && lastEnd?.on === on) add({ ...sample, ...lastEnd.point })
    add(sample)
    context.redraw()
  }

  /** Adds to the stroke in hand; one that is full is sent, and another goes on from its end. */
  function add(sample: StrokeSample): void {
    if (state.name !== 'painting') return
    if (state.samples === MAX_SAMPLES) {
      state.stroke.commit()
      state.stroke = context.strokes.begin(state.start)
      state.stroke.push(state.last)
      state.samples = 1
    }
    state.stroke.push(sample)
    state.samples++
    state.last = sample
  }

  function finish(): void {
    if (state.name !== 'painting') return
    state.stroke.commit()
    lastEnd = { point: { x: state.last.x, y: state.last.y }, on: JSON.stringify(state.start.target) }
    go({ name: 'idle' })
  }

  function resize(event: ToolEvent): void {
    if (state.name !== 'resizing') return
    const { down, brush } = state
    const size = offeredSize(brush.size + (2 * (event.screen.x - down.screen.x)) / context.view.scale)
    const hardness = brush.hardness + (down.screen.y - event.screen.y) / HARDNESS_TRAVEL
    setBrush(context.store, id, {
      size,
      hardness: Math.min(1, Math.max(0, Math.round(hardness * 100) / 100)),
    })
    context.redraw()
  }

  function cursor(): ToolCursor {
    if (state.name === 'picking' || (state.name === 'idle' && id === 'brush' && held.alt))
      return { kind: 'drawn', name: 'eyedropper' }
    if (state.name === 'idle' && 'refusal' in answer()) return system('not-allowed')
    const { size, hardness } = brush()
    const fixed = state.name === 'resizing' ? state.down.point : null
    const erases = state.name === 'painting' ? state.start.mode === 'erase' : held.alt
    const sign = id === 'mask-brush' && state.name !== 'resizing' && erases ? '-' : null
    return { kind: 'brush', size, hardness, fixed, sign }
  }

  return {
    id,
    get state() {
      return state.name
    },
    pointer(event) {
      if (held.alt !== event.modifiers.alt) context.redraw()
      held = event.modifiers
      if (event.type === 'down') return down(event)
      if (state.name === 'painting' && event.type === 'move') add(sampleOf(event, state.began))
      else if (state.name === 'resizing') resize(event)
      else if (state.name === 'picking') pick.at(event.point)
      if (event.type !== 'up') return
      if (state.name === 'painting') finish()
      else if (state.name !== 'idle') {
        pick.end()
        go({ name: 'idle' })
      }
    },
    modifiers(modifiers) {
      held = modifiers
      context.redraw()
    },
    cancel() {
      if (state.name === 'idle') return false
      if (state.name === 'painting') state.stroke.discard()
      if (state.name === 'resizing') setBrush(context.store, id, state.brush)
      pick.revert()
      go({ name: 'idle' })
      return true
    },
    interrupt() {
      if (state.name === 'painting') finish()
      pick.end()
      go({ name: 'idle' })
    },
    cursor,
    overlay: () => pick.overlay(),
  }
}

/** The nearest size a drag offers: whole pixels. */
function offeredSize(size: number): number {
  return Math.min(2500, Math.max(1, Math.round(size)))
}

function sampleOf(event: ToolEvent, began: number): StrokeSample {
  const clamp = (value: number) => Math.min(1e6, Math.max(-1e6, value))
  return {
    x: clamp(event.point.x),
    y: clamp(event.point.y),
    pressure: Math.min(1, Math.max(0, event.pressure)),
    time: Math.min(1e9, Math.max(0, event.time - began)),
  }
}

/** Painting a mask with a dark colour hides, as painters on masks are used to. */
function isDark({ r, g, b }: { r: number; g: number; b: number }): boolean {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b < 0.5
}
