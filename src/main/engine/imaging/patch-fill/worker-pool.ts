/**
 * Worker threads, kept warm for a moment between fills.
 *
 * Invariant: a worker is lent to one fill at a time. Idle workers never keep the process alive and end after a while.
 */
import { Worker } from 'node:worker_threads'
import type { WorkerAnswer, WorkerJob } from './worker-job.ts'

const IDLE_MS = 10_000
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

const idle: Worker[] = []
let retirement: NodeJS.Timeout | undefined

/** Runs one job on a worker of its own. Rejects when the worker dies. */
export function runOnWorker(job: WorkerJob): Promise<WorkerAnswer> {
  const worker = idle.pop() ?? new Worker(new URL(`./patch-fill-worker${EXTENSION}`, import.meta.url))
  worker.ref()
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      worker.off('error', fail).off('exit', ended).off('message', answered)
    }
    const fail = (error: unknown): void => {
      leave()
      void worker.terminate()
      reject(error)
    }
    const ended = (code: number): void => fail(new Error(`A fill thread ended with status ${code}.`))
    const answered = (answer: WorkerAnswer): void => {
      leave()
      rest(worker)
      resolve(answer)
    }
    worker.on('error', fail).on('exit', ended).on('message', answered)
    worker.postMessage(job)
  })
}

function rest(worker: Worker): void {
  worker.unref()
  idle.push(worker)
  clearTimeout(retirement)
  retirement = setTimeout(() => {
    for (const old of idle.splice(0)) void old.terminate()
  }, IDLE_MS).unref()
}
