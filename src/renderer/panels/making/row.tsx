/** A setting with its name before it, where the control has no label of its own to show. */
import type { ReactNode } from 'react'

export function Row({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="field-row setting-row">
      <span className="field-label" aria-hidden="true">
        {label}
      </span>
      {children}
    </div>
  )
}
