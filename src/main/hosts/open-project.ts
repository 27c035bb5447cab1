/**
 * One open project in this host: the session and what belongs to its being open.
 *
 * Invariant: the id and the revisions a window sees outlive the host: a project that is opened again after a crash keeps its
 * id, and its revisions begin above every earlier one (`generation`).
 */
import type { ProjectEvent } from '../../shared/history.ts'
import type { SessionId } from '../../shared/ids.ts'
import type { ProjectState } from '../../shared/rpc/contract.ts'
import {
  CandidateStore,
  DocumentColour,
  inSequence,
  MipCache,
  Previews,
  type ProjectSession,
} from '../engine/index.ts'
import { EventQueue } from './event-queue.ts'
import type { FramePort } from './ports.ts'

/** More edits than anybody makes between two crashes. */
const REVISIONS_PER_GENERATION = 1_000_000_000

export class OpenProject {
  readonly id: SessionId
  readonly session: ProjectSession
  readonly mips: MipCache
  readonly candidates: CandidateStore
  readonly colour: DocumentColour
  /** The windows that use it. */
  readonly callers = new Set<FramePort>()
  /** Aborted at close: ends jobs and streams. */
  readonly #ended = new AbortController()
  /** How many hosts it had before this one. */
  readonly generation: number
  readonly #base: number
  readonly #previews: Previews
  #closing: Promise<void> | undefined

  constructor(session: ProjectSession, id: SessionId = session.id, generation = 0) {
    this.id = id
    this.session = session
    this.mips = new MipCache(session.tiles)
    this.candidates = new CandidateStore(session)
    this.colour = new DocumentColour(session)
    this.generation = generation
    this.#base = generation * REVISIONS_PER_GENERATION
    this.#previews = new Previews(session, this.mips)
  }

  get revision(): number {
    return this.#base + this.session.revision
  }

  /** Fires when the project is closed. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  state(): ProjectState {
    const { name, draft, readOnly, notices, document, history, view } = this.session
    return {
      session: this.id,
      name,
      draft,
      readOnly,
      notices,
      revision: this.revision,
      document,
      history,
      view,
    }
  }

  /** Events from now on, until the reader leaves or the project is closed; the last one then is `closed`. */
  watch(signal: AbortSignal | undefined): EventQueue<ProjectEvent> {
    const stops: (() => void)[] = []
    const events = new EventQueue<ProjectEvent>(signal, () => {
      for (const stop of stops) stop()
    })
    stops.push(
      this.session.watch((event) => {
        events.push('revision' in event ? { ...event, revision: this.#base + event.revision } : event)
      }),
    )
    const closed = (): void => {
      events.push({ type: 'closed', session: this.id })
      events.close()
    }
    this.ended.addEventListener('abort', closed, { once: true })
    stops.push(() => this.ended.removeEventListener('abort', closed))
    return events
  }

  /** Ends jobs and streams, waits for the edit at work, makes the last previews and closes the file. */
  close(): Promise<void> {
    this.#closing ??= inSequence(this.session, async () => {
      this.#ended.abort()
      await this.#previews.finish()
      await this.colour.close()
      this.session.close()
    })
    return this.#closing
  }
}
