/**
 * Files in and out: opening, placing, saving, exporting, under both kinds of shell.
 *
 * Invariant: a file is a token everywhere; what is uploaded or chosen becomes one before anything is done with it. What
 * was written where the person cannot reach it is handed over as a download.
 */
import type { FileToken } from '../../shared/ids.ts'
import type { ExportOptions } from '../../shared/rpc/contract.ts'
import { type ActionContext, attempt, type PickedFile, perform, say, writable } from './action-context.ts'
import { dropModels, isModelName } from './models.ts'

const EXTENSION: Readonly<Record<ExportOptions['format'], string>> = {
  png: 'png',
  jpeg: 'jpg',
  webp: 'webp',
  tiff: 'tif',
  avif: 'avif',
}

/** What a file input offers. */
export const ACCEPT = '.inlay,.jpg,.jpeg,.png,.webp,.tif,.tiff,.avif,.gif'

export function exportName(name: string, format: ExportOptions['format']): string {
  return `${name}.${EXTENSION[format]}`
}

/** A name without its extension. */
export function stem(name: string): string {
  return name.replace(/\.[^.]{1,5}$/, '') || name
}

/** Asks for a file, by the shell's dialog, from the folder given at launch, or from this computer. */
export async function chooseAndOpen(ctx: ActionContext, purpose: 'open' | 'place'): Promise<void> {
  if (ctx.page.folder) {
    ctx.editor.store.setState({ dialog: 'open', opening: purpose })
    return
  }
  const chosen = ctx.page.dialogs ? await ctx.editor.shell.chooseFile() : await ctx.page.pickFile()
  if (chosen) await takeFile(ctx, chosen, purpose)
}

export async function takeFile(
  ctx: ActionContext,
  chosen: PickedFile,
  purpose: 'open' | 'place',
): Promise<void> {
  if (purpose === 'place') await placeFile(ctx, chosen)
  else await openFile(ctx, chosen)
}

export function openFile(ctx: ActionContext, { file, name }: PickedFile): Promise<void> {
  return ctx.page.show(name, () => ctx.editor.project.open({ file }))
}

export function openSample(ctx: ActionContext): Promise<void> {
  return ctx.page.show('the sample photograph', () => ctx.editor.project.openSample())
}

/** Puts a picture on a new layer above the active one; its middle at `centre`, or at the canvas's. */
export async function placeFile(
  ctx: ActionContext,
  { file, name }: PickedFile,
  centre: { x: number; y: number } | null = null,
): Promise<void> {
  await waiting(ctx, `Placing ${name}`, () =>
    perform(ctx, {
      kind: 'paste',
      file,
      name: stem(name).slice(0, 200),
      above: ctx.editor.store.getState().activeLayer,
      centre,
    }),
  )
}

/** Dropped on the window: models go on their list, the first other file is opened or placed, further pictures are placed. */
export async function dropFiles(
  ctx: ActionContext,
  files: readonly File[],
  folders: ReadonlySet<File> = new Set(),
): Promise<void> {
  const toModels = ctx.editor.store.getState().dialog === 'models'
  const models = files.filter((file) => toModels || folders.has(file) || isModelName(file.name))
  if (models.length > 0) {
    await dropModels(ctx, models)
    return
  }
  for (const [index, file] of files.entries()) {
    const isProject = file.name.toLowerCase().endsWith('.inlay')
    const place = !isProject && (index > 0 || writable(ctx) !== null)
    if (isProject && index > 0) continue
    await attempt(ctx, async () => {
      const chosen = await waiting(ctx, `Reading ${file.name}`, () => ctx.page.upload(file, file.name))
      await takeFile(ctx, chosen, place ? 'place' : 'open')
    })
  }
}

/** Save as, or save a copy: the shell's dialog asks for the place, or our own for the name. */
export async function save(ctx: ActionContext, how: 'save-as' | 'save-copy'): Promise<void> {
  if (ctx.page.dialogs) await saveUnder(ctx, how, `${ctx.editor.document?.state.name}.inlay`)
  else ctx.editor.store.setState({ dialog: 'save', saving: how })
}

export async function saveUnder(
  ctx: ActionContext,
  how: 'save-as' | 'save-copy',
  name: string,
): Promise<void> {
  const { document, project, shell } = ctx.editor
  if (!document) return
  const target = await shell.chooseTarget({ suggestedName: name, kind: 'project' })
  if (!target) return
  const { session } = document
  await waiting(ctx, `Saving ${target.name}`, async () => {
    if (how === 'save-as') await project.saveAs({ session, file: target.file })
    else await project.saveCopy({ session, file: target.file })
  })
  const downloaded = await deliver(ctx, target.file, target.name)
  if (how === 'save-copy') say(ctx, `A copy was saved as ${target.name}.`)
  else if (!downloaded) say(ctx, `Saved as ${target.name}.`)
  else say(ctx, `${target.name} is in your downloads; the draft here goes on and keeps itself.`)
}

/**
 * Writes the picture to a file of its own.
 * @param progress 0..1
 * @returns the bytes written, or null when the person chose no place
 */
export async function exportPicture(
  ctx: ActionContext,
  name: string,
  options: ExportOptions,
  progress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<{ readonly bytes: number; readonly name: string } | null> {
  const { document, project, shell } = ctx.editor
  if (!document) return null
  const target = await shell.chooseTarget({ suggestedName: name, kind: 'image' })
  if (!target) return null
  let bytes = 0
  const events = await project.export({ session: document.session, file: target.file, options }, { signal })
  for await (const event of events) {
    if (event.type === 'progress') progress(event.fraction)
    else bytes = event.bytes
  }
  await deliver(ctx, target.file, target.name)
  return { bytes, name: target.name }
}

/** @returns whether the file went to the downloads. */
async function deliver(ctx: ActionContext, file: FileToken, name: string): Promise<boolean> {
  const delivery = await ctx.editor.shell.delivery({ file })
  if (delivery) ctx.page.download(delivery.url, name)
  return delivery !== null
}

/** Says what the window waits for while the work lasts. */
export async function waiting<T>(ctx: ActionContext, what: string, work: () => Promise<T>): Promise<T> {
  ctx.editor.store.setState({ busy: what })
  try {
    return await work()
  } finally {
    ctx.editor.store.setState({ busy: null })
  }
}
