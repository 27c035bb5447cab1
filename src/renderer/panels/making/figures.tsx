/** What was measured of a candidate: above all, how little its decoder changed what it was not asked to. */
import { TriangleAlert } from 'lucide-react'
import type { GenerationReport } from '../../../shared/generation.ts'
import type { Candidate } from '../../../shared/rpc/contract.ts'
import { errorInWords, secondsInWords } from '../../editor/generation-state.ts'

interface FiguresProps {
  readonly report: GenerationReport
  readonly candidate: Candidate
}

export function Figures({ report, candidate }: FiguresProps) {
  const { preservation, decoder, provider, size, notices } = report
  return (
    <>
      {preservation && (
        <p className="figure number">
          Outside the mask: {errorInWords(preservation.absolute)} mean error before compositing, 0 after.
        </p>
      )}
      <dl className="figures number">
        {preservation?.seam != null && <Figure name="Seam">{errorInWords(preservation.seam)}</Figure>}
        <Figure name="Decoder">{decoder}</Figure>
        <Figure name="Made at">
          {size.width} × {size.height}, {provider}, {secondsInWords(candidate.seconds)}
        </Figure>
      </dl>
      {notices.map((notice) => (
        <p key={notice} className="making-notice">
          <TriangleAlert size={14} strokeWidth={1.5} aria-hidden="true" />
          {notice}
        </p>
      ))}
    </>
  )
}

function Figure({ name, children }: { readonly name: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
