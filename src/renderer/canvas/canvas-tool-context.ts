/** What tools are handed: their `ToolContext`, tied to one open project and its canvas. */
import { toWireError } from '../../shared/errors.ts'
import { type DocumentClient, newId } from '../editor/document-client.ts'
import type { Editor } from '../editor/editor.ts'
import { notify } from '../editor/editor-state.ts'
import type { StrokeSink } from '../tools/stroke-sink.ts'
import type { ToolContext, ToolView } from '../tools/tool.ts'

export function createToolContext(
  editor: Editor,
  client: DocumentClient,
  parts: { readonly view: ToolView; readonly strokes: StrokeSink; redraw(): void },
): ToolContext {
  const { store, project } = editor

  async function attempt(work: Promise<unknown>): Promise<boolean> {
    try {
      await work
      return true
    } catch (error) {
      reportFailure(editor, error)
      return false
    }
  }

  return {
    store,
    ...parts,
    document: () => client.state.document,
    readOnly: () => client.state.readOnly,
    perform: (intent) => attempt(client.perform(intent)),
    edit: (origin, build) => attempt(client.edit(origin, build)),
    preview: (gesture) => client.preview(gesture),
    pick: (x, y, size) => project.pick({ session: client.session, x, y, size }),
    fetchTiles: (hashes, level) => editor.fetchTiles(hashes, level),
    say: (text, kind = 'info') => notify(store, { id: newId(), kind, text }),
  }
}

/** Tells the person what went wrong; a cancellation is silent. */
export function reportFailure({ store }: Editor, error: unknown): void {
  const { code, message } = toWireError(error)
  if (code === 'cancelled') return
  if (code === 'internal') console.error(error)
  notify(store, { id: newId(), kind: 'error', text: message })
}
