/**
 * Whether the focus went where it is by keys or by the pointer.
 *
 * `:focus-visible` cannot tell for the canvas: it turns true with the first key pressed there, and the canvas lives from
 * pointer and keys together. The answer is also on the page as `data-focus-by`, for the canvas's ring.
 */

let last: 'keys' | 'pointer' = 'keys'
let origin: 'keys' | 'pointer' = 'keys'

export function focusCameByKeys(): boolean {
  return origin === 'keys'
}

export function watchFocusOrigin(): void {
  const note = (by: typeof last) => () => {
    last = by
  }
  const settle = () => {
    origin = last
    document.documentElement.dataset['focusBy'] = origin
  }
  window.addEventListener('keydown', note('keys'), { capture: true })
  window.addEventListener(
    'pointerdown',
    () => {
      last = 'pointer'
      settle()
    },
    { capture: true },
  )
  window.addEventListener('focusin', settle, { capture: true })
}
