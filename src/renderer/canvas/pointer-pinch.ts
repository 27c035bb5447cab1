/**
 * Two fingers: pan and zoom at once.
 *
 * Invariant: the view is computed from where it was when the second finger came down. While two fingers are down no tool
 * hears of either.
 */
import type { Spot } from '../tools/tool.ts'

export interface PinchView {
  /** Begins: the returned function puts the point that was at `from` to `to`, enlarged by `factor`. */
  start(): (from: Spot, to: Spot, factor: number) => void
}

export interface Pinch {
  /** Each returns whether the event was the pinch's own. */
  down(event: PointerEvent, at: Spot): boolean
  move(event: PointerEvent, at: Spot): boolean
  up(event: PointerEvent): boolean
}

interface Grip {
  readonly set: (from: Spot, to: Spot, factor: number) => void
  readonly middle: Spot
  readonly spread: number
}

export function createPinch(target: { readonly pinch: PinchView; cancel(): void }): Pinch {
  const fingers = new Map<number, Spot>()
  let grip: Grip | null = null

  function measure(): { middle: Spot; spread: number } {
    const [a, b] = [...fingers.values()]
    const middle = { x: (a!.x + b!.x) / 2, y: (a!.y + b!.y) / 2 }
    return { middle, spread: Math.max(1, Math.hypot(a!.x - b!.x, a!.y - b!.y)) }
  }

  return {
    down(event, at) {
      if (event.pointerType !== 'touch') return false
      fingers.set(event.pointerId, at)
      if (fingers.size === 2) {
        target.cancel()
        grip = { set: target.pinch.start(), ...measure() }
      }
      return fingers.size >= 2
    },
    move(event, at) {
      if (!fingers.has(event.pointerId)) return false
      fingers.set(event.pointerId, at)
      if (!grip) return false
      if (fingers.size === 2) {
        const { middle, spread } = measure()
        grip.set(grip.middle, middle, spread / grip.spread)
      }
      return true
    },
    up(event) {
      if (!fingers.delete(event.pointerId) || !grip) return false
      // The last finger of a pinch draws nothing on its way up.
      if (fingers.size === 0) grip = null
      return true
    },
  }
}
