/**
 * How the selection is shown: as a veil of colour (quick mask) or as marching ants, and whether it moves.
 *
 * Invariant: the veil belongs to the mask brush and stays while one looks around with other tools; tools that select by
 * an outline bring the ants. With the mask overlay switched off it is ants for all, and while one watches a picture come
 * into being inside it. A result that is being looked at and a crop frame are covered by neither.
 */
import type { EditorState } from '../editor/editor-state.ts'
import { looksAtResult } from '../editor/in-hand-state.ts'
import type { PictureFrame } from './canvas-picture.ts'

export type SelectionLook = 'veil' | 'ants' | 'none'

/** How long the veil takes to breathe in and out, in milliseconds. */
const BREATH = 1800
/** Often enough for a breath, and seldom enough to leave the machine to the work. */
const BREATH_STEP = 66
/** One step of the ants, in milliseconds. */
const ANT_STEP = 80

export class CanvasVeil {
  #veiled = true

  look({ tool, maskOverlay, inHand }: EditorState): SelectionLook {
    if (tool === 'mask-brush') this.#veiled = true
    else if (tool === 'rectangle-select' || tool === 'lasso') this.#veiled = false
    if (looksAtResult(inHand) || tool === 'crop') return 'none'
    const working = inHand.phase === 'working'
    if (working && inHand.preview) return 'ants'
    return maskOverlay && (this.#veiled || working) ? 'veil' : 'ants'
  }

  /** The veil at a time on the page's clock; it breathes while something is at work. */
  veil(state: EditorState, time: number, still: boolean): PictureFrame['veil'] {
    if (this.look(state) !== 'veil') return null
    const { maskColour: colour, maskOpacity } = state.settings
    if (state.inHand.phase !== 'working' || still) return { colour, opacity: maskOpacity }
    const breath = 0.5 - 0.5 * Math.cos((2 * Math.PI * time) / BREATH)
    return { colour, opacity: maskOpacity * (0.35 + 0.65 * breath) }
  }

  /** How far the ants have marched, in CSS pixels. */
  phase(time: number, still: boolean): number {
    return still ? 0 : Math.floor(time / ANT_STEP) % 8
  }

  /** Milliseconds until the picture (`veil`) or the outline (`ants`) has to be drawn again by itself; null is never. */
  nextFrame(state: EditorState, hasAnts: boolean, still: boolean): number | null {
    if (still) return null
    const look = this.look(state)
    if (look === 'veil' && state.inHand.phase === 'working') return BREATH_STEP
    return look === 'ants' && hasAnts ? ANT_STEP : null
  }
}
