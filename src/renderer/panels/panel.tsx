/** A panel of the right column: a heading that folds it, and what is in it. Whoever gives `open` unfolds and folds it. */
import { ChevronDown, ChevronRight } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'
import './panels.css'

interface PanelProps {
  readonly title: string
  readonly tools?: ReactNode
  readonly children: ReactNode
  readonly className?: string
  readonly grow?: number
  readonly open?: boolean
  onOpen?(open: boolean): void
}

export function Panel({ title, tools, children, className, grow, open: given, onOpen }: PanelProps) {
  const [own, setOwn] = useState(true)
  const open = given ?? own
  const setOpen = onOpen ?? setOwn
  const id = useId()
  const Chevron = open ? ChevronDown : ChevronRight
  return (
    <section
      className={`panel ${className ?? ''}`}
      aria-labelledby={`${id}-title`}
      data-folded={!open || undefined}
      style={open && grow ? { flexGrow: grow } : undefined}
    >
      <div className="panel-head">
        <h2 id={`${id}-title`}>
          <button type="button" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <Chevron size={12} aria-hidden="true" />
            {title}
          </button>
        </h2>
        {open && tools}
      </div>
      <div id={id} className="panel-body" hidden={!open}>
        {children}
      </div>
    </section>
  )
}
