/**
 * Content-aware fill: multi-scale patch search and voting in worker threads.
 *
 * Method: coarse-to-fine energy minimisation with patch voting (Wexler, Shechtman, Irani 2007, "Space-time completion of
 * video"), nearest patches by randomised search (Barnes et al. 2009, "PatchMatch"), texture features (Newson
 * et al. 2014, "Video inpainting of complex scenes").
 *
 * Invariant: see `Fill`. The calling thread only copies bytes in and out.
 */
import { availableParallelism } from 'node:os'
import { InlayError, throwIfCancelled } from '../../../../shared/errors.ts'
import type { Rect } from '../../../../shared/geometry.ts'
import type { Fill, FillOptions, FillRequest } from '../fill.ts'
import { MAX_PAGES, makeMemory } from './kernel-instance.ts'
import { CONTROL_WORDS, planLayout } from './layout.ts'
import { openLevels } from './level.ts'
import { readFilled } from './program.ts'
import { stopTeam, teamProgress } from './team.ts'
import { runOnWorker } from './worker-pool.ts'

const MOST_THREADS = 8
const LONGEST_SIDE = 65_535
const PROGRESS_MS = 50

export const patchFill: Fill = async (request, options = {}) => {
  throwIfCancelled(options.signal)
  const bounds = checkRequest(request)
  const { width, height } = request
  const layout = planLayout(request, bounds)
  if (layout.pages > MAX_PAGES) {
    throw new InlayError(
      'image.too-large',
      'The area to fill is too large: paint a smaller mask, or fill it in parts.',
    )
  }
  const memory = makeMemory(layout.pages)
  const first = openLevels(memory.buffer, layout)[0]!
  new Uint8Array(memory.buffer, layout.input, width * height * 3).set(request.rgb)
  markStates(first.holeMap, request)

  const control = new Int32Array(memory.buffer, layout.control, CONTROL_WORDS)
  const teamSize = options.threads ?? Math.min(MOST_THREADS, Math.max(2, availableParallelism()))
  const stop = (): void => stopTeam(control)
  const watch = watchProgress(control, options)
  options.signal?.addEventListener('abort', stop)
  try {
    const job = { memory, size: { width, height }, bounds, seed: request.seed, teamSize }
    const answers = await Promise.all(
      Array.from({ length: teamSize }, (_, rank) => runOnWorker({ ...job, rank })),
    )
    throwIfCancelled(options.signal)
    const problem = answers.find((answer) => answer.problem !== undefined)
    if (problem !== undefined) throw new Error(problem.problem)
  } catch (error) {
    stop()
    throw error
  } finally {
    clearInterval(watch)
    options.signal?.removeEventListener('abort', stop)
  }
  const rgb = Uint8Array.from(request.rgb)
  readFilled(first, rgb, request.hole)
  options.onProgress?.(1)
  return rgb
}

function watchProgress(control: Int32Array, { onProgress }: FillOptions): NodeJS.Timeout | undefined {
  if (onProgress === undefined) return undefined
  onProgress(0)
  let last = 0
  return setInterval(() => {
    const now = teamProgress(control)
    if (now > last) onProgress(now)
    last = Math.max(last, now)
  }, PROGRESS_MS)
}

/** @returns the bounds of the hole */
function checkRequest({ width, height, rgb, hole, unusable }: FillRequest): Rect {
  const count = width * height
  const fits = (bytes: Uint8Array | undefined): boolean => bytes === undefined || bytes.length === count
  if (![width, height].every((side) => Number.isInteger(side) && side > 0 && side <= LONGEST_SIDE)) {
    throw new InlayError(
      'image.too-large',
      `A fill works on 1 to ${LONGEST_SIDE} pixels a side, not ${width} x ${height}.`,
    )
  }
  if (rgb.length !== count * 3 || !fits(unusable))
    throw new RangeError('The arrays of a fill request differ in size.')
  if (!fits(hole))
    throw new InlayError('mask.size', 'The mask is not of the picture’s size: make one that is.')
  let [left, top, right, bottom, sources] = [width, height, -1, -1, 0]
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (hole[i]! > 0) {
        if (x < left) left = x
        if (x > right) right = x
        if (y < top) top = y
        bottom = y
      } else if (unusable === undefined || unusable[i] === 0) sources++
    }
  }
  if (right < 0) throw new InlayError('mask.empty', 'The mask is empty: paint over what should be removed.')
  if (sources === 0) {
    throw new InlayError(
      'fill.no-source',
      'The mask leaves nothing to fill from: leave some of the picture unpainted.',
    )
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 }
}

function markStates(states: Uint8Array, { hole, unusable }: FillRequest): void {
  for (let i = 0; i < states.length; i++)
    states[i] = hole[i]! > 0 ? 1 : unusable !== undefined && unusable[i]! > 0 ? 2 : 0
}
