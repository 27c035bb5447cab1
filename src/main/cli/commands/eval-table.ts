/**
 * An evaluation as lines of a terminal.
 *
 * Invariant: a figure that there is none of is a dash; nothing is left out that decides whether an aim was met.
 */
import type { Evaluation } from '../../engine/inference/evaluate/evaluate.ts'

type Arm = Evaluation['arms'][number]
type Region = NonNullable<Evaluation['region']>

export function evaluationLines(result: Evaluation): readonly string[] {
  const { photographs, masks, arms, region, aims, allHoleIgnoresPicture } = result
  return [
    `${photographs} photographs, ${masks} masks. Decibels and similarity: whole / hole / kept.`,
    ...aligned([
      ['', 'PSNR', 'SSIM', 'kept, error²', 'in 8 bits', 'seam', 'offset', 'rim'],
      ...arms.map(armRow),
    ]),
    '',
    'By how much of the picture is hole: PSNR in the hole, dB / seam',
    ...aligned(coverageRows(arms)),
    ...(region ? ['', ...regionLines(region)] : []),
    ...(allHoleIgnoresPicture === null
      ? []
      : [
          '',
          allHoleIgnoresPicture
            ? 'Where all is hole the decode does not depend on the picture, bit for bit.'
            : 'WRONG: where all is hole the decode still depends on the picture.',
        ]),
    ...(aims.length === 0
      ? []
      : [
          '',
          ...aligned([
            ['Aim', 'wanted', 'found', ''],
            ...aims.map(({ what, value, least, most, met }) => [
              what,
              least === undefined ? `≤ ${short(most!)}` : `≥ ${short(least)}`,
              short(value),
              met ? 'met' : 'MISSED',
            ]),
          ]),
        ]),
  ]
}

function armRow({
  arm,
  psnr,
  ssim,
  preservation,
  preservation8,
  seam,
  seamOffset,
  rimContrast,
}: Arm): readonly string[] {
  const three = (by: typeof psnr, digits: number) =>
    [by.whole, by.hole, by.kept].map((value) => fixed(value, digits)).join(' / ')
  return [
    arm,
    three(psnr, 1),
    three(ssim, 3),
    small(preservation),
    small(preservation8),
    fixed(seam, 4),
    fixed(seamOffset, 4),
    fixed(rimContrast, 2),
  ]
}

/** A column for each coverage that any arm has. */
function coverageRows(arms: readonly Arm[]): readonly (readonly string[])[] {
  const bins = [
    ...new Map(arms.flatMap(({ byCoverage }) => byCoverage).map((bin) => [bin.from, bin])).values(),
  ]
  bins.sort((a, b) => a.from - b.from)
  return [
    ['', ...bins.map((bin) => `${bin.label} (${bin.cases})`)],
    ...arms.map(({ arm, byCoverage }) => [
      arm,
      ...bins.map(({ from }) => {
        const own = byCoverage.find((bin) => bin.from === from)
        return own ? `${fixed(own.psnr.hole, 1)} / ${fixed(own.seam, 4)}` : '–'
      }),
    ]),
  ]
}

function regionLines({ margin, byCoverage, ...all }: Region): readonly string[] {
  const row = (name: string, { mean, largest, time }: typeof all) => [
    name,
    mean.toFixed(3),
    largest.toFixed(1),
    `${Math.round(100 * time)} %`,
  ]
  return [
    `Decoding around the hole alone, ${margin} cells of surroundings, against decoding everything`,
    ...aligned([
      ['', 'off by /255, mean', 'largest', 'time'],
      row('all', all),
      ...byCoverage.map((bin) => row(bin.label, bin)),
    ]),
  ]
}

function fixed(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits)
}

function small(value: number | null): string {
  return value === null ? '–' : value === 0 ? '0' : value.toExponential(2)
}

function short(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  )
}
