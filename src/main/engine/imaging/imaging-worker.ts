/** A thread that composes the pieces it is sent, one after the other; see `composite-job.ts`. */
import { parentPort } from 'node:worker_threads'
import { runStripJob, type StripJob } from './composite-job.ts'

/** What a worker answers: the sentence of the failure, or null when the piece is in the picture. */
export type StripAnswer = { readonly failure: string | null }

parentPort?.on('message', (job: StripJob) => {
  let failure: string | null = null
  try {
    runStripJob(job)
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error)
  }
  parentPort?.postMessage({ failure } satisfies StripAnswer)
})
