/**
 * The models as the window knows them: the list, what is being done to it, and the one download in hand.
 *
 * Invariant: at most one download is in hand: idle → asking → planned → working → idle. It goes on while the panel is closed;
 * cancelling closes the stream, and what has arrived is kept by the host. What goes wrong is `error`, shown in the panel and
 * cleared by the next thing that is done.
 */
import { createStore, type StoreApi } from 'zustand/vanilla'
import { InlayError, toWireError } from '../../shared/errors.ts'
import {
  type DownloadPlan,
  type HubRequest,
  licenceName,
  type UnfinishedDownload,
} from '../../shared/model-download.ts'
import type { InstalledModel, ModelSummary } from '../../shared/model-manifest.ts'
import type { HubSettings } from '../../shared/rpc/contract.ts'
import { type ActionContext, type PickedFile, say } from './action-context.ts'
import { newId } from './document-client.ts'
import { notify } from './editor-state.ts'

export type DownloadState =
  | { readonly phase: 'idle' }
  | { readonly phase: 'asking'; readonly repo: string; readonly abort: AbortController }
  | { readonly phase: 'planned'; readonly plan: DownloadPlan }
  | {
      readonly phase: 'working'
      readonly plan: DownloadPlan
      readonly bytes: number
      readonly secondsLeft: number | null
      readonly abort: AbortController
    }

export type ModelsTab = 'installed' | 'hub'

export interface ModelsState {
  readonly tab: ModelsTab
  /** null until it is known. */
  readonly list: readonly InstalledModel[] | null
  /** What is being done, as a sentence; null when nothing is. */
  readonly busy: string | null
  readonly error: string | null
  /** What checking a model's files found; null while they are being read. */
  readonly checks: Readonly<Record<string, readonly string[] | null>>
  readonly settings: HubSettings | null
  readonly unfinished: readonly UnfinishedDownload[]
  readonly download: DownloadState
}
export type PredictionType = NonNullable<ModelSummary['predictionType']>
export type ModelsStore = StoreApi<ModelsState>

const IDLE = { phase: 'idle' } as const

export function createModelsStore(): ModelsStore {
  return createStore<ModelsState>(() => ({
    tab: 'installed',
    list: null,
    busy: null,
    error: null,
    checks: {},
    settings: null,
    unfinished: [],
    download: IDLE,
  }))
}

/** Shows the panel with what is true now. */
export async function openModels(ctx: ActionContext): Promise<void> {
  const { store, modelsStore } = ctx.editor
  // A download in hand is what one comes back to look at.
  if (modelsStore.getState().download.phase !== 'idle') modelsStore.setState({ tab: 'hub' })
  store.setState({ dialog: 'models' })
  await trying(ctx, () => refresh(ctx))
}

async function refresh({ editor: { models, modelsStore } }: ActionContext): Promise<void> {
  const [list, settings, unfinished] = await Promise.all([
    models.list(),
    models.settings(),
    models.unfinished(),
  ])
  modelsStore.setState({ list, settings, unfinished })
}

/** Puts a model on the list that the person chose in the shell's dialog. */
export function chooseModel(ctx: ActionContext, kind: 'file' | 'folder'): Promise<boolean> {
  return trying(ctx, async () => {
    const chosen = await ctx.editor.shell.chooseModel({ kind })
    if (chosen) await importModel(ctx, chosen.file, chosen.name)
  })
}

/** A model from the folder that Inlay was started with. */
export function importFound(ctx: ActionContext, { file, name }: PickedFile): Promise<boolean> {
  return trying(ctx, () => importModel(ctx, file, name))
}

/** The same by a path that was typed, where there is no dialog. */
export function importPath(ctx: ActionContext, path: string): Promise<boolean> {
  return trying(ctx, async () => {
    const { file, name } = await ctx.editor.shell.modelAt({ path })
    await importModel(ctx, file, name)
  })
}

/** Dropped files and folders, each where it lies. */
export function dropModels(ctx: ActionContext, files: readonly File[]): Promise<boolean> {
  ctx.editor.modelsStore.setState({ tab: 'installed' })
  ctx.editor.store.setState({ dialog: 'models' })
  return trying(ctx, async () => {
    await refresh(ctx)
    for (const file of files) {
      const place = await ctx.page.modelFile(file)
      if (!place)
        throw new InlayError(
          'file.denied',
          `A browser does not say where "${file.name}" lies, and models are too large to copy. Paste its path below.`,
        )
      await importModel(ctx, place.file, place.name)
    }
  })
}

export function showTab({ editor: { modelsStore } }: ActionContext, tab: ModelsTab): void {
  modelsStore.setState({ tab, error: null })
}

/** Whether a dropped file is meant for the list of models: weights, and also what Inlay refuses with advice. */
export function isModelName(name: string): boolean {
  return /\.(safetensors|onnx|ckpt|pt|pth|bin)$/i.test(name)
}

async function importModel(
  { editor: { models, modelsStore } }: ActionContext,
  file: Parameters<typeof models.import>[0]['file'],
  name: string,
): Promise<void> {
  modelsStore.setState({ busy: `Reading ${name}` })
  try {
    await models.import({ file })
    modelsStore.setState({ list: await models.list(), checks: {} })
  } finally {
    modelsStore.setState({ busy: null })
  }
}

/** States what a model's denoiser predicts, where its files do not say it or say it wrongly. */
export function statePrediction(
  ctx: ActionContext,
  name: string,
  predictionType: PredictionType,
): Promise<boolean> {
  const { models, modelsStore } = ctx.editor
  return trying(ctx, async () => {
    await models.state({ name, predictionType })
    modelsStore.setState({ list: await models.list() })
  })
}

/** Reads a model's files and compares them with what they were. */
export async function checkModel(ctx: ActionContext, name: string): Promise<void> {
  const { models, modelsStore } = ctx.editor
  const set = (found: readonly string[] | null) =>
    modelsStore.setState(({ checks }) => ({ checks: { ...checks, [name]: found } }))
  set(null)
  const done = await trying(ctx, async () => set(await models.verify({ name })))
  if (!done) modelsStore.setState(({ checks: { [name]: _, ...checks } }) => ({ checks }))
}

export function removeModel(ctx: ActionContext, name: string): Promise<boolean> {
  const { models, modelsStore } = ctx.editor
  return trying(ctx, async () => {
    await models.remove({ name })
    modelsStore.setState({ list: await models.list() })
  })
}

/** Asks the hub what a model consists of. */
export async function lookUp(ctx: ActionContext, request: HubRequest): Promise<void> {
  const { models, modelsStore } = ctx.editor
  if (modelsStore.getState().download.phase === 'working') return
  cancelDownload(ctx)
  const abort = new AbortController()
  modelsStore.setState({ download: { phase: 'asking', repo: request.repo, abort } })
  await trying(ctx, async () => {
    const plan = await models.plan(request, { signal: abort.signal })
    if (isMine(modelsStore, abort)) modelsStore.setState({ download: { phase: 'planned', plan } })
  })
  if (isMine(modelsStore, abort)) modelsStore.setState({ download: IDLE })
}

/** Fetches what is planned; the person has seen its bytes and accepted its licence. */
export async function startDownload(ctx: ActionContext): Promise<void> {
  const { models, modelsStore } = ctx.editor
  const { download } = modelsStore.getState()
  if (download.phase !== 'planned') return
  const { plan } = download
  const abort = new AbortController()
  const working = (bytes: number, secondsLeft: number | null) =>
    modelsStore.setState({ download: { phase: 'working', plan, bytes, secondsLeft, abort } })
  working(plan.have, null)
  const done = await trying(ctx, async () => {
    const agreed = { request: plan.request, bytes: plan.bytes, licence: licenceName(plan.licence) }
    for await (const event of await models.get(agreed, { signal: abort.signal })) {
      if (!isMine(modelsStore, abort)) return
      if (event.type === 'progress') working(event.bytes, event.secondsLeft)
      else say(ctx, `${event.model.name} is here and on the list of models.`)
    }
  })
  if (isMine(modelsStore, abort)) modelsStore.setState({ download: IDLE })
  const { error } = modelsStore.getState()
  // While the dialog is closed nobody would see it there.
  if (!done && error !== null && ctx.editor.store.getState().dialog !== 'models')
    notify(ctx.editor.store, { id: newId(), kind: 'error', text: error })
  // Also after a failure: what has arrived is listed as unfinished. A host that is gone has said so already.
  await refresh(ctx).catch(() => {})
}

/** Ends what is asked or fetched; the plan goes too. */
export function cancelDownload({ editor: { modelsStore } }: ActionContext): void {
  const { download } = modelsStore.getState()
  modelsStore.setState({ download: IDLE })
  if (download.phase === 'asking' || download.phase === 'working') download.abort.abort()
}

export function discardDownload(ctx: ActionContext, key: string): Promise<boolean> {
  const { models, modelsStore } = ctx.editor
  return trying(ctx, async () => {
    await models.discard({ key })
    modelsStore.setState({ unfinished: await models.unfinished() })
  })
}

export function saveHubSettings(
  ctx: ActionContext,
  change: { readonly offline?: boolean; readonly token?: string | null },
): Promise<boolean> {
  const { models, modelsStore } = ctx.editor
  return trying(ctx, async () => {
    modelsStore.setState({ settings: await models.saveSettings(change) })
  })
}

function isMine(store: ModelsStore, abort: AbortController): boolean {
  const { download } = store.getState()
  return (download.phase === 'asking' || download.phase === 'working') && download.abort === abort
}

/** @returns whether it was done */
async function trying(
  { editor: { modelsStore } }: ActionContext,
  work: () => Promise<unknown>,
): Promise<boolean> {
  modelsStore.setState({ error: null })
  try {
    await work()
    return true
  } catch (error) {
    const { code, message } = toWireError(error)
    if (code === 'internal') console.error(error)
    if (code !== 'cancelled') modelsStore.setState({ error: message })
    return false
  }
}
