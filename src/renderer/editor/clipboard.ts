/**
 * Copy, cut and paste, through the system's clipboard as PNG.
 *
 * Invariant: what was copied here and is still on the system's clipboard is pasted byte for byte from our own PNG and at
 * the place it came from; browsers re-encode pictures on the clipboard, so that is recognised by looking at both. What
 * other programs put there is pasted into the middle. Without a system clipboard, copies stay inside the window.
 */
import type { ActionContext } from './action-context.ts'
import { activeLayer, perform, say, writable } from './action-context.ts'
import { placeFile } from './files.ts'

interface OwnCopy {
  readonly png: Blob
  readonly x: number
  readonly y: number
  readonly look: Look
  /** The system would not take it, so it is the only copy there is. */
  readonly only: boolean
}

/** A picture at a glance: its size, and 16x16 averages. */
interface Look {
  readonly width: number
  readonly height: number
  readonly sketch: Uint8ClampedArray
}

let own: OwnCopy | null = null

/** Copies the selected part of the active layer, or of the whole picture. */
export async function copy(ctx: ActionContext, what: 'layer' | 'merged'): Promise<void> {
  const { document, project } = ctx.editor
  const layer = activeLayer(ctx)
  if (!document || (what === 'layer' && !layer)) return
  const source = what === 'layer' && layer ? { layer: layer.id } : ('merged' as const)
  const { png, x, y } = await project.copy({ session: document.session, source })
  const blob = new Blob([await png.arrayBuffer()], { type: 'image/png' })
  own = { png: blob, x, y, look: await lookAt(blob), only: !(await write(blob)) }
  if (own.only) say(ctx, 'Copied inside Inlay; the system’s clipboard could not be reached.')
}

export async function cut(ctx: ActionContext): Promise<void> {
  const layer = activeLayer(ctx)
  if (!layer || layer.locked || !writable(ctx)) return
  await copy(ctx, 'layer')
  await perform(ctx, { kind: 'clear', layer: layer.id })
}

/** Paste from a menu or the palette: reads the clipboard itself, which the browser may ask the person about. */
export async function paste(ctx: ActionContext): Promise<void> {
  if (!writable(ctx)) return
  const found = await read()
  if (found === 'denied' && !own)
    return say(ctx, 'The clipboard could not be read; press the paste keys instead.')
  await pastePicture(ctx, found === 'denied' ? null : found)
}

/** Paste by the keys: the browser hands the clipboard over with the event. @returns whether there was a picture. */
export async function pasteFrom(ctx: ActionContext, files: readonly File[]): Promise<boolean> {
  const file = files.find((each) => each.type.startsWith('image/'))
  if (!writable(ctx) || (!file && !own?.only)) return false
  await pastePicture(ctx, file ?? null)
  return true
}

async function pastePicture(ctx: ActionContext, found: Blob | null): Promise<void> {
  const look = found && own ? await lookAt(found) : null
  const mine = own && (found === null ? own.only : look !== null && alike(own.look, look)) ? own : null
  const picture = mine?.png ?? found
  if (!picture) return say(ctx, 'There is no picture on the clipboard.')
  const named = found instanceof File && found.name !== 'image.png' ? found.name : 'Pasted.png'
  const centre = mine && {
    x: mine.x + Math.floor(mine.look.width / 2),
    y: mine.y + Math.floor(mine.look.height / 2),
  }
  await placeFile(ctx, await ctx.page.upload(picture, named), centre)
}

async function write(png: Blob): Promise<boolean> {
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })])
    return true
  } catch {
    return false
  }
}

async function read(): Promise<Blob | null | 'denied'> {
  try {
    for (const item of await navigator.clipboard.read()) {
      const type = item.types.find((each) => each.startsWith('image/'))
      if (type) return await item.getType(type)
    }
    return null
  } catch {
    return 'denied'
  }
}

async function lookAt(blob: Blob): Promise<Look> {
  const bitmap = await createImageBitmap(blob)
  const { width, height } = bitmap
  const context = new OffscreenCanvas(16, 16).getContext('2d', { willReadFrequently: true })
  if (!context) throw new Error('This browser gives no 2D canvas.')
  context.drawImage(bitmap, 0, 0, 16, 16)
  bitmap.close()
  return { width, height, sketch: context.getImageData(0, 0, 16, 16).data }
}

/** Re-encoding may change a level or two, most where a pixel is nearly transparent. */
function alike(a: Look, b: Look): boolean {
  if (a.width !== b.width || a.height !== b.height) return false
  let difference = 0
  for (let i = 0; i < a.sketch.length; i += 4) {
    const alpha = Math.abs(a.sketch[i + 3]! - b.sketch[i + 3]!)
    const weight = a.sketch[i + 3]! / 255
    for (let c = 0; c < 3; c++) difference += Math.abs(a.sketch[i + c]! - b.sketch[i + c]!) * weight
    difference += alpha
  }
  return difference / a.sketch.length < 1
}
