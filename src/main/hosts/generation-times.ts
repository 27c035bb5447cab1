/**
 * How long generations take on this machine, learned from those that were made.
 *
 * Invariant: an entry for each model and execution provider, the last used first: seconds for a pixel and an evaluation of the
 * denoiser, loading and decoding included, and the most memory its process had. No times are guessed: where there was no
 * run there is no answer.
 */
import path from 'node:path'
import { z } from 'zod'
import type { GenerationRequest } from '../../shared/generation.ts'
import type { Size } from '../../shared/geometry.ts'
import type { Candidate } from '../../shared/rpc/contract.ts'
import { JsonFile } from './json-file.ts'

const Entry = z.object({
  model: z.string().max(4096),
  provider: z.string().max(100),
  secondsPerUnit: z.number().positive(),
  megabytes: z.number().positive().nullable(),
})
const Entries = z.array(Entry).max(1000).readonly()

const MOST_ENTRIES = 200
/** Of a new run, against what was known: a busy machine or a first loading is soon forgotten. */
const SHARE = 0.5

export class GenerationTimes {
  readonly #file: JsonFile<z.infer<typeof Entries>>

  constructor(dataFolder: string) {
    this.#file = new JsonFile(path.join(dataFolder, 'generation-times.json'), Entries, [])
  }

  async learn({ request, report }: Pick<Candidate, 'request' | 'report'>): Promise<void> {
    if (request.kind !== 'generation' || !report) return
    const { model } = request
    const { provider, seconds, size, megabytes = null } = report
    const now = seconds / unitsOf(request, size)
    if (!(now > 0)) return
    await this.#file.change((entries) => {
      const isSame = (one: z.infer<typeof Entry>) => one.model === model && one.provider === provider
      const before = entries.find(isSame)
      const secondsPerUnit = before ? SHARE * now + (1 - SHARE) * before.secondsPerUnit : now
      const entry = { model, provider, secondsPerUnit, megabytes }
      return [entry, ...entries.filter((one) => !isSame(one))].slice(0, MOST_ENTRIES)
    })
  }

  /** Of all candidates; nulls where the model was never run here. */
  async estimate(
    request: GenerationRequest,
    size: Size,
  ): Promise<{ readonly seconds: number | null; readonly megabytes: number | null }> {
    const known = (await this.#file.read()).find(({ model }) => model === request.model)
    if (!known) return { seconds: null, megabytes: null }
    const units = unitsOf(request, size) * request.candidates
    return { seconds: known.secondsPerUnit * units, megabytes: known.megabytes }
  }
}

/** Pixels times evaluations of the denoiser, of one candidate. */
function unitsOf({ task, steps, strength, guidance }: GenerationRequest, { width, height }: Size): number {
  const isCut = task !== 'text-to-image' && task !== 'instruct'
  const evaluations = task === 'instruct' ? 3 : guidance > 1 ? 2 : 1
  return width * height * evaluations * Math.max(1, steps * (isCut ? strength : 1))
}
