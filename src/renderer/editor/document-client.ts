/**
 * The window's copy of one open project, kept in step with the project host.
 *
 * Invariant: `document` is always the host's document at `revision`; it changes only by applying what the host sends (the
 * same pure `apply`), or by reading the whole state again after a missed event. Nothing here guesses ahead: what a gesture
 * would do, and what it did until the host confirms it, is shown through `preview` and never mixed into `document`. Edits
 * wait for each other, and each is made of the document that the one before has left.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import { apply, invert } from '../../shared/document/apply.ts'
import type { Change } from '../../shared/document/commands.ts'
import type { Document } from '../../shared/document/model.ts'
import type { History, ProjectEvent, ViewState } from '../../shared/history.ts'
import type { CommandId, SessionId } from '../../shared/ids.ts'
import { CommandId as CommandIdSchema } from '../../shared/ids.ts'
import type { Intent } from '../../shared/intents.ts'
import type { ProjectState } from '../../shared/rpc/contract.ts'
import type { ProjectClient } from '../transport/clients.ts'

export interface DocumentState {
  readonly name: string
  readonly draft: boolean
  readonly readOnly: boolean
  readonly notices: readonly string[]
  readonly revision: number
  readonly document: Document
  readonly history: History
  /** History entries whose thumbnail has been made, with a number that grows when one is made anew. */
  readonly thumbnails: ReadonlyMap<CommandId, number>
  /** What the picture would be if the gesture in hand ended now (an opacity drag, a move), gestures that the host has yet to
   * confirm included; null where there are none. */
  readonly preview: Document | null
  /** The host went away; the window tries to come back. */
  readonly lost: boolean
}

/** What to show: the preview while there is one. */
export function shownDocument(state: DocumentState): Document {
  return state.preview ?? state.document
}

/** An edit of the document it is given; null when it makes no sense there. */
export type BuildEdit<E extends NamedChanges = NamedChanges> = (document: Document) => E | null

export interface NamedChanges {
  /** What the history says. */
  readonly label: string
  readonly changes: readonly Change[]
}

export class DocumentClient {
  readonly session: SessionId
  readonly store: StoreApi<DocumentState>
  /** The view as it was saved when the project was opened. */
  readonly savedView: ViewState
  /** Ends when the last edit that was asked for is shown, or has failed. */
  #last: Promise<unknown> = Promise.resolve()
  #gesture: BuildEdit | null = null
  /** Gestures that have ended and are not yet part of `document`, oldest first. */
  readonly #unconfirmed = new Map<CommandId, BuildEdit>()
  readonly #project: ProjectClient
  readonly #watch = new AbortController()

  constructor(project: ProjectClient, state: ProjectState) {
    this.#project = project
    this.session = state.session
    this.savedView = state.view
    this.store = createStore<DocumentState>(() => ({
      name: state.name,
      draft: state.draft,
      readOnly: state.readOnly,
      notices: state.notices,
      revision: state.revision,
      document: state.document,
      history: state.history,
      thumbnails: new Map(),
      preview: null,
      lost: false,
    }))
    void this.#follow()
  }

  get state(): DocumentState {
    return this.store.getState()
  }

  /**
   * Sends a structure edit, made when its turn comes; resolves when this copy shows it. It ends the gesture that was
   * previewed, which stays to be seen until then.
   * @param shown called with the edit when this copy shows it, before the next edit is made
   * @returns the edit; null when there was nothing to do
   */
  async edit<E extends NamedChanges>(
    origin: string,
    build: BuildEdit<E>,
    shown?: (made: E) => void,
  ): Promise<E | null> {
    const id = CommandIdSchema.parse(newId())
    if (this.#gesture) this.#unconfirmed.set(id, build)
    this.preview(null)
    try {
      return await this.#inOrder(async () => {
        const made = build(this.state.document)
        if (!made || made.changes.length === 0) return null
        const { label, changes } = made
        const command = { id, label, origin, changes: [...changes] }
        const { revision } = await this.#project.dispatch({ session: this.session, command })
        await this.#reached(revision)
        shown?.(made)
        return made
      })
    } finally {
      this.#unconfirmed.delete(id)
      this.#showPreview()
    }
  }

  /**
   * Asks the engine for pixels; resolves when this copy shows the result.
   * @param shown called with the documents around it when this copy shows it, before the next edit is made
   * @returns null when nothing changed
   */
  async perform(
    intent: Intent,
    shown?: (before: Document, after: Document) => void,
  ): Promise<CommandId | null> {
    const { command } = await this.#take(
      () => this.#project.perform({ session: this.session, intent }),
      shown,
    )
    return command
  }

  async undo(): Promise<void> {
    await this.#take(() => this.#project.undo({ session: this.session }))
  }

  async redo(): Promise<void> {
    await this.#take(() => this.#project.redo({ session: this.session }))
  }

  async jump(to: CommandId): Promise<void> {
    await this.#take(() => this.#project.jump({ session: this.session, to }))
  }

  /** Shows what a gesture would do, without telling the host; null takes it away. */
  preview(gesture: BuildEdit | null): void {
    this.#gesture = gesture
    this.#showPreview()
  }

  /** Stops following; the project stays open in the host until `project.close`. */
  dispose(): void {
    this.#watch.abort()
  }

  #take<T extends { readonly revision: number }>(
    send: () => Promise<T>,
    shown?: (before: Document, after: Document) => void,
  ): Promise<T> {
    return this.#inOrder(async () => {
      const before = this.state.document
      const answer = await send()
      await this.#reached(answer.revision)
      shown?.(before, this.state.document)
      return answer
    })
  }

  /** One edit after the other: an undo given right after a quick stroke takes back that stroke, not the one before. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => undefined)
    return done
  }

  #showPreview(): void {
    const preview = this.#previewOf(this.state.document)
    if (preview !== this.state.preview) this.store.setState({ preview })
  }

  #previewOf(document: Document): Document | null {
    const builds = [...this.#unconfirmed.values(), ...(this.#gesture ? [this.#gesture] : [])]
    const shown = builds.reduce((before, build) => {
      const edit = build(before)
      return edit ? apply(before, edit) : before
    }, document)
    return shown === document ? null : shown
  }

  async #follow(): Promise<void> {
    const { signal } = this.#watch
    while (!signal.aborted) {
      try {
        const events = await this.#project.watch({ session: this.session }, { signal })
        await this.#reload()
        this.store.setState({ lost: false })
        for await (const event of events) this.#receive(event)
      } catch {
        if (signal.aborted) return
        this.store.setState({ lost: true })
        await new Promise((resolve) => setTimeout(resolve, 500))
      }
    }
  }

  #receive(event: ProjectEvent): void {
    switch (event.type) {
      case 'committed':
        return this.#step(event.revision, (state) => ({
          document: apply(state.document, event.command),
          history: {
            entries: [...state.history.entries, event.entry],
            head: event.entry.id,
            redo: event.redo,
          },
        }))
      case 'moved':
        return this.#step(event.revision, (state) => ({
          document: event.steps.reduce(
            (document, step) =>
              apply(document, step.direction === 'redo' ? step.command : invert(step.command)),
            state.document,
          ),
          history: { ...state.history, head: event.head, redo: event.redo },
        }))
      case 'thumbnail': {
        const thumbnails = new Map(this.state.thumbnails)
        thumbnails.set(event.command, (thumbnails.get(event.command) ?? 0) + 1)
        return this.store.setState({ thumbnails })
      }
      case 'renamed':
        return this.store.setState({ name: event.name, draft: event.draft })
      case 'reset':
        void this.#reload()
        return
      case 'closed':
        return this.dispose()
    }
  }

  /** Takes one step forward, or reads everything again when a step was missed. */
  #step(revision: number, next: (state: DocumentState) => Pick<DocumentState, 'document' | 'history'>): void {
    const state = this.state
    if (revision <= state.revision) return
    if (revision !== state.revision + 1) {
      void this.#reload()
      return
    }
    this.#show({ ...next(state), revision })
  }

  #show(state: Pick<DocumentState, 'document' | 'history' | 'revision'> & Partial<DocumentState>): void {
    for (const { id } of state.history.entries) this.#unconfirmed.delete(id)
    this.store.setState({ ...state, preview: this.#previewOf(state.document) })
  }

  async #reload(): Promise<void> {
    const { name, draft, readOnly, notices, revision, document, history } = await this.#project.state({
      session: this.session,
    })
    if (revision < this.state.revision) return
    this.#show({ name, draft, readOnly, notices, revision, document, history })
  }

  /** Resolves when this copy has caught up with the host, or has lost it. */
  #reached(revision: number): Promise<void> {
    const there = (state: DocumentState) => state.revision >= revision || state.lost
    if (there(this.state)) return Promise.resolve()
    return new Promise((resolve) => {
      const stop = this.store.subscribe((state) => {
        if (!there(state)) return
        stop()
        resolve()
      })
    })
  }
}

/** A random id of 21 URL-safe characters (126 bits). */
export function newId(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return Array.from(crypto.getRandomValues(new Uint8Array(21)), (byte) => alphabet[byte & 63]).join('')
}
