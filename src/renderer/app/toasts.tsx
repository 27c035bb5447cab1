/** Messages at the edge of the window. Facts leave by themselves, errors stay until they are closed. */
import { CircleAlert, Info, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { dismiss, type Notice } from '../editor/editor-state.ts'
import { useContextOf, useEditorState } from '../ui/editor-context.ts'

const STAYS = 6000

export function Toasts() {
  const notices = useEditorState((state) => state.notices)
  return (
    <section className="toasts" aria-label="Messages">
      <div role="status">
        {notices
          .filter((n) => n.kind === 'info')
          .map((notice) => (
            <Toast key={notice.id} notice={notice} />
          ))}
      </div>
      <div role="alert">
        {notices
          .filter((n) => n.kind === 'error')
          .map((notice) => (
            <Toast key={notice.id} notice={notice} />
          ))}
      </div>
    </section>
  )
}

function Toast({ notice }: { readonly notice: Notice }) {
  const { store } = useContextOf().editor
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (notice.kind === 'error' || held) return
    const timer = setTimeout(() => dismiss(store, notice.id), STAYS)
    return () => clearTimeout(timer)
  }, [notice, held, store])
  const Icon = notice.kind === 'error' ? CircleAlert : Info
  return (
    <div
      className="toast"
      data-kind={notice.kind}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
    >
      <Icon size={16} aria-hidden="true" />
      <p>{notice.text}</p>
      <button
        type="button"
        className="icon-button"
        aria-label="Close this message"
        onClick={() => dismiss(store, notice.id)}
      >
        <X size={14} aria-hidden="true" />
      </button>
    </div>
  )
}
