/**
 * Small pictures kept in the project: one for every history entry, and a flattened one of the whole that other programs
 * can take out of the file.
 *
 * Invariant: made when nobody has edited for a while, one at a time, from the document as it was at the entry (documents are
 * immutable, so remembering one costs nothing). Failing is harmless: a picture that is missing is only not shown.
 */
import type { Document } from '../../../shared/document/model.ts'
import type { CommandId } from '../../../shared/ids.ts'
import type { MipReader } from '../imaging/mipmap.ts'
import { thumbnailPng } from '../imaging/thumbnail.ts'
import type { ProjectSession } from './project-session.ts'

const THUMBNAIL_SIDE = 64
const COMPOSITE_SIDE = 1024
const PAUSE_MS = 500
const COMPOSITE_PAUSE_MS = 8_000

export class Previews {
  readonly #session: ProjectSession
  readonly #mips: MipReader
  readonly #waiting: { readonly entry: CommandId; readonly document: Document }[] = []
  readonly #stopWatching: () => void
  /** The document the kept composite shows. */
  #composed: Document | null = null
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #ended = false

  constructor(session: ProjectSession, mips: MipReader) {
    this.#session = session
    this.#mips = mips
    if (session.readOnly) {
      this.#stopWatching = () => {}
      return
    }
    if (session.composite()) this.#composed = session.document
    const { head } = session.history
    if (!session.thumbnail(head)) this.#waiting.push({ entry: head, document: session.document })
    this.#stopWatching = session.watch((event) => {
      if (event.type === 'committed')
        this.#waiting.push({ entry: event.entry.id, document: session.document })
      if (event.type === 'committed' || event.type === 'moved') this.#later(PAUSE_MS)
    })
    this.#later(PAUSE_MS)
  }

  /** Makes what is still missing; to be called before the session is closed. */
  async finish(): Promise<void> {
    this.#ended = true
    clearTimeout(this.#timer)
    this.#stopWatching()
    await this.#work
    await this.#run(async () => {
      while (this.#waiting.length > 0) await this.#thumbnail()
      await this.#composite()
    })
  }

  #later(pause: number): void {
    clearTimeout(this.#timer)
    if (this.#ended) return
    this.#timer = setTimeout(() => {
      this.#work = this.#run(async () => {
        if (this.#waiting.length > 0) await this.#thumbnail()
        else return this.#composite()
        this.#later(this.#waiting.length > 0 ? 20 : COMPOSITE_PAUSE_MS)
      })
    }, pause).unref()
  }

  async #run(work: () => Promise<void>): Promise<void> {
    if (this.#session.readOnly) return
    try {
      await work()
    } catch (error) {
      this.#waiting.length = 0
      if (process.env['INLAY_DEBUG']) console.error(error)
    }
  }

  async #thumbnail(): Promise<void> {
    const next = this.#waiting.shift()
    if (!next) return
    const png = await thumbnailPng(next.document, this.#mips, 'picture', THUMBNAIL_SIDE)
    this.#session.setThumbnail(next.entry, png)
  }

  async #composite(): Promise<void> {
    const { document } = this.#session
    if (document === this.#composed) return
    const png = await thumbnailPng(document, this.#mips, 'picture', COMPOSITE_SIDE)
    this.#session.setComposite(png)
    this.#composed = document
  }
}
