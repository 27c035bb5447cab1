/**
 * Tool cursors as CSS.
 *
 * Invariant: a drawn cursor has a black line inside a white one, so that it is seen on any picture, and names a cursor of
 * the system to fall back on where images may not be loaded.
 */
import type { DrawnCursor, ToolCursor } from '../tools/overlay-shape.ts'

/** Below this diameter on the screen, in CSS pixels, a brush's circle cannot be seen: a cross stands in. */
export const SMALLEST_CIRCLE = 5

export function cursorCss(cursor: ToolCursor, scale: number): string {
  if (cursor.kind === 'system') return cursor.name
  if (cursor.kind === 'drawn') return DRAWN[cursor.name]
  return cursor.size * scale < SMALLEST_CIRCLE ? 'crosshair' : 'none'
}

function image(lines: string, x: number, y: number, fallback: string): string {
  const stroke = (colour: string, width: number) =>
    `<g fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round">${lines}</g>`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28">${stroke('#fff', 3.5)}${stroke('#000', 1.5)}</svg>`
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}") ${x} ${y}, ${fallback}`
}

const CROSS = '<path d="M10.5 2v6M10.5 13v6M2 10.5h6M13 10.5h6"/>'

const DRAWN: Readonly<Record<DrawnCursor, string>> = {
  eyedropper: image(
    '<path d="M3 25l2-5 10-10 3 3-10 10zM13.5 8.5l6 6M16.5 11.5l4.5-4.5a2.1 2.1 0 0 0-3-3L13.5 8.5"/>',
    3,
    25,
    'crosshair',
  ),
  'select-add': image(`${CROSS}<path d="M18 21h6M21 18v6"/>`, 10, 10, 'crosshair'),
  'select-subtract': image(`${CROSS}<path d="M18 21h6"/>`, 10, 10, 'crosshair'),
  'select-intersect': image(`${CROSS}<path d="M18.5 18.5l5 5M23.5 18.5l-5 5"/>`, 10, 10, 'crosshair'),
}
