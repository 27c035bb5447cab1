/**
 * Hands events to the tool in hand, and lends the hand and the zoom tool for as long as they are asked for.
 *
 * Invariant: a gesture belongs to the tool and the pointer that began it until it ends; another pointer's events are
 * dropped meanwhile. Choosing another tool interrupts the gesture first.
 */
import type { ToolId } from '../editor/editor-state.ts'
import { createCrop } from './crop.ts'
import { createEyedropper } from './eyedropper.ts'
import { createHand } from './hand.ts'
import { createLasso } from './lasso.ts'
import { createMove } from './move.ts'
import type { OverlayShape, ToolCursor } from './overlay-shape.ts'
import { createPainting } from './painting.ts'
import { createRectangleSelect } from './rectangle-select.ts'
import type { Modifiers, Tool, ToolContext, ToolEvent, ToolKey } from './tool.ts'
import { NO_MODIFIERS } from './tool.ts'
import { createZoom } from './zoom.ts'

const MIDDLE = 1

export class ToolManager {
  readonly #context: ToolContext
  readonly #tools: Readonly<Record<ToolId, Tool>>
  readonly #stop: () => void
  /** The tool that stands in for the chosen one: while space is held, or for one drag of the middle button. */
  #borrowed: Tool | null = null
  #middle = false
  #pointer: number | null = null
  #modifiers: Modifiers = NO_MODIFIERS

  constructor(context: ToolContext) {
    this.#context = context
    this.#tools = {
      hand: createHand(context),
      zoom: createZoom(context),
      brush: createPainting('brush', context),
      eraser: createPainting('eraser', context),
      'mask-brush': createPainting('mask-brush', context),
      eyedropper: createEyedropper(context),
      move: createMove(context),
      crop: createCrop(context),
      'rectangle-select': createRectangleSelect(context),
      lasso: createLasso(context),
    }
    this.#chosen.enter?.()
    this.#stop = context.store.subscribe((now, before) => {
      if (now.tool !== before.tool) this.#switch(this.#tools[before.tool], this.#tools[now.tool])
      context.redraw()
    })
  }

  /** The tool that would take the next event. */
  get active(): Tool {
    return this.#borrowed ?? this.#chosen
  }

  get #chosen(): Tool {
    return this.#tools[this.#context.store.getState().tool]
  }

  pointer(event: ToolEvent): void {
    if (this.#pointer !== null && event.pointerId !== this.#pointer) return
    this.#note(event.modifiers)
    if (event.type === 'down') {
      if (event.button === MIDDLE && this.active.state === 'idle') {
        this.#borrowed = this.#tools.hand
        this.#middle = true
      }
      this.#pointer = event.pointerId
    }
    this.active.pointer(event)
    if (event.type !== 'up') return
    this.#pointer = null
    this.#middle = false
    this.#lend()
  }

  /** @returns whether the key was taken. */
  key(key: ToolKey): boolean {
    this.#note(key.modifiers)
    if (key.type === 'down' && key.key === 'Escape') return this.active.cancel()
    return this.active.key?.(key) ?? false
  }

  modifiers(modifiers: Modifiers): void {
    this.#note(modifiers)
  }

  /** The gesture in hand was not meant. */
  abandon(): void {
    if (this.active.state !== 'idle') this.active.cancel()
    this.#pointer = null
    this.#middle = false
    this.#lend()
  }

  /** The pointer or the window's focus was lost. */
  interrupt(): void {
    this.active.interrupt()
    this.#pointer = null
    this.#middle = false
    this.#note(NO_MODIFIERS)
    this.#lend()
  }

  cursor(): ToolCursor {
    return this.active.cursor()
  }

  overlay(): readonly OverlayShape[] {
    const own = this.#chosen.overlay()
    return this.#borrowed ? [...own, ...this.#borrowed.overlay()] : own
  }

  dispose(): void {
    this.#stop()
    this.active.interrupt()
    this.#chosen.exit?.()
  }

  #note(modifiers: Modifiers): void {
    const before = this.#modifiers
    const same = (['shift', 'alt', 'mod', 'space'] as const).every((name) => before[name] === modifiers[name])
    if (same) return
    this.#modifiers = modifiers
    this.#lend()
    this.active.modifiers?.(modifiers)
  }

  /** Space lends the hand, with Ctrl the zoom tool, unless a gesture is in hand: it keeps its tool to the end. */
  #lend(): void {
    if (this.#middle || this.#pointer !== null || this.active.state !== 'idle') return
    const { space, mod } = this.#modifiers
    const borrowed = space ? this.#tools[mod ? 'zoom' : 'hand'] : null
    if (borrowed === this.#borrowed) return
    this.#borrowed = borrowed
    this.#context.redraw()
  }

  #switch(from: Tool, to: Tool): void {
    this.#borrowed?.interrupt()
    this.#borrowed = null
    this.#middle = false
    this.#pointer = null
    from.interrupt()
    from.exit?.()
    to.enter?.()
    this.#lend()
  }
}
