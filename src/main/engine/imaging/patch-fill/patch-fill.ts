/**
 * Content-aware fill: multi-scale patch search and voting in worker threads.
 *
 * Method: coarse-to-fine minimisation of patch differences by voting (Wexler, Shechtman, Irani 2007, "Space-time
 * completion of video"), nearest patches by randomised search (Barnes et al. 2009, "PatchMatch"), texture features and
 * vote weights (Newson et al. 2014, "Video inpainting of complex scenes"), and a membrane that carries the light at the
 * rim into the fill (Farbman et al. 2009, "Coordinates for instant image cloning").
 *
 * Invariant: see `Fill`. The calling thread only checks, and copies bytes in and out.
 */
import { availableParallelism } from 'node:os'
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import type { Fill, FillOptions } from '../fill.ts'
import { makeMemory, type SharedMemory } from './kernel-instance.ts'
import { CONTROL_WORDS, planLayout } from './layout.ts'
import { openLevels } from './level.ts'
import { readFilled } from './program.ts'
import { checkRequest, markStates } from './request.ts'
import { stopTeam, teamProgress } from './team.ts'
import type { WorkerAnswer, WorkerJob } from './worker-job.ts'
import { runOnWorker } from './worker-pool.ts'

const MOST_THREADS = 8
const PROGRESS_MS = 50

export const patchFill: Fill = async (request, options = {}) => {
  throwIfCancelled(options.signal)
  const bounds = checkRequest(request)
  const size = { width: request.width, height: request.height }
  const layout = planLayout(size, bounds)
  const memory = takeMemory(layout.pages)
  const first = openLevels(memory.buffer, layout)[0]!
  new Uint8Array(memory.buffer, layout.input, request.rgb.length).set(request.rgb)
  markStates(first.holeMap, request)

  const control = new Int32Array(memory.buffer, layout.control, CONTROL_WORDS)
  await runTeam(control, { memory, size, bounds, seed: request.seed }, options)

  const rgb = Uint8Array.from(request.rgb)
  readFilled(first, rgb)
  options.onProgress?.(1)
  return rgb
}

function takeMemory(pages: number): SharedMemory {
  try {
    return makeMemory(pages)
  } catch (cause) {
    const message =
      'There is not enough memory to fill so large an area: paint a smaller mask, or fill it in parts.'
    throw new InlayError('image.too-large', message, { cause })
  }
}

/** Runs a job on as many workers as are asked for. Returns, or throws, when the last of them has left it. */
async function runTeam(
  control: Int32Array,
  job: Omit<WorkerJob, 'teamSize' | 'rank'>,
  { signal, onProgress, threads }: FillOptions,
): Promise<void> {
  const teamSize = Math.max(1, Math.min(MOST_THREADS, threads ?? Math.max(2, availableParallelism())))
  const stop = (): void => stopTeam(control)
  const watch = watchProgress(control, onProgress)
  signal?.addEventListener('abort', stop)
  try {
    const ranks = Array.from({ length: teamSize }, (_, rank) => rank)
    const answers = await Promise.allSettled(
      ranks.map((rank) =>
        runOnWorker({ ...job, teamSize, rank }).catch((error: unknown) => {
          stop()
          throw error
        }),
      ),
    )
    throwIfCancelled(signal)
    for (const answer of answers) throwProblem(answer)
  } finally {
    clearInterval(watch)
    signal?.removeEventListener('abort', stop)
  }
}

function throwProblem(answer: PromiseSettledResult<WorkerAnswer>): void {
  if (answer.status === 'rejected') throw answer.reason
  if (answer.value.problem !== undefined) throw new Error(answer.value.problem)
}

function watchProgress(
  control: Int32Array,
  onProgress: ((fraction: number) => void) | undefined,
): NodeJS.Timeout | undefined {
  if (onProgress === undefined) return undefined
  onProgress(0)
  let last = 0
  return setInterval(() => {
    const now = teamProgress(control)
    if (now > last) onProgress(now)
    last = Math.max(last, now)
  }, PROGRESS_MS)
}
