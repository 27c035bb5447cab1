/**
 * The crop of the reference pipelines' `padding_mask_crop`, for runs that are to match them.
 *
 * Invariant: as there, the mask's bounds and their padding, widened to the aspect of the picture that the model makes and
 * cut off at the canvas; so the crop may end up with another aspect, and is then fitted inside that picture.
 */
import type { Rect, Size } from '../../../shared/geometry.ts'

/** @param mask the bounds of every pixel above 0, on the canvas */
export function paddingCrop(mask: Rect, canvas: Size, target: Size, padding: number): Rect {
  const across = padded(mask.x, mask.width, canvas.width, padding)
  const down = padded(mask.y, mask.height, canvas.height, padding)
  const aspect = target.width / target.height
  const [width, height] = [across.end - across.start, down.end - down.start]
  const [x, y] =
    width / height > aspect
      ? [across, widened(down, Math.trunc(width / aspect - height), canvas.height)]
      : [widened(across, Math.trunc(height * aspect - width), canvas.width), down]
  return { x: x.start, y: y.start, width: x.end - x.start, height: y.end - y.start }
}

/** Where a picture lies that is scaled to fit inside another; the bars beside it repeat its edges. */
export function fittedInside(source: Size, target: Size): Rect {
  const wider = target.width / target.height < source.width / source.height
  const size = wider
    ? { width: target.width, height: Math.floor((source.height * target.width) / source.width) }
    : { width: Math.floor((source.width * target.height) / source.height), height: target.height }
  const start = (whole: number, part: number) => Math.floor(whole / 2) - Math.floor(part / 2)
  return { x: start(target.width, size.width), y: start(target.height, size.height), ...size }
}

interface Span {
  readonly start: number
  readonly end: number
}

function padded(start: number, length: number, canvas: number, padding: number): Span {
  return { start: Math.max(start - padding, 0), end: Math.min(start + length + padding, canvas) }
}

/** By `more` pixels on both sides together; pushed back onto the canvas, and cut off where it is longer. */
function widened({ start, end }: Span, more: number, canvas: number): Span {
  const before = Math.floor(more / 2)
  const over = Math.max(0, end + more - before - canvas)
  const first = start - before - over
  const last = end + more - before - over - Math.min(0, first)
  return { start: Math.max(0, first), end: Math.min(last, canvas) }
}
