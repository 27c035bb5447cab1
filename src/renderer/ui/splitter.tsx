/** A line between two areas that can be dragged or moved with the arrow keys. */
import { type KeyboardEvent, type PointerEvent, useRef } from 'react'

interface SplitterProps {
  readonly label: string
  /** Which way the line runs. */
  readonly orientation: 'vertical' | 'horizontal'
  readonly value: number
  readonly min: number
  readonly max: number
  /** +1 when moving right or down makes the value larger. */
  readonly direction: 1 | -1
  /** By how much the value changes with one pixel. */
  readonly scale?: number
  onChange(value: number): void
}

export function Splitter({
  label,
  orientation,
  value,
  min,
  max,
  direction,
  scale = 1,
  onChange,
}: SplitterProps) {
  const from = useRef<{ at: number; value: number } | null>(null)
  const along = (event: PointerEvent) => (orientation === 'vertical' ? event.clientX : event.clientY)
  const set = (next: number) => onChange(Math.round(Math.min(max, Math.max(min, next))))

  const down = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    from.current = { at: along(event), value }
  }
  const move = (event: PointerEvent) => {
    if (from.current) set(from.current.value + direction * scale * (along(event) - from.current.at))
  }
  const end = () => {
    from.current = null
  }
  const key = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key]
    if (!by) return
    event.preventDefault()
    set(value + by * direction * scale * 16)
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved
    <div
      role="separator"
      tabIndex={0}
      className="splitter"
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={value}
      aria-valuemin={min}
      aria-valuemax={max}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={end}
      onLostPointerCapture={end}
      onKeyDown={key}
    />
  )
}
