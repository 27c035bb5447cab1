/**
 * What tools draw over the picture, as plain data: `canvas/Overlay.tsx` renders it.
 *
 * Invariant: places are in document pixels (fractions allowed); widths of lines, handles and text are not, they keep
 * their size on the screen at every zoom. Every line is drawn so that it can be seen on any picture.
 */
import type { Spot } from './tool.ts'

export interface Area extends Spot {
  readonly width: number
  readonly height: number
}

export type OverlayShape =
  /** `ants` marks what will be selected, `line` is a thin contrast line, `frame` a crop frame's border, `dashed` what a model sees. */
  | { readonly kind: 'area'; readonly area: Area; readonly style: 'ants' | 'line' | 'frame' | 'dashed' }
  /** x, y, x, y… */
  | { readonly kind: 'path'; readonly points: readonly number[]; readonly closed: boolean }
  /** Darkens everything but the area. */
  | { readonly kind: 'shade'; readonly area: Area }
  /** Lines at the thirds. */
  | { readonly kind: 'thirds'; readonly area: Area }
  | { readonly kind: 'handle'; readonly at: Spot; readonly side: Handle }
  /** Text beside a place. */
  | { readonly kind: 'label'; readonly at: Spot; readonly text: string }
  /** The colour under the eyedropper, in a ring around a place. */
  | { readonly kind: 'colour-ring'; readonly at: Spot; readonly colour: string; readonly before: string }

/** The eight handles of a frame, by compass. */
export const HANDLES = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const
export type Handle = (typeof HANDLES)[number]

/** A cursor of the system, one drawn by us, or the round one of a brush. */
export type ToolCursor =
  | { readonly kind: 'system'; readonly name: SystemCursor }
  | { readonly kind: 'drawn'; readonly name: DrawnCursor }
  | {
      readonly kind: 'brush'
      /** Diameter in document pixels. */
      readonly size: number
      readonly hardness: number
      /** Where it stays while the brush is being resized; null follows the pointer. */
      readonly fixed: Spot | null
      readonly sign: '+' | '-' | null
    }

export type SystemCursor =
  | 'default'
  | 'crosshair'
  | 'grab'
  | 'grabbing'
  | 'move'
  | 'not-allowed'
  | 'zoom-in'
  | 'zoom-out'
  | 'nwse-resize'
  | 'nesw-resize'
  | 'ns-resize'
  | 'ew-resize'

export type DrawnCursor = 'eyedropper' | 'select-add' | 'select-subtract' | 'select-intersect'

export function system(name: SystemCursor): ToolCursor {
  return { kind: 'system', name }
}

const HANDLE_CURSOR: Readonly<Record<Handle, SystemCursor>> = {
  nw: 'nwse-resize',
  se: 'nwse-resize',
  ne: 'nesw-resize',
  sw: 'nesw-resize',
  n: 'ns-resize',
  s: 'ns-resize',
  e: 'ew-resize',
  w: 'ew-resize',
}

export function handleCursor(handle: Handle): ToolCursor {
  return system(HANDLE_CURSOR[handle])
}
