/** The words after `npm start --`. */
import { parseArgs } from 'node:util'
import { InlayError } from '../../shared/errors.ts'

export interface LaunchOptions {
  /** A photograph or project to open. */
  readonly file: string | null
  /** A folder whose files can be opened without an upload. */
  readonly folder: string | null
  readonly port: number
  readonly data: string | null
  readonly sample: boolean
  readonly browser: boolean
  /** Nothing is asked of any other machine. */
  readonly offline: boolean
}

/** @throws InlayError `usage`. */
export function parseLaunch(args: readonly string[]): LaunchOptions {
  const { values, positionals } = parsed(args)
  const port = Number(values.port ?? 0)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InlayError('usage', `--port wants a number from 0 to 65535, not "${values.port}".`)
  if (positionals.length > 1) throw new InlayError('usage', 'Give one file to open, or none.')
  return {
    file: positionals[0] ?? null,
    folder: values.folder ?? null,
    port,
    data: values.data ?? null,
    sample: values.sample ?? false,
    browser: values.browser ?? false,
    offline: values.offline ?? false,
  }
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        folder: { type: 'string' },
        port: { type: 'string' },
        data: { type: 'string' },
        sample: { type: 'boolean' },
        browser: { type: 'boolean' },
        offline: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new InlayError('usage', `${(error as Error).message.split('. ')[0]}.`, { cause: error })
  }
}
