/**
 * What processes hold, as Linux tells it: the proportional set size (shared pages counted by share) and the highest resident
 * size since it was last reset.
 *
 * Invariant: a process that has gone counts as nothing; elsewhere than on Linux nothing is known (`memoryIsKnown`).
 */
import fs from 'node:fs'

export interface Held {
  /** Megabytes now, shared pages by share. */
  readonly settled: number
  /** Megabytes at the highest since `resetPeak`, shared pages counted whole. */
  readonly peak: number
}

export const memoryIsKnown = fs.existsSync('/proc/self/smaps_rollup')

/** Begins a new highest mark. */
export function resetPeak(pids: readonly number[]): void {
  for (const pid of pids)
    try {
      fs.writeFileSync(`/proc/${pid}/clear_refs`, '5')
    } catch {
      // Not ours, or gone: its peak is then that of its whole life.
    }
}

/** The sum over processes. */
export function held(pids: readonly number[]): Held {
  return pids.reduce(
    (sum, pid) => ({
      settled: sum.settled + kilobytes(pid, 'smaps_rollup', 'Pss') / 1024,
      peak: sum.peak + kilobytes(pid, 'status', 'VmHWM') / 1024,
    }),
    { settled: 0, peak: 0 },
  )
}

/** The processes below one, itself not included, whose command line has a text in it. */
export function descendants(root: number, having: string): number[] {
  const parents = new Map<number, number>()
  for (const name of fs.readdirSync('/proc')) {
    const pid = Number(name)
    if (Number.isInteger(pid)) parents.set(pid, kilobytes(pid, 'status', 'PPid'))
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0
    return parent === root || (parent > 1 && isBelow(parent))
  }
  return [...parents.keys()].filter((pid) => isBelow(pid) && commandLine(pid).includes(having))
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
}

function kilobytes(pid: number, file: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(read(`/proc/${pid}/${file}`))?.[1] ?? 0)
}

function read(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
