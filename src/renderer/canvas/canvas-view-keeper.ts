/**
 * Keeps the view of an open project: restores it, saves it when it has come to rest.
 *
 * Invariant: a view that was never changed by hand is saved as "fit", so that it fits the next window too.
 */
import type { ViewState } from '../../shared/history.ts'
import type { LayerId } from '../../shared/ids.ts'
import type { DocumentClient } from '../editor/document-client.ts'
import type { Editor } from '../editor/editor.ts'
import type { View } from './canvas-view.ts'

/** A view that has not changed for this long, in milliseconds, is saved. */
const REST = 300

export function savedViewOf({ savedView: { zoom, centre } }: DocumentClient): View | null {
  return zoom !== null && centre !== null ? { zoom, centre } : null
}

/** Chooses the layer that was active when the project was left, else the topmost, unless one is chosen already. */
export function restoreActiveLayer({ store }: Editor, client: DocumentClient): void {
  const { layers, root } = client.state.document
  const { activeLayer } = store.getState()
  if (activeLayer !== null && layers[activeLayer]) return
  const saved = client.savedView.activeLayer as LayerId | null
  store.setState({ activeLayer: saved !== null && layers[saved] ? saved : (root.at(-1) ?? null) })
}

export class ViewKeeper {
  readonly #editor: Editor
  readonly #client: DocumentClient
  #timer: ReturnType<typeof setTimeout> | undefined
  #pending: ViewState | null = null

  constructor(editor: Editor, client: DocumentClient) {
    this.#editor = editor
    this.#client = client
  }

  /** `view` is null while the picture is fitted to the window. */
  keep(view: View | null): void {
    const { activeLayer } = this.#editor.store.getState()
    this.#pending = { zoom: view?.zoom ?? null, centre: view?.centre ?? null, activeLayer }
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.flush(), REST)
  }

  /** Saves now what waits to be saved. */
  flush(): void {
    clearTimeout(this.#timer)
    const view = this.#pending
    this.#pending = null
    if (!view) return
    // Where somebody looked is not worth a message when it cannot be kept.
    this.#editor.project.setView({ session: this.#client.session, view }).catch(() => undefined)
  }
}
