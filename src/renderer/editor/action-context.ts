/**
 * What an action is handed, and the questions and helpers that all actions share.
 *
 * Invariant: an action reads and changes the editor through its context only, so that it can be run from a menu, a key,
 * the palette or a test alike. Whatever goes wrong in one ends as a notice: nothing is thrown past `attempt`.
 */

import type { Document, Layer } from '../../shared/document/model.ts'
import { subtreeOf } from '../../shared/document/model.ts'
import { toWireError } from '../../shared/errors.ts'
import type { FileToken, LayerId } from '../../shared/ids.ts'
import type { Intent } from '../../shared/intents.ts'
import type { ProjectState } from '../../shared/rpc/contract.ts'
import { type BuildEdit, type DocumentClient, newId } from './document-client.ts'
import type { Editor } from './editor.ts'
import { notify } from './editor-state.ts'
import type { Edit } from './layer-edits.ts'

export interface PickedFile {
  readonly file: FileToken
  readonly name: string
}

/** What the page around the editor does: files in and out, and which project is shown. */
export interface PageServices {
  readonly host: 'electron' | 'loopback'
  readonly version: string
  readonly mac: boolean
  /** The shell has file dialogs of its own. */
  readonly dialogs: boolean
  /** A folder was given at launch, whose files can be opened without an upload. */
  readonly folder: boolean
  /** Shows another project in place of the open one, which is closed. `what` is its name until it is open. */
  show(what: string, open: () => Promise<ProjectState>): Promise<void>
  /** Closes the open project. */
  leave(): Promise<void>
  /** Lets the person choose a file of this computer; null when they changed their mind. */
  pickFile(): Promise<PickedFile | null>
  upload(file: Blob, name: string): Promise<PickedFile>
  /** A dropped model's file or folder, where it lies; null where nobody can know. */
  modelFile(file: File): Promise<PickedFile | null>
  /** Hands a finished file to the person's downloads. */
  download(url: string, name: string): void
}

export interface ActionContext {
  readonly editor: Editor
  readonly page: PageServices
}

export function documentOf(ctx: ActionContext): Document | null {
  return ctx.editor.document?.state.document ?? null
}

/** The open project when it may be edited. */
export function writable(ctx: ActionContext): DocumentClient | null {
  const client = ctx.editor.document
  return client && !client.state.readOnly ? client : null
}

export function activeLayer(ctx: ActionContext): Layer | null {
  const id = ctx.editor.store.getState().activeLayer
  return (id !== null && documentOf(ctx)?.layers[id]) || null
}

/** The active layer when its pixels, mask or place may be changed. */
export function unlockedLayer(ctx: ActionContext): Layer | null {
  const layer = activeLayer(ctx)
  return layer && !layer.locked && writable(ctx) ? layer : null
}

export function hasSelection(ctx: ActionContext): boolean {
  return documentOf(ctx)?.selection != null
}

/** Does the work; an error becomes a notice, a cancellation is silent. @returns whether it was done. */
export async function attempt(ctx: ActionContext, work: () => unknown): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    report(ctx, error)
    return false
  }
}

export function report(ctx: ActionContext, error: unknown): void {
  if (error instanceof DOMException && error.name === 'AbortError') return
  const { code, message } = toWireError(error)
  if (code === 'cancelled') return
  if (code === 'internal') console.error(error)
  notify(ctx.editor.store, { id: newId(), kind: 'error', text: message })
}

export function say(ctx: ActionContext, text: string): void {
  notify(ctx.editor.store, { id: newId(), kind: 'info', text })
}

/**
 * Sends a structure edit and makes active what it suggests; a null edit does nothing. Two quick presses of a key are two
 * edits, the second made on what the first has left.
 * @returns whether there was something to do
 */
export async function edit(ctx: ActionContext, build: BuildEdit<Edit>): Promise<boolean> {
  const made = await writable(ctx)?.edit('layer', build, ({ active }) => {
    if (active) ctx.editor.store.setState({ activeLayer: active, plane: 'pixels' })
  })
  return made != null
}

/** Asks for pixels, and makes active the layer that came of it, if one did. */
export async function perform(ctx: ActionContext, intent: Intent): Promise<void> {
  await writable(ctx)?.perform(intent, (before, after) => {
    const made = addedLayer(before, after)
    if (made) ctx.editor.store.setState({ activeLayer: made, plane: 'pixels' })
  })
}

/** The layer an edit has added: of several, the one that holds the others. */
export function addedLayer(before: Document, after: Document): LayerId | null {
  const added = (Object.keys(after.layers) as LayerId[]).filter((id) => !before.layers[id])
  const size = (id: LayerId) => subtreeOf(after, id).length
  return added.reduce<LayerId | null>((best, id) => (best && size(best) >= size(id) ? best : id), null)
}
