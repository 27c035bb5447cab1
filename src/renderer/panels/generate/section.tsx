/** Settings that are folded away until somebody wants them. */
import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <details className="section">
      <summary>
        <ChevronRight size={12} aria-hidden="true" />
        {title}
      </summary>
      <div className="section-body">{children}</div>
    </details>
  )
}
