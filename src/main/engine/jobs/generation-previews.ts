/**
 * Previews of a generation under way.
 *
 * Invariant: one at a time is made into a PNG; what comes meanwhile replaces what waits, so the newest is sent and none is
 * sent after `finish`.
 */
import type { Rect, Size } from '../../../shared/geometry.ts'
import type { GenerationEvent } from '../../../shared/rpc/contract.ts'
import { smallPng } from './comparison.ts'

interface Picture {
  readonly size: Size
  readonly rgb: Uint8Array
}

export class PreviewSender {
  readonly #at: Rect
  readonly #emit: (event: Extract<GenerationEvent, { readonly type: 'preview' }>) => void
  #next: Picture | null = null
  #work: Promise<void> | null = null

  constructor(at: Rect, emit: (event: Extract<GenerationEvent, { readonly type: 'preview' }>) => void) {
    this.#at = at
    this.#emit = emit
  }

  send(picture: Picture): void {
    this.#next = picture
    this.#work ??= this.#encode().finally(() => {
      this.#work = null
    })
  }

  async finish(): Promise<void> {
    this.#next = null
    await this.#work
  }

  async #encode(): Promise<void> {
    while (this.#next) {
      const { rgb, size } = this.#next
      this.#next = null
      const png = await smallPng(rgb, size)
      this.#emit({ type: 'preview', png: Buffer.from(png).toString('base64'), at: this.#at })
    }
  }
}
