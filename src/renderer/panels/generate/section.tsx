/** Settings that are folded away until somebody wants them, and stay as they were left. */
import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { unfoldSettings } from '../../editor/generate.ts'
import type { SettingGroup } from '../../editor/generation-state.ts'
import { useContextOf, useEditorState } from '../../ui/editor-context.ts'

interface SectionProps {
  readonly title: string
  readonly group: SettingGroup
  readonly children: ReactNode
}

export function Section({ title, group, children }: SectionProps) {
  const ctx = useContextOf()
  const open = useEditorState((state) => state.generation.unfolded.has(group))
  return (
    <details
      className="section"
      open={open}
      onToggle={(event) => unfoldSettings(ctx, group, event.currentTarget.open)}
    >
      <summary>
        <ChevronRight size={12} aria-hidden="true" />
        {title}
      </summary>
      <div className="section-body">{children}</div>
    </details>
  )
}
