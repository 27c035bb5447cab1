/** Brush sizes a person meets: pure steps for the bracket keys and for dragging. */

export const MIN_BRUSH = 1
export const MAX_BRUSH = 2500

/** The nearest size that is offered: whole pixels. */
export function brushSize(size: number): number {
  return Math.min(MAX_BRUSH, Math.max(MIN_BRUSH, Math.round(size)))
}

/** The next larger (1) or smaller (-1) size: steps of 1 up to 10, then of about a tenth, on round numbers. */
export function stepBrushSize(size: number, direction: 1 | -1): number {
  const from = brushSize(size)
  const reference = direction === 1 ? from : from - 1
  const step =
    reference < 10
      ? 1
      : reference < 50
        ? 5
        : reference < 100
          ? 10
          : reference < 300
            ? 25
            : reference < 1000
              ? 50
              : 100
  const next = direction === 1 ? (Math.floor(from / step) + 1) * step : (Math.ceil(from / step) - 1) * step
  return brushSize(next)
}
