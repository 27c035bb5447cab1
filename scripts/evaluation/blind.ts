/**
 * Comparing two fills without knowing which is which: an order, sides, a sealed key, and the count of the answers.
 *
 * Invariant: orders and sides depend on the seed alone. The key is packed, so that nobody reads it in passing, and its digest
 * is known before it is opened.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import { COVERAGE_BINS, isWithin } from '../../src/main/engine/inference/evaluate/coverage.ts'
import { Seeded } from './seeded.ts'

export type Side = 'A' | 'B'
export type Answer = Side | '='

export interface Placement<Case> {
  readonly one: Case
  /** Where the model's fill stands. */
  readonly model: Side
}

export interface KeyLine {
  /** From 1, as on the sheets. */
  readonly pair: number
  readonly mask: string
  readonly coverage: number
  readonly model: Side
}

export interface Tally {
  readonly label: string
  readonly model: number
  readonly other: number
  readonly even: number
}

/** All cases in an order of their own; the model stands left in half of them. */
export function placements<Case>(cases: readonly Case[], seed: number): readonly Placement<Case>[] {
  const random = new Seeded(seed, 0)
  const sides = random.shuffled(cases.map((_, i): Side => (i % 2 === 0 ? 'A' : 'B')))
  return random.shuffled(cases).map((one, i) => ({ one, model: sides[i]! }))
}

export function sealed(lines: readonly KeyLine[]): Buffer {
  return gzipSync(JSON.stringify(lines))
}

export function unsealed(bytes: Uint8Array): readonly KeyLine[] {
  return JSON.parse(gunzipSync(bytes).toString()) as KeyLine[]
}

/** Lines such as `12 A`, `13 =`; what comes after that is a remark. @throws Error for a line that is none or a pair that comes twice */
export function readAnswers(text: string): ReadonlyMap<number, Answer> {
  const answers = new Map<number, Answer>()
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
    const [, pair, answer] = /^\s*(\d+)\s+([AB=])(\s|$)/.exec(line) ?? []
    if (pair === undefined || answers.has(Number(pair))) throw new Error(`This is no answer: ${line}`)
    answers.set(Number(pair), answer as Answer)
  }
  return answers
}

/** By coverage, and over all. @throws Error for a pair that nobody judged */
export function tallies(key: readonly KeyLine[], answers: ReadonlyMap<number, Answer>): readonly Tally[] {
  const count = (label: string, lines: readonly KeyLine[]): Tally => {
    const sum = { model: 0, other: 0, even: 0 }
    for (const { pair, model } of lines) {
      const answer = answers.get(pair)
      if (answer === undefined) throw new Error(`Pair ${pair} was not judged.`)
      sum[answer === '=' ? 'even' : answer === model ? 'model' : 'other']++
    }
    return { label, ...sum }
  }
  const bins = COVERAGE_BINS.map((bin) =>
    count(
      bin.label,
      key.filter(({ coverage }) => isWithin(bin, coverage)),
    ),
  )
  return [...bins.filter(({ model, other, even }) => model + other + even > 0), count('all', key)]
}
