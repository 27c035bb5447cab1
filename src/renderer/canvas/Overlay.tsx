/**
 * The transparent Konva stage over the picture: selection outline, frames, handles, labels and the brush cursor.
 *
 * Invariant: it is drawn in the same frame as the picture below it, straight from `source`, never through React: a
 * render a frame later would let outlines swim over the picture while it is panned. React only mounts and sizes it.
 */
import type Konva from 'konva'
import { useEffect, useRef } from 'react'
import { Layer, Shape, Stage } from 'react-konva'
import type { Preview } from '../editor/in-hand-state.ts'
import type { OverlayShape, ToolCursor } from '../tools/overlay-shape.ts'
import type { Spot } from '../tools/tool.ts'
import type { Placement } from './canvas-view.ts'
import { drawBrushCursor } from './cursor-brush.ts'
import { drawAnts, drawPreview, drawShape, type Paper } from './overlay-draw.ts'

export interface OverlayFrame {
  readonly place: Placement
  /** What is being made, as far as it has come, and the outline to show it in; null shows all of it. */
  readonly preview: Preview | null
  readonly inside: Path2D | null
  readonly shapes: readonly OverlayShape[]
  /** The selection's outline in CSS pixels. */
  readonly ants: Path2D | null
  /** How far the ants have marched, in CSS pixels. */
  readonly phase: number
  readonly cursor: ToolCursor
  readonly pointer: Spot | null
}

/** Draws the cursor, and all below it unless `cursorOnly`. */
export type DrawOverlay = (pixelRatio: number, cursorOnly: boolean) => void

export interface OverlaySource {
  frame(): OverlayFrame
  /** Hands over what redraws the overlay, now; null when it is gone. */
  onOverlay(draw: DrawOverlay | null): void
}

export function Overlay({
  source,
  width,
  height,
}: {
  source: OverlaySource
  width: number
  height: number
}): React.JSX.Element {
  const marks = useRef<Konva.Layer>(null)
  const cursor = useRef<Konva.Layer>(null)

  useEffect(() => {
    source.onOverlay((pixelRatio, cursorOnly) => {
      for (const { current: layer } of cursorOnly ? [cursor] : [marks, cursor]) {
        if (!layer) continue
        if (layer.getCanvas().getPixelRatio() !== pixelRatio) layer.getCanvas().setPixelRatio(pixelRatio)
        layer.draw()
      }
    })
    return () => source.onOverlay(null)
  }, [source])

  const paperOf = (context: Konva.Context): Paper => ({
    context: context._context,
    width,
    height,
    pixelRatio: context.canvas.getPixelRatio(),
    place: source.frame().place,
  })

  return (
    <Stage width={width} height={height} listening={false}>
      <Layer ref={marks} listening={false}>
        <Shape sceneFunc={(context: Konva.Context) => drawMarks(paperOf(context), source.frame())} />
      </Layer>
      <Layer ref={cursor} listening={false}>
        <Shape
          sceneFunc={(context: Konva.Context) => {
            const frame = source.frame()
            drawBrushCursor(paperOf(context), frame.cursor, frame.pointer)
          }}
        />
      </Layer>
    </Stage>
  )
}

function drawMarks(paper: Paper, { ants, phase, shapes, preview, inside }: OverlayFrame): void {
  if (preview) drawPreview(paper, preview, inside)
  if (ants) drawAnts(paper.context, ants, phase)
  for (const shape of shapes) drawShape(paper, shape, phase)
}
