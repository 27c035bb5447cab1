/**
 * What the command line prints.
 *
 * Invariant: results go to stdout, everything else to stderr. With `--json` stdout is exactly one JSON value. An error is
 * at most three lines on stderr (one JSON object with `--json`) and an exit status from `shared/errors.ts`.
 */
import { ERROR_EXIT, toWireError } from '../../shared/errors.ts'

export interface OutputOptions {
  readonly json?: boolean
}

/** Prints a result: the value as JSON, or the lines for people. */
export function printResult(options: OutputOptions, value: unknown, lines: readonly string[]): void {
  process.stdout.write(
    options.json ? `${JSON.stringify(value, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''),
  )
}

/** Prints what was announced (16 bit reduced, read-only…) to stderr. */
export function printNotices(options: OutputOptions, notices: readonly string[]): void {
  if (options.json) return
  for (const notice of notices) process.stderr.write(`note: ${notice}\n`)
}

/** Prints an error and sets the exit status. */
export function printError(error: unknown, json: boolean): void {
  const wire = toWireError(error)
  process.exitCode = ERROR_EXIT[wire.code]
  if (json) process.stderr.write(`${JSON.stringify({ error: wire })}\n`)
  else process.stderr.write(`inlay: ${wire.message.split('\n').slice(0, 2).join('\n')}\n(${wire.code})\n`)
  if (wire.code === 'internal' && process.env['INLAY_DEBUG'] && error instanceof Error)
    process.stderr.write(`${error.stack}\n`)
}

/** A progress bar on a terminal; nothing at all elsewhere. */
export function progressBar(
  options: OutputOptions,
  label: string,
): { update(fraction: number): void; end(): void } {
  const stream = process.stderr
  if (options.json || !stream.isTTY) return { update() {}, end() {} }
  const width = 30
  let last = -1
  return {
    update(fraction) {
      const percent = Math.floor(fraction * 100)
      if (percent === last) return
      last = percent
      const filled = Math.floor(fraction * width)
      stream.write(
        `\r${label} ${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${String(percent).padStart(3)} %`,
      )
    },
    end() {
      if (last >= 0) stream.write(`\r${' '.repeat(label.length + width + 8)}\r`)
    },
  }
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes for people: "1.3 MB", decimal units. */
export function formatBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`
}
