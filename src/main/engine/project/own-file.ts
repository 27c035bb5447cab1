/**
 * Is the file we are about to write still ours?
 *
 * Invariant: nothing is written to a file that was moved or deleted (it would take the bytes, and its journal would stay
 * behind), nor to one that somebody else has written to since.
 */
import path from 'node:path'
import { InlayError } from '../../../shared/errors.ts'
import type { CommandLog } from './command-log.ts'
import { identityOf } from './open-files.ts'
import type { ProjectStore } from './project-store.ts'

export class OwnFile {
  readonly #store: ProjectStore
  #identity: string | null

  constructor(store: ProjectStore) {
    this.#store = store
    this.#identity = identityOf(store.path)
  }

  /** The store has been moved by ourselves. */
  moved(): void {
    this.#identity = identityOf(this.#store.path)
  }

  /** @throws InlayError `file.missing` when the path does not lead to the file any more. */
  refuseMoved(): void {
    if (identityOf(this.#store.path) !== this.#identity)
      throw new InlayError(
        'file.missing',
        `The file of ${this.#name} was moved or deleted while it was open. Save a copy elsewhere.`,
      )
  }

  /**
   * The lock keeps other Inlays out; this notices a program (or a network disk) that does not respect it. Called inside
   * the transaction. @throws InlayError `project.read-only`.
   */
  refuseForeignChange(log: CommandLog): void {
    if (!log.isCurrent())
      throw new InlayError(
        'project.read-only',
        `Another program has changed ${this.#name} while it was open here. Close it and open it again.`,
      )
  }

  get #name(): string {
    return `"${path.basename(this.#store.path)}"`
  }
}
