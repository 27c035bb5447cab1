/** What a run will need and see, or what stands in its way. */
import { TriangleAlert } from 'lucide-react'
import { secondsInWords } from '../../editor/generation-state.ts'
import { bytesInWords } from '../../editor/model-words.ts'
import { useEditorState } from '../../ui/editor-context.ts'

export function Need() {
  const estimate = useEditorState((state) => state.generation.estimate)
  const trouble = useEditorState((state) => state.generation.trouble)
  if (trouble !== null)
    return (
      <p className="making-notice" role="status">
        <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
        {trouble}
      </p>
    )
  if (!estimate) return null
  const { seconds, megabytes, region, size } = estimate
  return (
    <p className="making-note number" role="status">
      {seconds === null ? 'Time not known yet' : `About ${secondsInWords(seconds)}`}
      {megabytes !== null && `, ${bytesInWords(megabytes * 1e6)} of memory`}. Sees {region.width} ×{' '}
      {region.height} px at {size.width} × {size.height}.
    </p>
  )
}
