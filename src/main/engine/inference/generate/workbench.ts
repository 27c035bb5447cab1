/**
 * Networks that run wherever they can: the sessions of every execution provider, with one memory for all of them.
 *
 * Invariant: a network runs where its job is by now, and a job goes down its ladder only, each rung announced. What ran before
 * is not run again. Our own errors are no reason to go down.
 */
import os from 'node:os'
import { InlayError } from '../../../../shared/errors.ts'
import type { Component, LoraAtWeight, Part } from '../../models/index.ts'
import type { Network } from '../asymmetric-decode.ts'
import { probeProvider } from '../execution-providers.ts'
import type { Wanted } from '../graph-cache.ts'
import type { Opener } from '../pipelines/networks.ts'
import type { Provider, Session } from '../session.ts'
import { SessionBudget } from '../session-budget.ts'
import { SessionCache } from '../session-cache.ts'
import type { Tensor } from '../tensors.ts'
import { isAllocationFailure } from './allocation.ts'
import { type Job, PLACE } from './job.ts'
import { descend, TOP } from './ladder.ts'

export interface WorkbenchOptions {
  readonly version: string
  readonly dataFolder: string
  /** In the order in which they are tried; the CPU is always the last. */
  readonly providers: readonly Provider[]
  readonly threads?: number
  /** Bytes of networks that are kept; half of the machine's memory unless told. */
  readonly memory?: number
}

/** Where a job runs its networks by now. */
export interface Bench extends Required<Opener> {
  /** Of the denoiser, as far as it has run. */
  readonly provider: Provider
  /** @param last false where the caller knows how to need less memory, and is to be told at once when it runs short */
  open(component: Component, wanted: Omit<Wanted, 'loras'>, last?: boolean): Promise<Network>
}

const STAGES: Readonly<Record<Part, readonly [string, number] | null>> = {
  text: ['Reading the prompt', PLACE.prompt],
  encoder: ['Reading the picture', PLACE.picture],
  // Steps are told by whoever counts them.
  denoiser: null,
  decoder: ['Decoding', PLACE.decode],
  'conditioned-decoder': ['Decoding', PLACE.decode],
}

export class Workbench {
  readonly #options: WorkbenchOptions
  readonly #budget: SessionBudget
  readonly #caches = new Map<Provider, SessionCache>()
  readonly #probed = new Map<Provider, ReturnType<typeof probeProvider>>()

  constructor(options: WorkbenchOptions) {
    this.#options = options
    this.#budget = new SessionBudget(options.memory ?? os.totalmem() / 2)
  }

  /** @param loras what every network of the job is adapted by */
  async benchFor(job: Job, loras: readonly LoraAtWeight[] = []): Promise<Bench> {
    const places = await this.#places(job)
    let rung = TOP
    const place = () => places[rung.at]!
    /** On the present rung, and on those below it as long as that fails. */
    const run = async (part: Part | null, last: boolean, opened: Opened, inputs: Inputs) => {
      for (;;) {
        await job.breathe()
        try {
          const session = await opened(this.#cacheOf(place()), rung.half)
          const stage = part && STAGES[part]
          if (stage) job.stage(...stage)
          return await session.run(inputs)
        } catch (error) {
          if (error instanceof InlayError || (!last && isAllocationFailure(error))) throw error
          const { rung: next, sentence } = descend(error, rung, places)
          if (next.freed) await this.#budget.releaseAll()
          rung = next
          job.announce(sentence)
        }
      }
    }
    return {
      get provider() {
        return place()
      },
      async open(component, wanted, last = true) {
        const opened: Opened = async (cache, half) => {
          const form: Wanted = {
            ...wanted,
            ...(loras.length > 0 ? { loras } : {}),
            ...(half ? { precision: 'float16' } : {}),
          }
          if (!(await cache.isOpen(component, form))) job.stage(...LOADING)
          return cache.open(component, form)
        }
        return { run: (inputs) => run(wanted.part, last, opened, inputs) }
      },
      async openFile(component) {
        // What cannot be run on a graphics card may well run elsewhere; on the CPU the file is at fault.
        const opened: Opened = (cache) =>
          cache.openFile(component).catch((error: Error) => {
            throw place() === 'cpu' ? error : (error.cause ?? error)
          })
        return { run: (inputs) => run(null, true, opened, inputs) }
      },
    }
  }

  async close(): Promise<void> {
    for (const cache of this.#caches.values()) await cache.close()
  }

  /** Those of the wanted ones that ran a model, and the CPU behind them. */
  async #places(job: Job): Promise<readonly Provider[]> {
    const places: Provider[] = []
    for (const provider of this.#options.providers) {
      if (provider === 'cpu') break
      let probe = this.#probed.get(provider)
      if (!probe) {
        probe = probeProvider(provider)
        this.#probed.set(provider, probe)
      }
      const { available, detail } = await probe
      if (available) places.push(provider)
      else job.note(detail)
    }
    return [...places, 'cpu']
  }

  #cacheOf(provider: Provider): SessionCache {
    let cache = this.#caches.get(provider)
    if (!cache) {
      const { version, dataFolder, threads } = this.#options
      const budget = this.#budget
      cache = new SessionCache({
        provider,
        version,
        dataFolder,
        budget,
        ...(threads === undefined ? {} : { threads }),
      })
      this.#caches.set(provider, cache)
    }
    return cache
  }
}

type Inputs = Readonly<Record<string, Tensor>>
/** The session of a network from the cache of the present provider, in half precision where memory ran short. */
type Opened = (cache: SessionCache, half: boolean) => Promise<Session>

const LOADING = ['Loading the model', PLACE.load] as const
