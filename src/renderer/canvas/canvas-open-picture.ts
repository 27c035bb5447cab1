/** Opens the picture of a project on a canvas element, with its colours as the screen wants them. */
import type { DocumentClient } from '../editor/document-client.ts'
import type { Editor } from '../editor/editor.ts'
import type { Picture } from './canvas-picture.ts'
import { reportFailure } from './canvas-tool-context.ts'
import { PictureView } from './picture-view.ts'

/** @throws InlayError `internal` where the browser cannot draw pictures */
export function openPicture(
  canvas: HTMLCanvasElement,
  editor: Editor,
  client: DocumentClient,
  changed: () => void,
): Picture {
  const picture = new PictureView(canvas, editor, { changed })
  void loadDisplayColours(picture, editor, client)
  return picture
}

/** A document that is not sRGB is shown through a table; until it has come, the numbers are shown as they are. */
async function loadDisplayColours(
  picture: PictureView,
  editor: Editor,
  client: DocumentClient,
): Promise<void> {
  const profile = client.state.document.profile.hash
  if (profile === null) return
  try {
    const table = await editor.project.displayLut({ session: client.session, profile })
    if (table) picture.setLut(new Uint8Array(await table.arrayBuffer()))
  } catch (error) {
    reportFailure(editor, error)
  }
}
