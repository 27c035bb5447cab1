/** What a job that is done tells: where its results are, how well the rest was kept, what ran where. */
import type { GenerationReport } from '../../../shared/generation.ts'
import { formatBytes } from '../output.ts'
import { formatSeconds } from '../progress.ts'
import type { Job, JobOutcome } from './run-job.ts'

/** For scripts: the first result's own fields stand at the top. */
export function jsonOf({ input }: Job, { outputs, entries }: JobOutcome): Readonly<Record<string, unknown>> {
  const [first] = outputs
  const last = entries.at(-1)
  if (first) return { ...first, outputs }
  return { project: input, ...last, entries }
}

export function outcomeLines({ input }: Job, { outputs, entries }: JobOutcome): readonly string[] {
  const written = outputs.flatMap(({ output, bytes, report }) => [
    `Wrote ${printable(output)} (${formatBytes(bytes)}).`,
    ...reportLines(report),
  ])
  if (entries.length === 0) return written
  const layers = entries.length === 1 ? 'a layer' : `${entries.length} layers`
  return [`Added ${layers} to ${printable(input!)}.`, ...entries.flatMap(({ report }) => reportLines(report))]
}

/** Of all candidates, each once. */
export function noticesOf({ outputs, entries }: JobOutcome): readonly string[] {
  return [...new Set([...outputs, ...entries].flatMap(({ report }) => report?.notices ?? []))]
}

function reportLines(report: GenerationReport | null): readonly string[] {
  if (report === null) return []
  const { decoder, preservation, provider, size, seconds } = report
  const ran = `  ${provider}, ${size.width} × ${size.height}, ${formatSeconds(seconds)}`
  if (preservation === null) return [ran]
  const { absolute, square, seam } = preservation
  return [
    `  ${decoder} decoder, outside the mask before compositing: mean error ${figure(absolute)}, squared ${figure(square)}` +
      (seam === null ? '' : `, seam ${figure(seam)}`),
    ran,
  ]
}

function figure(value: number): string {
  return value === 0 ? '0' : value.toPrecision(2)
}

/** A name as it may be shown: control characters would write over the terminal. */
export function printable(name: string): string {
  return name.replace(/\p{Cc}/gu, '\u{fffd}')
}
