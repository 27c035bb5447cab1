/** One picture of several that are zoomed and moved together. */
import { type PointerEvent, useEffect, useId, useRef, type WheelEvent } from 'react'
import { moved, type PaneView, zoomedAt } from './pane-view.ts'

interface ComparePaneProps {
  readonly title: string
  readonly note?: string | undefined
  readonly picture: ImageData
  readonly view: PaneView
  onView(change: (view: PaneView) => PaneView): void
}

export function ComparePane({ title, note, picture, view, onView }: ComparePaneProps) {
  const id = useId()
  const canvas = useRef<HTMLCanvasElement>(null)
  const from = useRef<{ readonly x: number; readonly y: number } | null>(null)
  useEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(picture, 0, 0)
  }, [picture])

  const wheel = (event: WheelEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    const x = (event.clientX - box.left) / box.width - 0.5
    const y = (event.clientY - box.top) / box.height - 0.5
    const factor = 2 ** (-event.deltaY / 240)
    onView((before) => zoomedAt(before, x, y, factor))
  }
  const down = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    from.current = { x: event.clientX, y: event.clientY }
  }
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (!from.current) return
    const box = event.currentTarget.getBoundingClientRect()
    const dx = (event.clientX - from.current.x) / box.width
    const dy = (event.clientY - from.current.y) / box.height
    from.current = { x: event.clientX, y: event.clientY }
    onView((before) => moved(before, dx, dy))
  }
  const end = () => {
    from.current = null
  }
  return (
    <figure className="compare-pane" aria-labelledby={id}>
      <figcaption id={id}>
        {title}
        {note && <span className="quiet number">{note}</span>}
      </figcaption>
      <div
        className="compare-frame"
        onWheel={wheel}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={end}
        onLostPointerCapture={end}
      >
        <canvas
          ref={canvas}
          width={picture.width}
          height={picture.height}
          style={{
            transform: `scale(${view.zoom}) translate(${view.x * 100}%, ${view.y * 100}%)`,
            imageRendering: view.zoom >= 4 ? 'pixelated' : 'auto',
          }}
        />
      </div>
    </figure>
  )
}
