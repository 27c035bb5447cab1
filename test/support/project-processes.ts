/** Starting and killing the process of `project-child.ts`. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'

const CHILD = path.join(import.meta.dirname, 'project-child.ts')

export interface Worker {
  readonly process: ChildProcess
  /** Every line it has printed so far. */
  readonly lines: string[]
  /** Waits until it has printed that many lines; throws when it ends before. */
  printed(count: number): Promise<void>
  /** Kills it without warning and waits until it is gone. */
  kill(): Promise<void>
}

export function startWorker(mode: 'edit' | 'stroke' | 'hold' | 'open', file: string, seed = 0): Worker {
  const child = spawn(process.execPath, [CHILD, mode, file, String(seed)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  let complaint = ''
  child.stderr.on('data', (data: Buffer) => {
    complaint += data.toString()
  })
  const reader = createInterface(child.stdout)
  reader.on('line', (line) => lines.push(line))
  const closed = once(reader, 'close')
  return {
    process: child,
    lines,
    async printed(count) {
      while (lines.length < count) {
        const outcome = await Promise.race([once(reader, 'line'), closed.then(() => null)])
        if (outcome === null && lines.length < count) throw new Error(`the worker ended early: ${complaint}`)
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await closed
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}
