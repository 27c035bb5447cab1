/**
 * What is aimed at, and whether it was reached: the asymmetric decoder against the plain one.
 *
 * Invariant: an aim is judged by the figures of the arms and nothing else; where the arms it compares are missing, so is it.
 */
import type { ArmFigures } from './figures.ts'
import type { RegionEvaluation } from './regions.ts'

export interface Aim {
  readonly what: string
  readonly value: number
  readonly least?: number
  readonly most?: number
  readonly met: boolean
}

type Arms = readonly (ArmFigures & { readonly arm: string })[]

const LEAST_TIMES_LOWER = 500
const MOST_PRESERVATION = 2e-6
const MOST_SEAM = { exact: 0.7, jittered: 0.5 } as const
/** In 1/255. */
const MOST_DIFFERENCE = 1

export function judgedAims(arms: Arms, region: RegionEvaluation | null): readonly Aim[] {
  const of = (arm: string) => arms.find((one) => one.arm === arm)
  const [plain, asymmetric] = [of('plain, exact'), of('asymmetric, exact')]
  const aims: (Aim | null)[] = [
    atLeast(
      'preservation error, times lower than plain',
      quotient(plain?.preservation, asymmetric?.preservation),
      LEAST_TIMES_LOWER,
    ),
    atMost('preservation error', asymmetric?.preservation, MOST_PRESERVATION),
    ...(['exact', 'jittered'] as const).map((condition) =>
      atMost(
        `seam against plain + hard paste, ${condition}`,
        quotient(
          of(`asymmetric + hard paste, ${condition}`)?.seam,
          of(`plain + hard paste, ${condition}`)?.seam,
        ),
        MOST_SEAM[condition],
      ),
    ),
    atLeast('PSNR in the hole above plain, dB', difference(asymmetric?.psnr.hole, plain?.psnr.hole), 0),
    atMost('decode around the hole, off by /255', region?.mean, MOST_DIFFERENCE),
  ]
  return aims.filter((aim) => aim !== null)
}

type Figure = number | null | undefined

function atLeast(what: string, value: Figure, least: number): Aim | null {
  return value === null || value === undefined ? null : { what, value, least, met: value >= least }
}

function atMost(what: string, value: Figure, most: number): Aim | null {
  return value === null || value === undefined ? null : { what, value, most, met: value <= most }
}

/** Nothing where it would be a division by 0: a decoder without any error needs no ratio. */
function quotient(a: Figure, b: Figure): Figure {
  return a === null || a === undefined || !b ? null : a / b
}

function difference(a: Figure, b: Figure): Figure {
  return a === null || a === undefined || b === null || b === undefined ? null : a - b
}
