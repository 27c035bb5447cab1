/**
 * Worker threads that compose pieces of large pictures.
 *
 * Invariant: a worker has one job at a time; jobs beyond the workers wait in the order they came. Idle workers do not
 * keep the process alive, and end after a while.
 */
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { StripJob } from './composite-job.ts'
import type { StripAnswer } from './imaging-worker.ts'

const IDLE_MS = 10_000
const EXTENSION = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

export class ImagingPool {
  /** How many jobs run at once. */
  readonly size: number
  readonly #idle: Worker[] = []
  readonly #waiting: (() => void)[] = []
  #running = 0
  #retirement: NodeJS.Timeout | undefined

  constructor(size = Math.max(2, availableParallelism())) {
    this.size = size
  }

  /** Composes a piece. Rejects when the worker fails or dies; the pool itself goes on. */
  async run(job: StripJob): Promise<void> {
    if (this.#running >= this.size) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#running++
    try {
      await this.#onWorker(job)
    } finally {
      this.#running--
      this.#waiting.shift()?.()
    }
  }

  #onWorker(job: StripJob): Promise<void> {
    const worker =
      this.#idle.pop() ??
      new Worker(new URL(`./imaging-worker${EXTENSION}`, import.meta.url), { execArgv: [] })
    worker.ref()
    return new Promise((resolve, reject) => {
      // Only our own listeners may go: the worker hears messages through one of its own.
      const release = (): void => {
        worker.off('error', fail).off('exit', ended).off('message', answered)
      }
      const fail = (error: unknown): void => {
        release()
        void worker.terminate()
        reject(error)
      }
      const ended = (status: number): void =>
        fail(new Error(`An imaging thread ended with status ${status}.`))
      const answered = ({ failure }: StripAnswer): void => {
        release()
        this.#rest(worker)
        if (failure === null) resolve()
        else reject(new Error(failure))
      }
      worker.on('error', fail).on('exit', ended).on('message', answered)
      worker.postMessage(job)
    })
  }

  #rest(worker: Worker): void {
    worker.unref()
    this.#idle.push(worker)
    clearTimeout(this.#retirement)
    this.#retirement = setTimeout(() => {
      for (const old of this.#idle.splice(0)) void old.terminate()
    }, IDLE_MS).unref()
  }
}

/** The process's own pool: its threads start with the first job. */
export const imagingPool = new ImagingPool()
