/**
 * Makes pictures in the inference host, for the project host.
 *
 * Invariant: one task is under way at a time. A host that died or that says nothing for too long fails its task with
 * `host.lost` and harms nothing else; the next task has another host. What a model can take is read from its files here:
 * it must not wait for a model that runs.
 */
import type { ContractRouterClient } from '@orpc/contract'
import { InlayError, throwIfCancelled } from '../../shared/errors.ts'
import type { InferenceEvent, inferenceContract } from '../../shared/rpc/contract.ts'
import type { ModelPlaces } from '../engine/index.ts'
import {
  type GenerationHandling,
  type GenerationResult,
  type GenerationTask,
  type Generator,
  inSequence,
  limitsOf,
} from '../engine/index.ts'
import type { FramePort } from './ports.ts'
import { clientOf } from './rpc.ts'

/** The way to the inference host. */
export interface Inference {
  /** @throws InlayError `host.lost` where it cannot be had */
  open(): Promise<FramePort>
  /** Ends it, because it hangs. */
  end(): void
}

/**
 * How long a host may say nothing, in milliseconds: the longest of its steps (decoding a large picture with a large decoder on
 * few cores) takes some minutes and blocks it.
 */
const STEP_DEADLINE = 15 * 60_000

export function remoteGenerator(
  inference: Inference,
  places: ModelPlaces,
  deadline = STEP_DEADLINE,
): Generator {
  const turn = {}
  const clients = new Clients()
  return {
    limits: (place) => limitsOf(place, places),
    generate: (task, handling = {}) =>
      inSequence(turn, () => generate(task, handling, inference, clients, deadline)),
  }
}

async function generate(
  task: GenerationTask,
  handling: GenerationHandling,
  inference: Inference,
  clients: Clients,
  deadline: number,
): Promise<GenerationResult> {
  const { signal } = handling
  throwIfCancelled(signal)
  const port = await inference.open()
  let hung = false
  const silent = () => {
    hung = true
    inference.end()
    port.close()
  }
  let timer = setTimeout(silent, deadline)
  try {
    const { rgb, mask, alsoPlain = false, ...plain } = task
    const events = await clients
      .at(port)
      .generate(
        { ...plain, alsoPlain, rgb: rgb && blobOf(rgb), mask: mask && blobOf(mask) },
        signal ? { signal } : {},
      )
    for await (const event of events) {
      clearTimeout(timer)
      timer = setTimeout(silent, deadline)
      if (event.type === 'done') return resultOf(event)
      handling.onNote?.(event.type === 'preview' ? { ...event, rgb: bytesOf(event.rgb) } : event)
    }
    throw lost('ended before the picture was made')
  } catch (error) {
    if (hung) throw lost(`did not answer for ${deadline / 1000} seconds and was ended`, error)
    if (error instanceof InlayError && error.code === 'host.lost')
      throw lost('stopped, maybe because memory ran out', error)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

type Client = ContractRouterClient<typeof inferenceContract>

/** One client for each line: a second one would number its calls as the first did, and take late answers for its own. */
class Clients {
  readonly #known = new WeakMap<FramePort, Client>()

  at(port: FramePort): Client {
    const client = this.#known.get(port) ?? clientOf<typeof inferenceContract>(port)
    this.#known.set(port, client)
    return client
  }
}

function lost(how: string, cause?: unknown): InlayError {
  return new InlayError('host.lost', `The process that runs models ${how}; try again.`, { cause })
}

function resultOf({
  rgb,
  mask,
  plainRgb,
  report,
}: InferenceEvent & { readonly type: 'done' }): GenerationResult {
  return {
    rgb: bytesOf(rgb),
    mask: mask === null ? null : bytesOf(mask),
    plainRgb: plainRgb === null ? null : bytesOf(plainRgb),
    report,
  }
}

function blobOf(bytes: Uint8Array): Blob {
  return new Blob([Uint8Array.from(bytes)])
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
