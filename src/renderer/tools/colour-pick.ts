/**
 * Asks for the colour under the pointer while it is dragged.
 *
 * Invariant: one question at a time is under way and the latest place wins, so the colour follows a fast drag without a
 * queue; an answer that comes after `end` still counts, for the person let go where it was asked.
 */
import type { RgbColour } from '../../shared/intents.ts'
import type { OverlayShape } from './overlay-shape.ts'
import type { Spot, ToolContext } from './tool.ts'

export interface ColourPick {
  at(point: Spot, as?: 'foreground' | 'background'): void
  end(): void
  /** Drops what has been picked since the last `end` and puts the colour before it back. */
  revert(): void
  overlay(): readonly OverlayShape[]
}

export function createColourPick(context: ToolContext): ColourPick {
  let asking = false
  let next: { point: Spot; as: 'foreground' | 'background' } | null = null
  let shown: { at: Spot; as: 'foreground' | 'background'; before: RgbColour } | null = null
  /** The pixel asked for last in this drag: it is not asked for again. */
  let asked = ''
  /** Grows with every revert: answers to older questions are dropped. */
  let generation = 0

  function isInside({ x, y }: Spot): boolean {
    const { width, height } = context.document().canvas
    return x >= 0 && y >= 0 && x < width && y < height
  }

  async function ask(): Promise<void> {
    if (asking || !next) return
    const { point, as } = next
    next = null
    asking = true
    const mine = generation
    try {
      const { sampleSize } = context.store.getState()
      const colour = await context.pick(Math.floor(point.x), Math.floor(point.y), sampleSize)
      if (colour && mine === generation) context.store.setState({ [as]: colour })
    } catch (error) {
      context.say(error instanceof Error ? error.message : String(error), 'error')
    } finally {
      asking = false
      context.redraw()
    }
    void ask()
  }

  return {
    at(point, as = 'foreground') {
      shown = { at: point, as, before: shown?.before ?? context.store.getState()[as] }
      context.redraw()
      if (!isInside(point)) return
      const pixel = `${Math.floor(point.x)},${Math.floor(point.y)}`
      if (pixel === asked) return
      asked = pixel
      next = { point, as }
      void ask()
    },
    end() {
      shown = null
      asked = ''
    },
    revert() {
      if (!shown) return
      generation++
      next = null
      asked = ''
      context.store.setState({ [shown.as]: shown.before })
      shown = null
    },
    overlay() {
      if (!shown || !isInside(shown.at)) return []
      const colour = css(context.store.getState()[shown.as])
      return [{ kind: 'colour-ring', at: shown.at, colour, before: css(shown.before) }]
    },
  }
}

function css({ r, g, b }: RgbColour): string {
  const byte = (value: number) => Math.round(value * 255)
  return `rgb(${byte(r)}, ${byte(g)}, ${byte(b)})`
}
