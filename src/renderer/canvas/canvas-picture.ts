/** What the canvas needs of the thing that draws the picture; `PictureView` is one. */
import type { Document } from '../../shared/document/model.ts'
import type { Settings } from '../../shared/rpc/shell-contract.ts'
import type { View, Window } from './canvas-view.ts'
import type { StrokeSurface } from './stroke-queue.ts'

export interface PictureFrame {
  readonly document: Document
  readonly view: View
  readonly window: Window
  /** The selection as a veil over the picture; null draws none. */
  readonly veil: { readonly colour: Settings['maskColour']; readonly opacity: number } | null
}

export interface Picture {
  readonly strokes: StrokeSurface
  /** Draws now, with the tiles that are at hand; asks for the others. */
  draw(frame: PictureFrame): void
  /** Resolves when every tile that this frame would need has come. */
  ready(frame: PictureFrame): Promise<void>
  dispose(): void
}
