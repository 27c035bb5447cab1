/**
 * What a tool is: a state machine that turns pointer events into edits.
 *
 * Invariant: a tool knows neither React, Konva nor the DOM. It receives plain events, computes from the snapshot it took
 * when a gesture began (never by adding up), draws itself as `OverlayShape`s and reaches the rest of the editor only
 * through its `ToolContext`. Every gesture has one of three endings: it completes (the pointer goes up), it is cancelled
 * (Escape: nothing happened), or it is interrupted (another tool, a lost pointer): each tool says what that keeps.
 */
import type { Document } from '../../shared/document/model.ts'
import type { Size } from '../../shared/geometry.ts'
import type { TileHash } from '../../shared/ids.ts'
import type { Intent, RgbColour } from '../../shared/intents.ts'
import type { BuildEdit } from '../editor/document-client.ts'
import type { EditorStore, ToolId } from '../editor/editor-state.ts'
import type { OverlayShape, ToolCursor } from './overlay-shape.ts'
import type { StrokeSink } from './stroke-sink.ts'

/** A place in document pixels (fractions allowed) or in CSS pixels from the canvas's top left corner. */
export interface Spot {
  readonly x: number
  readonly y: number
}

export interface Modifiers {
  readonly shift: boolean
  readonly alt: boolean
  /** Ctrl, or Command on a Mac. */
  readonly mod: boolean
  readonly space: boolean
}

export const NO_MODIFIERS: Modifiers = { shift: false, alt: false, mod: false, space: false }

/** One reading of the pointer. `move` also comes while no button is down; `double` is the second click of two. */
export interface ToolEvent {
  readonly type: 'down' | 'move' | 'up' | 'double'
  readonly point: Spot
  readonly screen: Spot
  /** 0..1; a mouse, which has none, always presses fully. */
  readonly pressure: number
  /** Which button went down: 0 left, 1 middle, 2 right, 5 a pen's eraser; -1 for a move. */
  readonly button: number
  readonly buttons: number
  readonly modifiers: Modifiers
  /** Milliseconds on the page's clock. */
  readonly time: number
  readonly pointerId: number
}

/** A key as `KeyboardEvent.key` names it. */
export interface ToolKey {
  readonly type: 'down' | 'up'
  readonly key: string
  readonly modifiers: Modifiers
}

/** How tools move the view. `scale` is CSS pixels per document pixel. */
export interface ToolView {
  readonly scale: number
  /** Begins a pan: the returned function sets the view to where it was, moved by CSS pixels. */
  startPan(): (dx: number, dy: number) => void
  /** Zooms by a factor and leaves the document point under this place of the screen where it is. */
  zoomAbout(screen: Spot, factor: number): void
  /** Shows a rectangle of the document as large as the window allows. */
  zoomTo(area: Spot & Size): void
}

/** All a tool may do. Edits go out here; a test records them. */
export interface ToolContext {
  readonly store: EditorStore
  readonly view: ToolView
  readonly strokes: StrokeSink
  /** The document as committed. */
  document(): Document
  readOnly(): boolean
  /** Asks the engine for pixels. What goes wrong has been told to the person. @returns whether it went well. */
  perform(intent: Intent): Promise<boolean>
  /** Sends a structure edit, made of the document as it is when its turn comes, and ends the preview; the same rules. */
  edit(origin: string, build: BuildEdit): Promise<boolean>
  /** Shows what a gesture would do; null takes it away. */
  preview(gesture: BuildEdit | null): void
  /** The picture's colour averaged over a square of `size` pixels; null where it is transparent. */
  pick(x: number, y: number, size: number): Promise<RgbColour | null>
  fetchTiles(hashes: readonly TileHash[], level: number): Promise<Map<TileHash, Uint8Array>>
  /** Tells the person something in a sentence. */
  say(text: string, kind?: 'info' | 'error'): void
  /** The overlay or the cursor has changed. */
  redraw(): void
}

export interface Tool {
  readonly id: ToolId
  /** The name of the state the tool is in; `idle` when no gesture is in hand. */
  readonly state: string
  pointer(event: ToolEvent): void
  /** @returns whether the tool took the key. */
  key?(key: ToolKey): boolean
  /** Shift, Alt or Ctrl went down or up without the pointer moving. */
  modifiers?(modifiers: Modifiers): void
  /** The tool was chosen, or put away after `interrupt`. */
  enter?(): void
  exit?(): void
  /** Escape. @returns false when there was nothing to cancel. */
  cancel(): boolean
  interrupt(): void
  cursor(): ToolCursor
  overlay(): readonly OverlayShape[]
}
