/**
 * How far the work is, on a terminal: a bar, what is being done, and the time left.
 *
 * Invariant: it goes to stderr, is one line that is written over and wiped at the end, and says nothing where nobody looks.
 */
import type { OutputOptions } from './output.ts'

export interface WorkProgress {
  readonly fraction: number
  readonly stage: string
  /** Null while it cannot be said. */
  readonly secondsLeft: number | null
}

const BAR = 24
const WIPE = '\r\x1b[K'

export interface ProgressLine {
  /** @param label what stands before it, such as the place in a batch */
  update(progress: WorkProgress, label?: string): void
  end(): void
}

export function workProgress(options: OutputOptions): ProgressLine {
  const stream = process.stderr
  if (options.json || !stream.isTTY) return { update() {}, end() {} }
  let last = ''
  return {
    update(progress, label = '') {
      const line = progressLine(progress, label, stream.columns || 80)
      if (line === last) return
      last = line
      stream.write(`${WIPE}${line}`)
    },
    end() {
      if (last !== '') stream.write(WIPE)
      last = ''
    },
  }
}

/** One line, cut to the width of the terminal. */
export function progressLine(
  { fraction, stage, secondsLeft }: WorkProgress,
  label: string,
  columns = 80,
): string {
  const filled = Math.floor(fraction * BAR)
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled)
  const left = secondsLeft === null ? '' : `, ${formatSeconds(secondsLeft)} left`
  const percent = `${Math.floor(fraction * 100)}`.padStart(3)
  return `${label}${bar} ${percent} % ${stage}${left}`.slice(0, Math.max(0, columns - 1))
}

/** "0.8 s", "12 s", "3 min 5 s", "2 h 10 min". */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
