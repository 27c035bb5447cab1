/**
 * A worker thread of the fill.
 *
 * Invariant: holds nothing between jobs; answers each job with one message.
 */
import { parentPort } from 'node:worker_threads'
import { instantiateKernel } from './kernel-instance.ts'
import { CONTROL_WORDS, planLayout } from './layout.ts'
import { runFill } from './program.ts'
import { Stopped, stopTeam, Team } from './team.ts'
import type { WorkerAnswer, WorkerJob } from './worker-job.ts'

parentPort?.on('message', (job: WorkerJob) => {
  parentPort?.postMessage(answer(job))
})

function answer(job: WorkerJob): WorkerAnswer {
  const buffer = job.memory.buffer
  const layout = planLayout(job.size, job.bounds)
  const control = new Int32Array(buffer, layout.control, CONTROL_WORDS)
  try {
    const team = new Team(control, job.teamSize, job.rank)
    runFill(team, instantiateKernel(job.memory), { memory: buffer, layout, seed: job.seed })
    return { done: true }
  } catch (error) {
    stopTeam(control)
    if (error instanceof Stopped) return { done: false }
    return { done: false, problem: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
