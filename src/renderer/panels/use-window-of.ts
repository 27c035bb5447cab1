/**
 * Which part of a long list of equally high rows is in sight: only that part is rendered.
 */
import { type RefObject, useEffect, useState } from 'react'

/** Rows rendered beyond each edge, so that a quick scroll shows no gap. */
const SPARE = 6

export interface ListWindow {
  readonly from: number
  readonly to: number
}

export function useWindowOf(
  list: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): ListWindow {
  const [{ top, height }, setSight] = useState({ top: 0, height: 600 })
  useEffect(() => {
    const element = list.current
    if (!element) return
    const look = () => setSight({ top: element.scrollTop, height: element.clientHeight })
    const resized = new ResizeObserver(look)
    resized.observe(element)
    element.addEventListener('scroll', look, { passive: true })
    look()
    return () => {
      resized.disconnect()
      element.removeEventListener('scroll', look)
    }
  }, [list])
  return {
    from: Math.max(0, Math.floor(top / rowHeight) - SPARE),
    to: Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE),
  }
}
