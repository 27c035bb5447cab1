/**
 * The inference host's making of pictures.
 *
 * Invariant: one task runs at a time. Notes go out as events, pixels in them as base64; who closes the stream cancels its
 * task. After some idle minutes all networks are let go of, so a model does not hold the memory of a machine on which nobody
 * uses it any more.
 */
import type { Bytes, InferenceEvent, InferenceTask } from '../../shared/rpc/contract.ts'
import { createGenerator, type LocalGenerator, usableProviders } from '../engine/inference/index.ts'
import { EventQueue } from './event-queue.ts'
import type { HostConfig } from './host-types.ts'
import { modelPlaces, tokenizerFolder } from './model-places.ts'

/** Milliseconds without a task after which networks are let go of. */
const IDLE = 10 * 60_000

export class GenerationService {
  readonly #config: HostConfig
  #generator: Promise<LocalGenerator> | undefined
  #underWay = 0
  #idle: NodeJS.Timeout | undefined

  constructor(config: HostConfig) {
    this.#config = config
  }

  generate(task: InferenceTask, signal: AbortSignal | undefined): EventQueue<InferenceEvent> {
    const left = new AbortController()
    const events = new EventQueue<InferenceEvent>(signal, () => left.abort())
    this.#run(task, left.signal, (event) => events.push(event)).then(
      () => events.close(),
      (error) => events.fail(error),
    )
    return events
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    await (await this.#generator)?.close()
  }

  async #run(task: InferenceTask, signal: AbortSignal, tell: (event: InferenceEvent) => void): Promise<void> {
    clearTimeout(this.#idle)
    this.#underWay++
    try {
      this.#generator ??= this.#create()
      const generator = await this.#generator
      const [rgb, mask] = [task.rgb && (await bytesOf(task.rgb)), task.mask && (await bytesOf(task.mask))]
      const made = await generator.generate(
        { ...task, rgb, mask },
        {
          signal,
          onNote: (note) => tell(note.type === 'preview' ? { ...note, rgb: base64(note.rgb) } : note),
        },
      )
      tell({
        type: 'done',
        report: made.report,
        rgb: base64(made.rgb),
        mask: made.mask && base64(made.mask),
        plainRgb: made.plainRgb && base64(made.plainRgb),
      })
    } finally {
      if (--this.#underWay === 0) this.#idle = setTimeout(() => void this.#letGo(), IDLE).unref()
    }
  }

  async #create(): Promise<LocalGenerator> {
    return createGenerator({
      ...modelPlaces(this.#config),
      tokenizerFolder: tokenizerFolder(this.#config),
      providers: await usableProviders(this.#config.dataFolder),
    })
  }

  async #letGo(): Promise<void> {
    await (await this.#generator)?.close()
  }
}

async function bytesOf(bytes: Bytes): Promise<Uint8Array> {
  return new Uint8Array(await bytes.arrayBuffer())
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}
