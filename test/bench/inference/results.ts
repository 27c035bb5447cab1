/** The tables. Being over a limit is told, not thrown: a busy machine is no bug. */
import type { CaseResult } from './case-child.ts'
import type { Case } from './cases.ts'
import type { PeerTime } from './peers.ts'

export interface Row extends Pick<Case, 'name' | 'what' | 'type'> {
  readonly result: CaseResult
}

/** Of the ceiling, what is aimed at. */
const AIM = 0.8
/** Of the weights in float32, what loading a float16 file on the CPU may hold at its highest. */
const MOST_MEMORY = 1.3

export function printResults(rows: readonly Row[], threads: number): void {
  const head = [
    '',
    'seconds',
    'cpu s',
    'GFLOP',
    'GFLOP/s',
    'ceiling',
    'part',
    '',
    'load s',
    'cpu s',
    'load MB',
    'of f32',
    '',
    'run MB',
  ]
  const lines = rows.map(({ what, type, result }) => {
    const { gflop, seconds, busy, ceiling, part } = ratesOf(result)
    const memory = result.loadPeak / result.weights
    return [
      what,
      seconds.toFixed(2),
      busy.toFixed(2),
      gflop.toFixed(0),
      (gflop / busy).toFixed(0),
      ceiling.toFixed(0),
      `${(100 * part).toFixed(0)} %`,
      part >= AIM ? 'PASS' : 'UNDER',
      (result.load / 1000).toFixed(1),
      result.loadBusy.toFixed(1),
      result.loadPeak.toFixed(0),
      memory.toFixed(2),
      type === 'F16' && result.weights > 1000 ? (memory <= MOST_MEMORY ? 'PASS' : 'OVER') : '',
      result.runPeak.toFixed(0),
    ]
  })
  console.log(
    `\nOne run at 512 x 512 on the CPU, ${threads} threads; aim ${100 * AIM} % of the ceiling; a float16 UNet's load within ${MOST_MEMORY} times its float32 size`,
  )
  printAligned([head, ...lines])
}

/** Where the time goes. */
export function printOperators(what: string, result: CaseResult): void {
  const total = result.operators.reduce((sum, one) => sum + one.milliseconds, 0)
  console.log(`\n${what}: where the time goes (each node's fastest run)`)
  printAligned([
    ['', 'nodes', 'ms', 'of all', 'GFLOP', 'GFLOP/s'],
    ...result.operators
      .filter((one) => one.milliseconds > total / 500)
      .map(({ operator, nodes, milliseconds, operations }) => [
        operator,
        String(nodes),
        milliseconds.toFixed(0),
        `${((100 * milliseconds) / total).toFixed(1)} %`,
        operations > 0 ? (operations / 1e9).toFixed(0) : '',
        operations > 0 ? (operations / milliseconds / 1e6).toFixed(0) : '',
      ]),
  ])
}

export function printPeers(rows: readonly { name: string; own: CaseResult; peer: PeerTime }[]): void {
  console.log(
    '\nAgainst PyTorch on the same weights, seconds of processor time divided by the threads (by the clock)',
  )
  printAligned([
    ['', 'Inlay', 'PyTorch', 'times', 'channels-last', 'times'],
    ...rows.map(({ name, own, peer }) => {
      const mine = Math.min(...own.busy)
      const cells = ['default', 'channels-last'].flatMap((format) => {
        const times = peer[format]
        if (!times) return ['', '']
        const best = Math.min(...times.busy)
        return [`${best.toFixed(2)} (${Math.min(...times.seconds).toFixed(2)})`, (best / mine).toFixed(2)]
      })
      return [name, `${mine.toFixed(2)} (${Math.min(...own.seconds).toFixed(2)})`, ...cells]
    }),
  ])
}

/** The first run is left out of nothing: the fastest counts. */
function ratesOf({ operators, seconds, busy, ceilings }: CaseResult) {
  const gflop = operators.reduce((sum, one) => sum + one.operations, 0) / 1e9
  const ceiling = Math.max(...ceilings)
  const best = Math.min(...busy)
  return { gflop, ceiling, busy: best, seconds: Math.min(...seconds), part: gflop / best / ceiling }
}

function printAligned(lines: readonly (readonly string[])[]): void {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  for (const line of lines)
    console.log(
      `  ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  ')}`.trimEnd(),
    )
}
