/** The frame all dialogs share: title, body, foot. Enter does the main thing, Escape closes. */
import { Dialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { FormEvent, ReactNode, RefObject } from 'react'

interface DialogFrameProps {
  readonly title: string
  readonly width: number
  readonly children: ReactNode
  readonly foot?: ReactNode
  readonly initialFocus?: RefObject<HTMLElement | null>
  onClose(): void
  onSubmit?(): void
}

export function DialogFrame({
  title,
  width,
  children,
  foot,
  initialFocus,
  onClose,
  onSubmit,
}: DialogFrameProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit?.()
  }
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup
          className="popup dialog"
          data-own-keys=""
          style={{ width }}
          {...(initialFocus ? { initialFocus } : {})}
        >
          <Dialog.Title className="dialog-title">{title}</Dialog.Title>
          <form className="dialog-form" onSubmit={submit} noValidate>
            <div className="dialog-body">{children}</div>
            {foot && <div className="dialog-foot">{foot}</div>}
          </form>
          {/* Last, so that a dialog opens with the focus on its first field. */}
          <Dialog.Close className="icon-button dialog-close" aria-label="Close">
            <X size={14} aria-hidden="true" />
          </Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
