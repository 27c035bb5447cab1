/** Runs the command line as a person would: a process of its own, with its output and exit status. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const repository = fileURLToPath(new URL('../../', import.meta.url))
const entry = path.join(repository, 'src/main/cli/inlay.mjs')

/** The sample photograph and the mask over its hikers. */
export const SAMPLE = path.join(repository, 'assets/samples/desert-hike.jpg')
export const SAMPLE_MASK = path.join(repository, 'assets/samples/desert-hike-mask.png')

export interface Outcome {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export async function inlay(...args: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [entry, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const streams = [child.stdout, child.stderr].map(async (stream) => {
    let text = ''
    for await (const chunk of stream.setEncoding('utf8')) text += chunk
    return text
  })
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout = '', stderr = ''] = await Promise.all(streams)
  return { status, stdout, stderr }
}
