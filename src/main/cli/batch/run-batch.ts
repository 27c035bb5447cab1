/**
 * A batch: item after item, whatever becomes of each.
 *
 * Invariant: an item whose result is there from the same request is skipped without opening a model; one that fails is
 * reported and writes nothing. Only a cancel ends the batch early.
 */
import { InlayError, throwIfCancelled, toWireError, type WireError } from '../../../shared/errors.ts'
import { type JobHandling, type JobOutcome, runJob } from '../generation/run-job.ts'
import type { BatchItem, BatchJob } from './item.ts'
import { forget, isDone, remember, requestHash } from './record.ts'

export interface ItemResult {
  readonly name: string
  readonly output: string | null
  readonly state: 'done' | 'skipped' | 'failed'
  readonly error: WireError | null
  readonly outputs: JobOutcome['outputs']
  readonly seconds: number
}

export interface BatchHandling extends Omit<JobHandling, 'onProgress' | 'onNotices'> {
  readonly onProgress: (item: number, ...progress: Parameters<JobHandling['onProgress']>) => void
  readonly onNotices: (item: number, ...notices: Parameters<JobHandling['onNotices']>) => void
  readonly onResult: (item: number, result: ItemResult) => void
}

/** @throws InlayError `cancelled` */
export async function runBatch(
  items: readonly BatchItem[],
  handling: BatchHandling,
): Promise<readonly ItemResult[]> {
  const results: ItemResult[] = []
  for (const [i, item] of items.entries()) {
    throwIfCancelled(handling.signal)
    const result = await runItem(item, {
      ...handling,
      onProgress: (progress) => handling.onProgress(i, progress),
      onNotices: (notices) => handling.onNotices(i, notices),
    })
    throwIfCancelled(result.state === 'failed' ? handling.signal : undefined)
    results.push(result)
    handling.onResult(i, result)
  }
  return results
}

async function runItem({ name, job }: BatchItem, handling: JobHandling): Promise<ItemResult> {
  const began = performance.now()
  const output = job instanceof InlayError ? null : job.output
  const result = (state: ItemResult['state'], outputs: JobOutcome['outputs'] = []): ItemResult => ({
    name,
    output,
    state,
    error: null,
    outputs,
    seconds: (performance.now() - began) / 1000,
  })
  try {
    if (job instanceof InlayError) throw job
    const outcome = await runOnce(job, handling)
    return outcome === null ? result('skipped') : result('done', outcome.outputs)
  } catch (error) {
    return { ...result('failed'), error: toWireError(error) }
  }
}

/** @returns null where it has been done before */
async function runOnce(job: BatchJob, handling: JobHandling): Promise<JobOutcome | null> {
  const hash = await requestHash(job, await handling.models.fingerprint(job.recipe, job.given))
  if (await isDone(job.output, hash)) return null
  await forget(job.output)
  const outcome = await runJob(job, handling)
  await remember(job.output, hash, outcome)
  return outcome
}
