/** While it is held, by pointer or key, the picture is shown as it was. */
import type { KeyboardEvent, PointerEvent } from 'react'
import { showOriginal } from '../../editor/in-hand.ts'
import { useContextOf } from '../../ui/editor-context.ts'

export function HoldOriginal({ held }: { readonly held: boolean }) {
  const ctx = useContextOf()
  const hold = (event: PointerEvent<HTMLButtonElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    showOriginal(ctx, true)
  }
  const release = () => showOriginal(ctx, false)
  const key = (down: boolean) => (event: KeyboardEvent) => {
    if (event.key !== ' ' && event.key !== 'Enter') return
    event.preventDefault()
    showOriginal(ctx, down)
  }
  return (
    <button
      type="button"
      className="button wide"
      aria-pressed={held}
      onPointerDown={hold}
      onPointerUp={release}
      onLostPointerCapture={release}
      onKeyDown={key(true)}
      onKeyUp={key(false)}
      onBlur={release}
    >
      Hold to see the original
    </button>
  )
}
