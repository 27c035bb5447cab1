/**
 * Who hears of what happens to a project.
 *
 * Invariant: every watcher hears every event, in order, while the change is the latest one. A watcher that throws is a bug
 * of its own: it is reported, and must not make an edit look failed that is in the file.
 */
import type { ProjectEvent } from '../../../shared/history.ts'

export type Watcher = (event: ProjectEvent) => void

export class Watchers {
  readonly #watchers = new Set<Watcher>()

  /** @returns what ends the watching. */
  add(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
    }
  }

  tell(event: ProjectEvent): void {
    for (const watcher of [...this.#watchers])
      try {
        watcher(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
  }

  clear(): void {
    this.#watchers.clear()
  }
}
